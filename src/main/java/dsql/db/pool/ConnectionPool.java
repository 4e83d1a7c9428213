package dsql.db.pool;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// A bounded pool of connections for a process that may be frozen between two invocations.
///
/// Nothing runs in the background: a thread that wakes after a thaw would see the clock leap. Age
/// and validity are looked at when a connection is borrowed, by a clock that is given. The pool
/// fills as it is used, and lends the connection that came back last, so that under light load the
/// others grow old and go.
///
/// A permit stands for the right to hold a connection; a connection is either idle here or held by
/// the one lease that owns a permit, so there are never more than `max`.
///
/// Safe for concurrent use.
public final class ConnectionPool implements AutoCloseable {

  /// How the pool is bounded.
  ///
  /// @param max connections at most
  /// @param maxLifetime age at which a connection is not lent again; each is given up to a tenth
  ///   less, so that connections opened together do not end together
  /// @param maxIdle idle time after which a connection is asked whether it still lives
  public record Limits(int max, Duration maxLifetime, Duration maxIdle) {
    public Limits {
      if (max < 1) {
        throw new IllegalArgumentException("a pool holds at least one connection: " + max);
      }
    }
  }

  /// A look at the pool.
  ///
  /// @param opened connections opened so far
  /// @param closed connections closed so far
  public record State(int total, int active, int idle, int waiting, long opened, long closed) {}

  /// How long an idle connection may take to answer before it is given up.
  private static final Duration VALIDATION_TIMEOUT = Duration.ofSeconds(2);

  /// The part of the lifetime that jitter takes away at most.
  private static final double JITTER = 0.1;

  private final Limits limits;
  private final ConnectionOpener opener;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final PoolListener listener;

  private final Semaphore permits;
  private final Deque<Pooled> idle = new ArrayDeque<>();
  private final AtomicLong opened = new AtomicLong();
  private final AtomicLong closed = new AtomicLong();
  private volatile @Nullable Throwable lastConnectFailure;
  private boolean shut;

  /// An empty pool.
  ///
  /// @param random for the jitter of lifetimes; safe for concurrent use
  public ConnectionPool(
      Limits limits,
      ConnectionOpener opener,
      InstantSource clock,
      RandomGenerator random,
      PoolListener listener) {
    this.limits = limits;
    this.opener = opener;
    this.clock = clock;
    this.random = random;
    this.listener = listener;
    this.permits = new Semaphore(limits.max(), true);
  }

  /// A connection in autocommit mode, for one thread, until the lease is closed.
  ///
  /// @throws DeadlineExceeded when the deadline has passed, or none came free by it
  /// @throws SQLException when none was idle and no new one could be opened
  public Lease borrow(Deadline deadline) throws SQLException {
    acquire(deadline);
    Pooled pooled = null;
    boolean fresh = false;
    try {
      if (deadline.passed()) {
        throw new DeadlineExceeded("The deadline has passed.", null);
      }
      pooled = idleOne(deadline);
      if (pooled == null) {
        pooled = open(deadline);
        fresh = true;
      }
      Duration idle = age(pooled.idleSince(), clock.instant());
      Lease lease = new Lease(this, pooled, idle, fresh, clock, deadline);
      lease.timed();
      return lease;
    } catch (SQLException | RuntimeException | Error e) {
      try {
        if (pooled != null) {
          close(pooled, CloseReason.BROKEN, e);
        }
      } finally {
        permits.release();
      }
      throw e;
    }
  }

