package dsql.db.create;

import dsql.action.Create.Index;
import dsql.action.Result.Step;
import dsql.action.Result.StepOutcome;
import dsql.db.fault.AmbiguousCommit;
import dsql.db.fault.SqlFailure;
import dsql.db.pool.DeadlineExceeded;
import dsql.db.retry.Retry;
import dsql.db.retry.Retry.Repeat;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/// Waits until indexes are built. Confined to one request.
final class BuildWait {

  /// How soon a build is looked at again, at first and in the end. Small ones take seconds.
  private static final Duration FIRST_POLL = Duration.ofMillis(500);

  private static final Duration LAST_POLL = Duration.ofSeconds(2);

  private final Retry.Session session;
  private final Look look;

  /// What became of an index; empty where its name is free.
  @FunctionalInterface
  interface Look {
    Optional<Step> at(Index index) throws SQLException, AmbiguousCommit;
  }

  BuildWait(Retry.Session session, Look look) {
    this.session = session;
    this.look = look;
  }

  /// Waits for a build and looks at the index then, for a job's end says little of it. When the
  /// time ends first the step is still building; its connection is given up, for the server goes on
  /// waiting on it.
  Step until(Index index, Step step) throws SQLException, AmbiguousCommit {
    try {
      Optional<String> jobId = step.jobId();
      if (jobId.isPresent() && !await(jobId.get())) {
        return step;
      }
      return polled(index, step);
    } catch (SQLException e) {
      if (session.deadline().passed() || SqlFailure.of(e).endsAttempt()) {
        return step;
      }
      throw e;
    } catch (DeadlineExceeded e) {
      return step;
    }
  }

  /// @return false where the time has ended
  private boolean await(String jobId) throws AmbiguousCommit {
    try {
      session.run(Repeat.IDEMPOTENT, lease -> Relations.await(lease, jobId));
      return true;
    } catch (SQLException e) {
      // A role may not be allowed to wait, and what the call does after 300 s, which is all that a
      // transaction has, is not known. Whatever ended it, the index tells.
      return !session.deadline().passed();
    }
  }

  /// Looks at a build until it has ended, or the time has.
  private Step polled(Index index, Step step) throws SQLException, AmbiguousCommit {
    Duration pause = FIRST_POLL;
    while (true) {
      StepOutcome outcome = look.at(index).map(Step::outcome).orElse(StepOutcome.FAILED);
      if (outcome != StepOutcome.BUILDING || !session.waits(pause)) {
        return new Step(step.statement(), outcome, step.jobId());
      }
      pause = pause.multipliedBy(2).compareTo(LAST_POLL) < 0 ? pause.multipliedBy(2) : LAST_POLL;
    }
  }
}
