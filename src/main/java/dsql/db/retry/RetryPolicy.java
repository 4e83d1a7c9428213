package dsql.db.retry;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// How often a transaction is tried and how long to wait in between.
///
/// @param maxAttempts the maximum number of attempts, including the first
/// @param base the shortest pause
/// @param cap the longest pause
public record RetryPolicy(int maxAttempts, Duration base, Duration cap) {

  /// Limits on the pause after a refusal by the cluster's rate of new connections. The cluster
  /// grants 100 a second, so an attempt a few milliseconds later is one more refusal.
  private static final Duration SHORTEST_TURN = Duration.ofMillis(500);

  private static final Duration LONGEST_TURN = Duration.ofSeconds(10);

  public RetryPolicy {
    if (maxAttempts < 1) {
      throw new IllegalArgumentException("there is at least one attempt: " + maxAttempts);
    }
    if (!base.isPositive() || cap.compareTo(base) < 0) {
      throw new IllegalArgumentException("a pause is from " + base + " to " + cap);
    }
  }

  /// The usual policy. Its pauses begin at a few milliseconds, because that is how long a
  /// transaction takes.
  public static RetryPolicy of(int maxAttempts) {
    return new RetryPolicy(maxAttempts, Duration.ofMillis(10), Duration.ofSeconds(2));
  }

  /// The next pause: between the base and three times the previous one, at random, so that
  /// transactions that collided do not meet again ("decorrelated jitter", see [Exponential Backoff
  /// And Jitter](https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/)).
  ///
  /// @param last the previous pause; the base for the first one
  public Duration pauseAfter(Duration last, RandomGenerator random) {
    long least = base.toNanos();
    long most = Math.max(least + 1, 3 * Math.min(last.toNanos(), cap.toNanos()));
    return Duration.ofNanos(Math.min(cap.toNanos(), random.nextLong(least, most)));
  }

  /// The pause after a refusal by the cluster's rate of new connections: a tenth to three tenths of
  /// the time left, at random, so that environments that were refused together do not return
  /// together, and those that have waited long ask more often than those that have just come.
  ///
  /// @param left the time until the deadline
  public Duration pauseForTurn(Duration left, RandomGenerator random) {
    long part = (long) (left.toNanos() * (0.1 + 0.2 * random.nextDouble()));
    long shortest = (long) (SHORTEST_TURN.toNanos() * (1 + random.nextDouble()));
    return Duration.ofNanos(Math.min(LONGEST_TURN.toNanos(), Math.max(shortest, part)));
  }
}
