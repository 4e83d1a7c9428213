package dsql.bench;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Checks of replies: what is wrong is not timed, it ends the benchmark.
final class Replies {

  private Replies() {}

  /// Refuses a reply that has not all of these.
  static Contestant.Check having(String... parts) {
    return reply -> {
      String text = new String(reply, StandardCharsets.UTF_8);
      for (String part : parts) {
        if (!text.contains(part)) {
          throw new WrongReply("no " + part + " in " + start(text));
        }
      }
    };
  }

  /// Refuses a reply that is not that one, byte for byte.
  static Contestant.Check exactly(byte[] expected) {
    return reply -> {
      if (!Arrays.equals(expected, reply)) {
        throw new WrongReply(
            start(new String(reply, StandardCharsets.UTF_8))
                + " is not "
                + start(new String(expected, StandardCharsets.UTF_8)));
      }
    };
  }

  private static String start(String text) {
    return text.substring(0, Math.min(500, text.length()));
  }

  /// A contestant did not do its work.
  static final class WrongReply extends RuntimeException {
    private static final long serialVersionUID = 1L;

    WrongReply(String message) {
      super(message);
    }
  }
}
