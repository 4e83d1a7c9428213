package dsql.db.pool;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/// A wall clock and a ticker that stand still until they are moved. Safe for concurrent use.
final class TestClock implements InstantSource, Ticker {

  private volatile Instant now = Instant.parse("2026-11-23T12:00:00Z");

  /// About to overflow, as a ticker may be.
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000_000);

  @Override
  public Instant instant() {
    return now;
  }

  @Override
  public long nanos() {
    return nanos.get();
  }

  /// Moves both on.
  void advance(Duration by) {
    set(by);
    nanos.addAndGet(by.toNanos());
  }

  /// Sets the wall clock alone, forward or back.
  void set(Duration by) {
    now = now.plus(by);
  }
}
