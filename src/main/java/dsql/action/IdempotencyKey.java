package dsql.action;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/// A caller's name for one insert, under which it happens once.
public record IdempotencyKey(String text) {

  /// Bytes of UTF-8 at most: a key of DSQL holds 1 KiB.
  public static final int MAX_BYTES = 512;

  public IdempotencyKey {
    String refused = text;
    fault(text)
        .ifPresent(fault -> {
          throw new IllegalArgumentException(fault + ": " + Excerpt.of(refused, 2 * MAX_BYTES));
        });
  }

  /// What is wrong with the key, if anything.
  public static Optional<String> fault(String text) {
    if (text.isBlank()) {
      return Optional.of("an idempotency key must not be blank");
    }
    if (text.chars().anyMatch(c -> Character.isISOControl(c) || Character.isSurrogate((char) c))) {
      return Optional.of("an idempotency key holds no control characters and no surrogates");
    }
    if (text.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
      return Optional.of("an idempotency key has at most " + MAX_BYTES + " bytes");
    }
    return holdsPlaceholder(text)
        ? Optional.of(
            "an idempotency key must not hold a scheduler's placeholder: nobody has put a value in"
                + " its place, so that all events would share the key and only the first would"
                + " write. EventBridge Scheduler fills in <aws.scheduler.scheduled-time> and the"
                + " like where they stand in a schedule's own Input")
        : Optional.empty();
  }

  /// Whether it holds something like `<aws.scheduler.scheduled-time>`, or a rule's
  /// `<aws.events.…>`.
  private static boolean holdsPlaceholder(String text) {
    if (text.indexOf('<') < 0) {
      return false;
    }
    String folded = text.toLowerCase(Locale.ROOT);
    return folded.contains("<aws.scheduler.") || folded.contains("<aws.events.");
  }
}
