package dsql.db.retry;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// How often a transaction is run and how long it waits in between.
///
/// @param maxAttempts attempts at most, the first among them
/// @param base the shortest pause
/// @param cap the longest pause
public record RetryPolicy(int maxAttempts, Duration base, Duration cap) {

  public RetryPolicy {
    if (maxAttempts < 1) {
      throw new IllegalArgumentException("there is at least one attempt: " + maxAttempts);
    }
    if (!base.isPositive() || cap.compareTo(base) < 0) {
      throw new IllegalArgumentException("a pause is from " + base + " to " + cap);
    }
  }

  /// A transaction's own length is some milliseconds, so pauses begin there.
  public static RetryPolicy of(int maxAttempts) {
    return new RetryPolicy(maxAttempts, Duration.ofMillis(10), Duration.ofSeconds(2));
  }

  /// The pause after another one: between the base and three times the last, so that those who
  /// collided spread out ("decorrelated jitter", see [Exponential Backoff And
  /// Jitter](https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/)).
  ///
  /// @param last the pause before; the base for the first one
  public Duration pauseAfter(Duration last, RandomGenerator random) {
    long least = base.toNanos();
    long most = Math.max(least + 1, 3 * Math.min(last.toNanos(), cap.toNanos()));
    return Duration.ofNanos(Math.min(cap.toNanos(), random.nextLong(least, most)));
  }
}
