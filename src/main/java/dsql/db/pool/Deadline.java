package dsql.db.pool;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/// When an invocation's reply must be on its way. Everything that can wait draws on it. Safe for
/// concurrent use.
///
/// @param clock the clock it is read by
/// @param at the moment itself
public record Deadline(InstantSource clock, Instant at) {

  /// A deadline that much from now.
  public static Deadline in(Duration budget, InstantSource clock) {
    return new Deadline(clock, clock.instant().plus(budget));
  }

  /// The time left, zero when none is.
  public Duration remaining() {
    Duration left = Duration.between(clock.instant(), at);
    return left.isNegative() ? Duration.ZERO : left;
  }

  /// The time left, or less.
  public Duration atMost(Duration limit) {
    Duration left = remaining();
    return left.compareTo(limit) < 0 ? left : limit;
  }

  /// Whether it has passed.
  public boolean passed() {
    return !clock.instant().isBefore(at);
  }
}
