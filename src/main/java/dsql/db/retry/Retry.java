package dsql.db.retry;

import dsql.db.connect.TokenSource;
import dsql.db.fault.AmbiguousCommit;
import dsql.db.fault.SqlFailure;
import dsql.db.pool.ConnectionPool;
import dsql.db.pool.Deadline;
import dsql.db.pool.Lease;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Runs whole transactions until they succeed or must not be repeated, each attempt on its own
/// lease.
///
/// A transaction runs again only if nothing of it can have been committed: after a conflict
/// (40001), a failed connect, credentials that could not be fetched, a stale server-side statement,
/// or a connection lost before COMMIT was sent. After a commit with an unknown outcome it runs
/// again only if it is idempotent, and then for as long as there is time, because only another run
/// reveals the outcome. A connection refused by the cluster's rate (53400) waits for its turn for
/// as long as there is time, and does not count as an attempt, because it says nothing of the
/// transaction. While the pool holds connections back, a request waits a few seconds for the next
/// attempt.
///
/// Safe for concurrent use.
public final class Retry {

  /// No attempt begins with less time left, because no answer would arrive in it.
  private static final Duration MIN_ATTEMPT_TIME = Duration.ofMillis(20);

  /// Limit on the wait before a request's first attempt while the pool holds connections back. The
  /// attempt is then made, because nothing else tells whether the cluster is back.
  private static final Duration FIRST_WAIT = Duration.ofSeconds(2);

  /// A request ends if a further attempt would have to wait longer: it waits for the holds of one
  /// second, two and four, with a quarter more by jitter. A request that waited longer would occupy
  /// its environment, and have others started.
  private static final Duration LATER_WAIT = Duration.ofSeconds(5);

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

  /// One attempt at a transaction. It commits; it must neither close the lease nor retry by itself.
  @FunctionalInterface
  public interface Transaction<T> {
    /// Runs it once.
    ///
    /// @throws AmbiguousCommit if the commit may or may not have happened
    /// @throws SQLException if nothing was committed
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

    /// The deadline that all transactions of the session share.
    public Deadline deadline() {
      return deadline;
    }

    /// The number of attempts begun so far.
    public int attempts() {
      return attempts;
    }

    /// The time spent between attempts so far.
    public Duration waited() {
      return waited;
    }

    /// The session's figures so far.
    public Work work() {
      return new Work(
          attempts, retries, conflicts, opened, waited, borrowing, working, connectionAge);
    }

    /// Runs a transaction until it succeeds or must not run again. Earlier failures are suppressed
    /// in the thrown one.
    ///
    /// @throws SQLException the last failure, if nothing was committed
    /// @throws AmbiguousCommit if it is not known whether the transaction was committed
    public <T> T run(Repeat repeat, Transaction<T> transaction)
        throws SQLException, AmbiguousCommit {
      Run run = new Run();
      waits(shorter(pool.heldBack(), FIRST_WAIT));
      while (true) {
        attempts++;
        retries += run.failures.isEmpty() ? 0 : 1;
        try {
          return once(transaction);
        } catch (AmbiguousCommit e) {
          run.outcome = e;
          run.waitAfter(e, repeat == Repeat.IDEMPOTENT);
        } catch (SQLException e) {
          conflicts += SqlFailure.of(e) == SqlFailure.CONFLICT ? 1 : 0;
          run.waitAfter(e, isTurnedAway(e) || (isSafe(e) && run.mayFailAgain()));
        } catch (RuntimeException e) {
          boolean passing = e instanceof TokenSource.Unavailable away && away.passing();
          if (run.outcome == null && !passing) {
            throw e;
          }
          run.waitAfter(e, passing && run.mayFailAgain());
        } catch (Error e) {
          if (run.outcome == null) {
            throw e;
          }
          run.outcome.addSuppressed(e);
          throw run.outcome;
        }
      }
    }

    /// The attempts at one transaction so far.
    private final class Run {
      private final List<Exception> failures = new ArrayList<>();
      private @Nullable AmbiguousCommit outcome;
      private Duration previousPause = policy.base();

      /// The attempt that is counted against the limit.
      private int attempt = 1;

      private boolean mayFailAgain() {
        return outcome != null || attempt < policy.maxAttempts();
      }

      /// Waits for the next attempt, or throws the last failure if there must be none.
      private void waitAfter(Exception failure, boolean again)
          throws SQLException, AmbiguousCommit {
        failures.add(failure);
        Duration held = pool.heldBack();
        boolean tooLong = outcome == null && held.compareTo(LATER_WAIT) > 0;
        // Only another run reveals an unknown outcome, so it must come before the time ends.
        Duration wait = outcome == null ? held : shorter(held, FIRST_WAIT);
        if (!again || tooLong || !waits(longer(wait, pauseAfter(failure)))) {
          throw finalFailure(failures, outcome);
        }
        attempt += isTurnedAway(failure) ? 0 : 1;
      }

      private Duration pauseAfter(Exception failure) {
        if (isTurnedAway(failure)) {
          return policy.pauseForTurn(deadline.remaining(), random);
        }
        if (attempt == 1 && SqlFailure.isSchemaConflict(failure)) {
          return Duration.ZERO;
        }
        previousPause = policy.pauseAfter(previousPause, random);
        return previousPause;
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
          // After an error the driver may be in the middle of an answer.
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

    /// Waits, unless the time left after it would be too short for an attempt.
    ///
    /// @return whether it has waited
    public boolean waits(Duration time) {
      if (deadline.remaining().compareTo(time.plus(MIN_ATTEMPT_TIME)) <= 0) {
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

  /// Begins a session that ends with the deadline.
  public Session begin(Deadline deadline) {
    return new Session(deadline);
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  private static Duration longer(Duration a, Duration b) {
    return a.compareTo(b) > 0 ? a : b;
  }

  /// Whether the cluster refused a connection by its rate alone.
  private static boolean isTurnedAway(Exception e) {
    return e instanceof SQLException sql
        && SqlFailure.of(sql) == SqlFailure.CONNECTION_RATE_EXCEEDED;
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

  /// The failure to throw. After a commit with an unknown outcome it is that one, because no later
  /// failure shows that the commit did not happen.
  private static SQLException finalFailure(
      List<Exception> failures, @Nullable AmbiguousCommit outcome) throws AmbiguousCommit {
    Exception thrown = outcome == null ? failures.getLast() : outcome;
    failures.remove(thrown);
    failures.forEach(thrown::addSuppressed);
    if (outcome != null) {
      throw outcome;
    }
    if (thrown instanceof RuntimeException runtime) {
      throw runtime;
    }
    return (SQLException) thrown;
  }
}
