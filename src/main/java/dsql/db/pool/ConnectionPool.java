package dsql.db.pool;

import dsql.db.fault.SqlFailure;
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
/// Nothing runs in the background, because a thread that wakes after a thaw would see the clock
/// leap. Age and validity are checked when a connection is borrowed, by an injected clock. The pool
/// opens connections on demand and lends the one that was returned last, so that under light load
/// the others reach their maximum age and are closed.
///
/// A permit is the right to hold a connection. A connection is either idle here or held by the one
/// lease that owns a permit, so there are never more than `max`.
///
/// Safe for concurrent use.
public final class ConnectionPool implements AutoCloseable {

  /// The limits of the pool.
  ///
  /// @param max the maximum number of connections
  /// @param maxLifetime the age from which a connection is not lent again; each gets up to half
  ///   less, so that connections opened together are not closed together
  /// @param maxIdle the idle time after which a connection is validated before it is lent
  public record Limits(int max, Duration maxLifetime, Duration maxIdle) {
    public Limits {
      if (max < 1) {
        throw new IllegalArgumentException("a pool holds at least one connection: " + max);
      }
    }
  }

  /// The pool's figures at a moment.
  ///
  /// @param opened the number of connections opened so far
  /// @param closed the number of connections closed so far
  public record State(int total, int active, int idle, int waiting, long opened, long closed) {}

  /// Limit on the validation of an idle connection, so that a dead one does not use up the
  /// invocation's time.
  private static final Duration VALIDATION_TIMEOUT = Duration.ofSeconds(2);

  /// The largest part of the lifetime that jitter takes away. Of 10,000 connections opened together
  /// less than 20 a second are then opened anew.
  private static final double JITTER = 0.5;

  private final Limits limits;
  private final ConnectionOpener opener;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final PoolListener listener;

  private final Semaphore permits;
  private final Deque<Pooled> idle = new ArrayDeque<>();
  private final AtomicLong opened = new AtomicLong();
  private final AtomicLong closed = new AtomicLong();
  private final ConnectBackoff backoff = new ConnectBackoff();
  private volatile @Nullable Throwable lastConnectFailure;
  private boolean shut;

  /// An empty pool.
  ///
  /// @param random the source of the lifetimes' jitter; safe for concurrent use
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

  /// Lends a connection in autocommit mode to one thread, until the lease is closed.
  ///
  /// @throws DeadlineExceeded if the deadline passes before a connection comes free
  /// @throws SQLException if none is idle and no new one can be opened
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

  /// The most recently used idle connection that is young enough and alive; others found on the way
  /// are closed.
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

  /// Whether the idle time is too short for a check; if the clock was set back, the idle time is
  /// unknown.
  private boolean isFresh(Duration idle) {
    return !idle.isNegative() && idle.compareTo(limits.maxIdle()) <= 0;
  }

  private synchronized @Nullable Pooled takeIdle() {
    if (shut) {
      throw new IllegalStateException("The pool is closed.");
    }
    return idle.pollFirst();
  }

  /// Whether the connection is still alive; a dead one is closed.
  private boolean answers(Pooled pooled, Deadline deadline) {
    Connection connection = pooled.connection();
    @Nullable Exception cause = null;
    try {
      Duration limit = deadline.atMost(VALIDATION_TIMEOUT);
      connection.setNetworkTimeout(Runnable::run, millis(limit));
      // Sends an empty query, with the network timeout set above.
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
      // A connect that the deadline cut short says nothing of the cluster.
      if (e instanceof SQLException sql && !deadline.passed()) {
        failed(sql, begun);
      }
      throw e;
    }
    lastConnectFailure = null;
    backoff.answered();
    opened.incrementAndGet();
    listener.opened(deadline.since(asked));
    return new Pooled(connection, begun, begun.plus(lifetime()), clock.instant());
  }

  private void failed(SQLException failure, Instant begun) {
    switch (SqlFailure.of(failure)) {
      case CONNECTION_LOST, UNAVAILABLE, TOO_MANY_CONNECTIONS ->
          backoff.failed(begun, clock.instant(), random);
      // Neither counts nor ends a row, because a full cluster refuses by rate, too.
      case CONNECTION_RATE_EXCEEDED -> {}
      default -> backoff.answered();
    }
  }

  /// The time for which no connection should be tried, because the last ones failed; zero if the
  /// pool has one, idle or lent. [#borrow] does not wait for it: who borrows decides how long that
  /// is worth it.
  public Duration heldBack() {
    boolean lives = opened.get() > closed.get();
    return lives ? Duration.ZERO : backoff.remaining(clock.instant());
  }

  private Duration lifetime() {
    double part = 1 - JITTER * random.nextDouble();
    return Duration.ofMillis((long) (limits.maxLifetime().toMillis() * part));
  }

  /// Takes a connection back from its lease.
  ///
  /// @param reason why it must not be lent again; null if it may be
  /// @param cause the failure on it, if there was one
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
      // The connection is closed either way.
      if (cause == null) {
        cause = e;
      } else if (!e.equals(cause)) {
        cause.addSuppressed(e);
      }
    }
    listener.closed(reason, age(pooled.openedAt(), clock.instant()), cause);
  }

  /// The time between the two; zero if the clock was set back.
  static Duration age(Instant since, Instant now) {
    return now.isBefore(since) ? Duration.ZERO : Duration.between(since, now);
  }

  /// The pool's current figures.
  public State state() {
    int active = limits.max() - permits.availablePermits();
    int idleNow;
    synchronized (this) {
      idleNow = idle.size();
    }
    return new State(
        active + idleNow, active, idleNow, permits.getQueueLength(), opened.get(), closed.get());
  }

  /// Closes the idle connections now, and the lent ones when they are returned.
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

  /// The time in milliseconds, rounded up so that no wait ends before the deadline, and never zero,
  /// which the driver takes for no limit.
  public static int millis(Duration limit) {
    return Math.clamp(limit.plusNanos(999_999).toMillis(), 1, Integer.MAX_VALUE);
  }

  /// A connection with its times.
  ///
  /// @param openedAt when opening began, which is before the server starts to count its age
  record Pooled(Connection connection, Instant openedAt, Instant retireAt, Instant idleSince) {
    Pooled usedAt(Instant now) {
      return new Pooled(connection, openedAt, retireAt, now);
    }
  }
}
