package dsql.db.create;

import dsql.action.Create;
import dsql.action.Create.ForeignKey;
import dsql.action.Result.Step;
import dsql.action.Result.StepOutcome;
import dsql.db.create.Relations.Job;
import dsql.db.fault.AmbiguousCommit;
import dsql.db.jdbc.Catalog;
import dsql.db.jdbc.Transactions;
import dsql.db.pool.Lease;
import dsql.db.retry.Retry;
import dsql.db.retry.Retry.Repeat;
import dsql.sql.CreateSql;
import dsql.sql.TableShape;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Adds foreign keys to a table that exists. DSQL takes such a key only without a look at the rows;
/// a job validates it afterwards. Confined to one invocation.
final class AddedKeys {

  private final Retry.Session session;
  private final Catalog catalog;
  private final Relations relations;
  private final Create create;
  private final CreateProblems problems;
  private final List<Step> added = new ArrayList<>();
  private final Map<ForeignKey, Step> validations = new LinkedHashMap<>();

  AddedKeys(Retry.Session session, Catalog catalog, Create create, CreateProblems problems) {
    this.session = session;
    this.catalog = catalog;
    this.relations = new Relations(catalog.schema());
    this.create = create;
    this.problems = problems;
  }

  void add(ForeignKey key) throws SQLException, AmbiguousCommit {
    String text = CreateSql.addition(create, key, catalog.schema());
    session.run(
        Repeat.IDEMPOTENT,
        lease -> {
          try (Statement statement = lease.timed().createStatement()) {
            Transactions.single(() -> statement.execute(text));
          } catch (SQLException e) {
            checkAdded(lease, key, e);
          }
          return true;
        });
    added.add(Step.of(text, StepOutcome.COMMITTED));
  }

  /// Accepts a key that exists by now: its name was taken, by a run of this request whose answer
  /// was lost or by another request.
  private void checkAdded(Lease lease, ForeignKey key, SQLException e) throws SQLException {
    if (!CreateProblems.isTaken(e)) {
      problems.refuseForeignKey(e);
      throw e;
    }
    lease.reset();
    KeyComparison found = compared(lease);
    if (!found.differences().isEmpty()) {
      throw problems.differs(found.differences());
    }
    if (found.missing().stream().anyMatch(missing -> missing.name().equals(key.name()))) {
      throw problems.taken(key, "another constraint of the table");
    }
  }

  private KeyComparison compared(Lease lease) throws SQLException {
    TableShape shape = catalog.read(lease.timed(), create.table()).orElseThrow(problems::vanished);
    ExistingConstraints existing = ExistingConstraints.read(lease.timed(), shape);
    return KeyComparison.of(create, existing, catalog, lease.timed());
  }

  /// Has all rows checked against a key by a job. Safe to repeat: a second job finds the same.
  void validate(ForeignKey key) throws SQLException, AmbiguousCommit {
    String text = CreateSql.validation(create, key, catalog.schema());
    Optional<String> jobId =
        session.run(Repeat.IDEMPOTENT, lease -> Relations.startJob(lease.timed(), text));
    validations.put(key, new Step(text, StepOutcome.BUILDING, jobId, Optional.empty()));
  }

  void await() throws SQLException, AmbiguousCommit {
    for (Map.Entry<ForeignKey, Step> validation : validations.entrySet()) {
      Step step = validation.getValue();
      BuildWait wait =
          new BuildWait(
              session,
              () ->
                  session.run(Repeat.IDEMPOTENT, lease -> state(lease, validation.getKey(), step)));
      validation.setValue(wait.until(step));
    }
  }

  private Optional<Step> state(Lease lease, ForeignKey key, Step step) throws SQLException {
    Optional<Job> job =
        step.jobId().isEmpty()
            ? Optional.of(Job.UNSEEN)
            : relations.jobOf(lease, step.jobId().get());
    KeyComparison found = compared(lease);
    if (found.unvalidated().stream().noneMatch(one -> one.name().equals(key.name()))) {
      return Optional.of(
          new Step(step.statement(), StepOutcome.COMPLETED, step.jobId(), Optional.empty()));
    }
    if (job.isPresent() && job.get().running()) {
      return Optional.of(step);
    }
    String failed = CreateProblems.failedValidation(key, job.map(Job::details).orElse(""));
    return Optional.of(
        new Step(step.statement(), StepOutcome.FAILED, step.jobId(), Optional.of(failed)));
  }

  List<Step> steps() {
    List<Step> steps = new ArrayList<>(added);
    steps.addAll(validations.values());
    return steps;
  }
}
