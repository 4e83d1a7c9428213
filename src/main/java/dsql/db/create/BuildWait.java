package dsql.db.create;

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

/// Waits until an index is built or a foreign key validated. Confined to one request.
final class BuildWait {

  /// The pauses between two reads of a build's state, the first and the longest. Small builds take
  /// seconds.
  private static final Duration FIRST_POLL = Duration.ofMillis(500);

  private static final Duration LAST_POLL = Duration.ofSeconds(2);

  private final Retry.Session session;
  private final State state;

  /// Reads the state of what is built; empty if it does not exist.
  @FunctionalInterface
  interface State {
    Optional<Step> read() throws SQLException, AmbiguousCommit;
  }

  BuildWait(Retry.Session session, State state) {
    this.session = session;
    this.state = state;
  }

  /// Waits for a job and then reads what it worked on, because the end of a job does not show
  /// whether that is valid. If the time ends first, the step is still building, and its connection
  /// is closed, because the server keeps waiting on it.
  Step until(Step step) throws SQLException, AmbiguousCommit {
    try {
      Optional<String> jobId = step.jobId();
      if (jobId.isPresent() && !await(jobId.get())) {
        return step;
      }
      return polled(step);
    } catch (SQLException e) {
      if (session.deadline().passed() || SqlFailure.of(e).endsAttempt()) {
        return step;
      }
      throw e;
    } catch (DeadlineExceeded e) {
      return step;
    }
  }

  /// @return false when the time has ended
  private boolean await(String jobId) throws AmbiguousCommit {
    try {
      session.run(Repeat.IDEMPOTENT, lease -> Relations.await(lease, jobId));
      return true;
    } catch (SQLException e) {
      // A role may not be allowed to wait, and it is not known what the call does after 300 s, the
      // limit of a transaction. Whatever ended it, the index's state is read next.
      return !session.deadline().passed();
    }
  }

  /// Reads the state of a build until the build or the time has ended.
  private Step polled(Step step) throws SQLException, AmbiguousCommit {
    Duration pause = FIRST_POLL;
    while (true) {
      Optional<Step> found = state.read();
      StepOutcome outcome = found.map(Step::outcome).orElse(StepOutcome.FAILED);
      if (outcome != StepOutcome.BUILDING || !session.waits(pause)) {
        return new Step(step.statement(), outcome, step.jobId(), found.flatMap(Step::detail));
      }
      pause = pause.multipliedBy(2).compareTo(LAST_POLL) < 0 ? pause.multipliedBy(2) : LAST_POLL;
    }
  }
}
