package dsql.db.pool;

import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;

/// Holds new connections back while the cluster is away, from one invocation to the next. Otherwise
/// each request of a large fleet would begin with attempts in vain.
///
/// Safe for concurrent use.
final class ConnectBackoff {

  /// The failures in a row that hold nothing back, because the attempts of one invocation have
  /// pauses of their own.
  private static final int PACED_BY_RETRY = 4;

  /// The holds double from one second, which is longer than the attempts of one invocation take.
  private static final Duration FIRST = Duration.ofSeconds(1);

  /// Limit on a hold before its jitter. A fleet of 1,000 then tries 100 times a second, which is
  /// the rate that a cluster grants.
  private static final Duration LONGEST = Duration.ofSeconds(10);

  private int failures;
  private Instant lastFailure = Instant.EPOCH;
  private Duration hold = Duration.ZERO;

  /// The time until a connection may be tried; zero if it may be now.
  synchronized Duration remaining(Instant now) {
    if (now.isBefore(lastFailure)) {
      // The clock was set back, so it is not known how much of the hold is over.
      return Duration.ZERO;
    }
    Duration left = hold.minus(Duration.between(lastFailure, now));
    return left.isNegative() ? Duration.ZERO : left;
  }

  /// Counts a failed attempt. The next hold is between half and one and a half times its length, so
  /// that environments that failed together do not return together.
  synchronized void failed(Instant now, RandomGenerator random) {
    lastFailure = now;
    failures++;
    if (failures > PACED_BY_RETRY) {
      int doublings = Math.min(failures - PACED_BY_RETRY - 1, 10);
      long length = Math.min(FIRST.toNanos() << doublings, LONGEST.toNanos());
      hold = Duration.ofNanos((long) (length * (0.5 + random.nextDouble())));
    }
  }

  /// Ends the row of failures.
  synchronized void succeeded() {
    failures = 0;
    hold = Duration.ZERO;
  }
}
