package dsql;

import dsql.db.pool.Ticker;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/// A wall clock and a ticker that stand still until they are moved. Safe for concurrent use.
public final class TestClock implements InstantSource, Ticker {

  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());

  /// About to overflow, as a ticker may be.
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000_000);

  @Override
  public Instant instant() {
    return now.get();
  }

  @Override
  public long nanos() {
    return nanos.get();
  }

  /// Moves both on.
  public void advance(Duration time) {
    set(time);
    nanos.addAndGet(time.toNanos());
  }

  /// Sets the wall clock alone, forward or back.
  public void set(Duration time) {
    now.updateAndGet(before -> before.plus(time));
  }
}
