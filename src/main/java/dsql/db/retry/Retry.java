package dsql.db.retry;

import dsql.db.fault.AmbiguousCommit;
import dsql.db.fault.SqlFailure;
import dsql.db.pool.ConnectionPool;
import dsql.db.pool.Deadline;
import dsql.db.pool.Lease;
import dsql.db.pool.TokenSource;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Runs whole transactions until they are through, each attempt on a lease of its own.
///
/// It runs one again only when nothing of it can have been committed: after a conflict (40001), a
/// failed connect, credentials that could not be fetched, a server-side statement gone stale, or a
/// connection lost before COMMIT was sent. After a commit whose outcome is not known it runs the
/// transaction again only if it is idempotent, and then for as long as there is time, because only
/// that tells what became of it.
///
/// Safe for concurrent use.
public final class Retry {

  /// No attempt begins with less time than this: it could not end with an answer.
  private static final Duration LEAST = Duration.ofMillis(20);

  private final ConnectionPool pool;
  private final RetryPolicy policy;
  private final RandomGenerator random;
  private final Pause pause;

  /// @param random for the jitter; safe for concurrent use
  public Retry(ConnectionPool pool, RetryPolicy policy, RandomGenerator random, Pause pause) {
    this.pool = pool;
    this.policy = policy;
    this.random = random;
    this.pause = pause;
  }

  /// One attempt at a transaction. It commits, and neither closes the lease nor retries by itself.
  @FunctionalInterface
  public interface Transaction<T> {
    /// Runs it once.
    ///
    /// @throws AmbiguousCommit when the commit may or may not have happened
    /// @throws SQLException when it has not
    T run(Lease lease) throws SQLException, AmbiguousCommit;
  }

  /// Whether a transaction may run again although it may have been committed.
  public enum Repeat {
    /// Running it twice has the effect of running it once.
    IDEMPOTENT,
    /// Running it twice would do it twice.
    NEVER_AFTER_COMMIT
  }

  /// The transactions of one invocation, counted and timed. Confined to one thread.
  public final class Session {
    private final Deadline deadline;
    private int attempts;
    private int retries;
    private int conflicts;
    private int opened;
    private Duration waited = Duration.ZERO;
    private Duration borrowing = Duration.ZERO;
    private Duration working = Duration.ZERO;
    private @Nullable Duration connectionAge;

    private Session(Deadline deadline) {
      this.deadline = deadline;
    }

    /// The time that all of it draws on.
    public Deadline deadline() {
      return deadline;
    }

    /// Attempts begun so far.
    public int attempts() {
      return attempts;
    }

    /// Time spent between attempts so far.
    public Duration waited() {
      return waited;
    }

    /// All that it did so far.
    public Work work() {
      return new Work(
          attempts, retries, conflicts, opened, waited, borrowing, working, connectionAge);
    }

    /// Runs a transaction until it is through or may not run again. Earlier failures are suppressed
    /// in the one that is thrown.
    ///
    /// @throws SQLException the last failure, when nothing was committed
    /// @throws AmbiguousCommit when it is not known whether it was
    public <T> T run(Repeat repeat, Transaction<T> transaction)
        throws SQLException, AmbiguousCommit {
      Duration last = policy.base();
      @Nullable AmbiguousCommit unknown = null;
      List<Exception> met = new ArrayList<>();
      for (int attempt = 1; ; attempt++) {
        attempts++;
        retries += attempt > 1 ? 1 : 0;
        boolean again;
        try {
          return once(transaction);
        } catch (AmbiguousCommit e) {
          met.add(e);
          unknown = e;
          again = repeat == Repeat.IDEMPOTENT;
        } catch (SQLException e) {
          met.add(e);
          conflicts += SqlFailure.of(e) == SqlFailure.CONFLICT ? 1 : 0;
          again = isSafe(e) && (unknown != null || attempt < policy.maxAttempts());
        } catch (RuntimeException e) {
          boolean passing = e instanceof TokenSource.Unavailable away && away.passing();
          if (unknown == null && !passing) {
            throw e;
          }
          met.add(e);
          again = passing && (unknown != null || attempt < policy.maxAttempts());
        } catch (Error e) {
          if (unknown == null) {
            throw e;
          }
          unknown.addSuppressed(e);
          throw unknown;
        }
        boolean immediately = attempt == 1 && SqlFailure.isSchemaConflict(met.getLast());
        Duration next = immediately ? Duration.ZERO : policy.pauseAfter(last, random);
        last = immediately ? last : next;
        if (!again || !waits(next)) {
          throw end(met, unknown);
        }
      }
    }

    private <T> T once(Transaction<T> transaction) throws SQLException, AmbiguousCommit {
      Lease lease = borrow();
      long lent = deadline.ticker().nanos();
      try (lease) {
        try {
          return transaction.run(lease);
        } catch (SQLException e) {
          if (SqlFailure.of(e).breaksConnection()) {
            lease.discard(e);
          }
          throw e;
        } catch (AmbiguousCommit | Error e) {
          // After an error the driver may stand in the midst of an answer.
          lease.discard(e);
          throw e;
        }
      } finally {
        working = working.plus(deadline.since(lent));
      }
    }

    private Lease borrow() throws SQLException {
      long asked = deadline.ticker().nanos();
      try {
        Lease lease = pool.borrow(deadline);
        connectionAge = lease.age();
        opened += lease.opened() ? 1 : 0;
        return lease;
      } finally {
        borrowing = borrowing.plus(deadline.since(asked));
      }
    }

    /// Waits, unless an attempt could not end in the time that then is left.
    ///
    /// @return whether it has waited
    public boolean waits(Duration time) {
      if (deadline.remaining().compareTo(time.plus(LEAST)) <= 0) {
        return false;
      }
      if (time.isZero()) {
        return true;
      }
      try {
        pause.pause(time);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
      waited = waited.plus(time);
      return true;
    }
  }

  /// A session that ends with the deadline.
  public Session begin(Deadline deadline) {
    return new Session(deadline);
  }

  private static boolean isSafe(SQLException e) {
    return switch (SqlFailure.of(e)) {
      case CONFLICT,
          CONNECTION_LOST,
          UNAVAILABLE,
          STALE_STATEMENT,
          TOO_MANY_CONNECTIONS,
          CONNECTION_RATE_EXCEEDED ->
          true;
      case ACCESS_DENIED -> SqlFailure.refusal(e) == SqlFailure.Refusal.TOKEN_EXPIRED;
      default -> false;
    };
  }

  /// Once a commit was lost, no later failure of the same transaction tells that it did not happen.
  private static SQLException end(List<Exception> met, @Nullable AmbiguousCommit unknown)
      throws AmbiguousCommit {
    Exception told = unknown == null ? met.getLast() : unknown;
    met.remove(told);
    met.forEach(told::addSuppressed);
    if (unknown != null) {
      throw unknown;
    }
    if (told instanceof RuntimeException runtime) {
      throw runtime;
    }
    return (SQLException) told;
  }
}
