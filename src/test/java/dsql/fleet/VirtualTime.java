package dsql.fleet;

import dsql.db.pool.Ticker;
import dsql.db.retry.Pause;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.PriorityQueue;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/// A clock that leaps from event to event, and the threads that live by it. Each process is a
/// virtual thread, of which exactly one runs at a time, so that a run is the same every time.
final class VirtualTime implements InstantSource, Ticker, Pause {

  private record Event(long at, long order, Runnable action) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = Long.compare(at, other.at);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final Semaphore ended = new Semaphore(0);
  private long now;
  private long order;
  private @Nullable Throwable failure;

  @Override
  public Instant instant() {
    return Instant.EPOCH.plusNanos(now);
  }

  @Override
  public long nanos() {
    return now;
  }

  double seconds() {
    return now / 1e9;
  }

  /// Has a process begin that much later.
  void in(Duration delay, Runnable process) {
    events.add(new Event(now + delay.toNanos(), order++, () -> start(process)));
  }

  private void start(Runnable process) {
    Thread.startVirtualThread(() -> {
      try {
        process.run();
      } catch (RuntimeException | Error e) {
        failure = e;
      } finally {
        next();
      }
    });
  }

  @Override
  public void pause(Duration time) {
    Semaphore turn = new Semaphore(0);
    events.add(new Event(now + time.toNanos(), order++, turn::release));
    next();
    turn.acquireUninterruptibly();
  }

  /// Hands over to the process of the next event; the caller ends, or waits for an event of its
  /// own.
  private void next() {
    @Nullable Event next = failure == null ? events.poll() : null;
    if (next == null) {
      ended.release();
    } else {
      now = next.at();
      next.action().run();
    }
  }

  /// Runs every event until none is left.
  void run() {
    next();
    ended.acquireUninterruptibly();
    if (failure != null) {
      throw new IllegalStateException("a process failed at " + seconds() + " s", failure);
    }
  }
}
