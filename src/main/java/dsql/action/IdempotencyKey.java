package dsql.action;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/// A caller's key for one insert: however often that insert is sent, its rows are written once.
public record IdempotencyKey(String text) {

  /// Limit on the key's bytes in UTF-8, well below the 1 KiB that a primary key in DSQL can hold.
  public static final int MAX_BYTES = 512;

  public IdempotencyKey {
    String refused = text;
    fault(text)
        .ifPresent(fault -> {
          throw new IllegalArgumentException(fault + ": " + Excerpt.of(refused, 2 * MAX_BYTES));
        });
  }

  /// The reason why the text cannot be a key; empty if it can.
  public static Optional<String> fault(String text) {
    if (text.isBlank()) {
      return Optional.of("an idempotency key must not be blank");
    }
    if (text.chars().anyMatch(c -> Character.isISOControl(c) || Character.isSurrogate((char) c))) {
      return Optional.of(
          "an idempotency key must not contain control characters, nor characters above U+FFFF"
              + " such as emoji");
    }
    if (text.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
      return Optional.of("an idempotency key has at most " + MAX_BYTES + " bytes");
    }
    return holdsPlaceholder(text)
        ? Optional.of(
            "an idempotency key must not hold a scheduler's placeholder: it was not replaced by a"
                + " value, so all events would share the key and only the first would write."
                + " EventBridge Scheduler replaces <aws.scheduler.scheduled-time> and the like only"
                + " in a schedule's own Input")
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
