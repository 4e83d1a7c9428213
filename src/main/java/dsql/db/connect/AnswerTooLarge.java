package dsql.db.connect;

import java.io.IOException;

/// The server's answer to one call is larger than the function may hold in memory. The connection
/// cannot be used any more.
public final class AnswerTooLarge extends IOException {

  private static final long serialVersionUID = 1L;

  /// Limit on an answer's bytes, TLS included: more than twice a page of base64 that the server
  /// sends in hexadecimal, yet little enough for a function of 256 MB.
  public static final long LIMIT = 16L << 20;

  AnswerTooLarge() {
    super("The answer has more than " + LIMIT + " bytes");
  }

  /// Whether such an answer caused the failure.
  public static boolean isCauseOf(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof AnswerTooLarge) {
        return true;
      }
    }
    return false;
  }
}
