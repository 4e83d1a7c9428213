package dsql.db.pool;

import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;

/// Holds new connections back while the cluster is away, from one invocation to the next. Otherwise
/// each request of a large fleet would begin with attempts in vain.
///
/// Safe for concurrent use.
final class ConnectBackoff {

  /// The failures in a row that hold nothing back: a single one may be of its connection alone.
  private static final int FREE = 1;

  /// The holds double from one second. The five attempts of a request then cover some seven
  /// seconds, in which a sleeping cluster may wake up.
  private static final Duration FIRST = Duration.ofSeconds(1);

  /// Limit on a hold before its jitter. It is longer than a request waits for a further attempt, so
  /// that requests end soon while the cluster is away.
  private static final Duration LONGEST = Duration.ofSeconds(8);

  /// The time after a hold in which a failure still belongs to the row. An environment that was
  /// idle or frozen for longer begins anew.
  private static final Duration MEMORY = Duration.ofMinutes(1);

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

  /// Counts a failed attempt if it began after the last hold was over; one that began earlier only
  /// starts that hold anew, so that what several threads try together fails once. A hold is up to a
  /// quarter shorter or longer, so that environments that failed together do not return together.
  ///
  /// @param begun when the attempt began
  synchronized void failed(Instant begun, Instant now, RandomGenerator random) {
    Instant over = lastFailure.plus(hold);
    lastFailure = now;
    if (begun.isAfter(over.plus(MEMORY))) {
      answered();
    }
    if (failures > 0 && begun.isBefore(over)) {
      return;
    }
    failures++;
    if (failures > FREE) {
      int doublings = Math.min(failures - FREE - 1, 10);
      long length = Math.min(FIRST.toNanos() << doublings, LONGEST.toNanos());
      hold = Duration.ofNanos((long) (length * (0.75 + 0.5 * random.nextDouble())));
    }
  }

  /// Ends the row of failures: the cluster is there.
  synchronized void answered() {
    failures = 0;
    hold = Duration.ZERO;
  }
}
