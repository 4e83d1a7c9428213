package dsql.local.fault;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/// A cluster's limits on connections: a rate that saves up a burst, and a total. Safe for
/// concurrent use.
public final class ConnectionQuota {

  private final InstantSource clock;
  private final int perSecond;
  private final int burst;
  private final int total;
  private double saved;
  private Instant counted;

  /// A quota whose burst is unused.
  ///
  /// @param perSecond new connections a second
  /// @param burst how many of them are saved up at most
  /// @param total connections at a time
  public ConnectionQuota(InstantSource clock, int perSecond, int burst, int total) {
    this.clock = clock;
    this.perSecond = perSecond;
    this.burst = burst;
    this.total = total;
    this.saved = burst;
    this.counted = clock.instant();
  }

  /// Counts one more connection, or tells why there must be none.
  ///
  /// @param open the connections there are
  public synchronized @Nullable Rejection next(int open) {
    Instant now = clock.instant();
    double passed = Duration.between(counted, now).toNanos() / 1e9;
    saved = Math.min(burst, saved + perSecond * passed);
    counted = now;
    if (saved < 1) {
      return Rejection.RATE;
    }
    saved--;
    return open < total ? null : Rejection.TOO_MANY;
  }
}
