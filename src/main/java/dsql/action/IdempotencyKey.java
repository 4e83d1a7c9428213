package dsql.action;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// A caller's name for one insert, under which it happens once.
public record IdempotencyKey(String text) {

  /// Bytes of UTF-8 at most: a key of DSQL holds 1 KiB.
  public static final int MAX_BYTES = 512;

  public IdempotencyKey {
    String refused = text;
    fault(text)
        .ifPresent(fault -> {
          throw new IllegalArgumentException(fault + ": " + refused);
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
    return Optional.empty();
  }
}