  private void acquire(Deadline deadline) {
    Duration wait = deadline.remaining();
    boolean acquired;
    try {
      acquired = permits.tryAcquire(wait.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      acquired = false;
    }
    if (!acquired) {
      throw new PoolExhausted(wait, state(), lastConnectFailure);
    }
  }

  /// The idle connection used last that is young and alive; those met on the way that are not are
  /// closed.
  private @Nullable Pooled idleOne(Deadline deadline) {
    for (Pooled pooled = takeIdle(); pooled != null; pooled = takeIdle()) {
      Instant now = clock.instant();
      if (!now.isBefore(pooled.retireAt())) {
        close(pooled, CloseReason.LIFETIME, null);
      } else if (isFresh(Duration.between(pooled.idleSince(), now)) || answers(pooled, deadline)) {
        return pooled;
      }
    }
    return null;
  }

  /// By a clock that was set back nothing is known of an idle time.
  private boolean isFresh(Duration idle) {
    return !idle.isNegative() && idle.compareTo(limits.maxIdle()) <= 0;
  }

  private synchronized @Nullable Pooled takeIdle() {
    if (shut) {
      throw new IllegalStateException("The pool is closed.");
    }
    return idle.pollFirst();
  }

  /// Whether the connection still lives; one that does not is closed.
  private boolean answers(Pooled pooled, Deadline deadline) {
    Connection connection = pooled.connection();
    @Nullable Exception cause = null;
    try {
      Duration limit = deadline.atMost(VALIDATION_TIMEOUT);
      connection.setNetworkTimeout(Runnable::run, millis(limit));
      // Sends an empty query, under the network timeout just set.
      if (connection.isValid(0)) {
        return true;
      }
    } catch (SQLException | RuntimeException e) {
      cause = e;
    }
    close(pooled, CloseReason.VALIDATION_FAILED, cause);
    return false;
  }

  private Pooled open(Deadline deadline) throws SQLException {
    Instant begun = clock.instant();
    long asked = deadline.ticker().nanos();
    Connection connection;
    try {
      connection = opener.open(deadline);
    } catch (SQLException | RuntimeException e) {
      lastConnectFailure = e;
      throw e;
    }
    lastConnectFailure = null;
    opened.incrementAndGet();
    listener.opened(deadline.since(asked));
    return new Pooled(connection, begun, begun.plus(lifetime()), clock.instant());
  }

  private Duration lifetime() {
    double part = 1 - JITTER * random.nextDouble();
    return Duration.ofMillis((long) (limits.maxLifetime().toMillis() * part));
  }

  /// Takes a connection back from its lease.
  ///
  /// @param reason why it is not to be lent again; null when it is
  /// @param cause what happened on it, if anything
  void giveBack(Pooled pooled, @Nullable CloseReason reason, @Nullable Throwable cause) {
    try {
      if (reason != null) {
        close(pooled, reason, cause);
      } else if (!keep(pooled.usedAt(clock.instant()))) {
        close(pooled, CloseReason.POOL_CLOSED, null);
      }
    } finally {
      permits.release();
    }
  }

  private synchronized boolean keep(Pooled pooled) {
    if (!shut) {
      idle.addFirst(pooled);
    }
    return !shut;
  }

  private void close(Pooled pooled, CloseReason reason, @Nullable Throwable failure) {
    closed.incrementAndGet();
    @Nullable Throwable cause = failure;
    try {
      pooled.connection().close();
    } catch (SQLException e) {
      // The connection is gone either way.
      if (cause == null) {
        cause = e;
      } else if (!e.equals(cause)) {
        cause.addSuppressed(e);
      }
    }
    listener.closed(reason, age(pooled.openedAt(), clock.instant()), cause);
  }

  /// The time between, which is none by a clock that was set back.
  static Duration age(Instant since, Instant now) {
    return now.isBefore(since) ? Duration.ZERO : Duration.between(since, now);
  }

  /// What the pool holds now.
  public State state() {
    int active = limits.max() - permits.availablePermits();
    int idleNow;
    synchronized (this) {
      idleNow = idle.size();
    }
    return new State(
        active + idleNow, active, idleNow, permits.getQueueLength(), opened.get(), closed.get());
  }

  /// Closes the idle connections now, and the lent ones as they come back.
  @Override
  public void close() {
    List<Pooled> all;
    synchronized (this) {
      shut = true;
      all = new ArrayList<>(idle);
      idle.clear();
    }
    all.forEach(pooled -> close(pooled, CloseReason.POOL_CLOSED, null));
  }

  /// Rounded up, so that what is waited for until the deadline does not end before it. The driver
  /// takes zero for never.
  static int millis(Duration limit) {
    return Math.clamp(limit.plusNanos(999_999).toMillis(), 1, Integer.MAX_VALUE);
  }

  /// A connection and its times.
  ///
  /// @param openedAt when opening began, which is before the server's own count begins
  record Pooled(Connection connection, Instant openedAt, Instant retireAt, Instant idleSince) {
    Pooled usedAt(Instant now) {
      return new Pooled(connection, openedAt, retireAt, now);
    }
  }
}
