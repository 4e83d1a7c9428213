package dsql.db.pool;

import java.io.IOException;

/// The server sent more in answer to one call than the function is willing to hold in memory. The
/// connection is of no further use.
public final class AnswerTooLarge extends IOException {

  private static final long serialVersionUID = 1L;

  /// Bytes of an answer at most, TLS included: over twice a page of base64 that the server sends in
  /// hexadecimal, and little enough for a function of 256 MB.
  public static final long LIMIT = 16L << 20;

  AnswerTooLarge() {
    super("The answer has more than " + LIMIT + " bytes");
  }

  /// Whether this is behind a failure.
  public static boolean isCauseOf(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof AnswerTooLarge) {
        return true;
      }
    }
    return false;
  }
}
