package dsql.db.create;

import dsql.action.Create;
import dsql.action.Create.ForeignKey;
import dsql.action.Create.IfExists;
import dsql.action.Create.Index;
import dsql.action.Failure;
import dsql.action.Result.Created;
import dsql.action.Result.Step;
import dsql.action.Result.StepOutcome;
import dsql.db.create.Relations.Job;
import dsql.db.create.Relations.Relation;
import dsql.db.fault.AmbiguousCommit;
import dsql.db.fault.SqlFailure;
import dsql.db.jdbc.Catalog;
import dsql.db.jdbc.Transactions;
import dsql.db.pool.Lease;
import dsql.db.retry.Retry;
import dsql.db.retry.Retry.Repeat;
import dsql.sql.CreateSql;
import dsql.sql.OwnNames;
import dsql.sql.TableShape;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Creates a table and its indexes: DSQL allows one DDL statement in a transaction, so each commits
/// itself and is retried on its own. Confined to one invocation.
///
/// Whatever it did not see being created is read and compared before the reply says anything about
/// it: what existed before, what others created meanwhile, and the result of a statement whose
/// answer was lost.
public final class CreateTable {

  /// Limit on how often it begins again while others create and drop the same names.
  private static final int ROUNDS = 3;

  private final Retry.Session session;
  private final Catalog catalog;
  private final Relations relations;
  private final Create create;
  private final CreateProblems problems;

  /// Whether an answer to CREATE TABLE was lost, so that a table that is found may be from this
  /// request.
  private boolean lost;

  private Optional<Step> tableStep = Optional.empty();

  private final List<Step> commentSteps = new ArrayList<>();
  private final AddedKeys keys;
  private final Map<Index, Step> indexSteps = new LinkedHashMap<>();

  private CreateTable(Retry.Session session, Catalog catalog, Create create) {
    this.session = session;
    this.catalog = catalog;
    this.relations = new Relations(catalog.schema());
    this.create = create;
    this.problems = new CreateProblems(create, session);
    this.keys = new AddedKeys(session, catalog, create, problems);
  }

  public static Created run(Retry.Session session, Catalog catalog, Create create)
      throws SQLException, AmbiguousCommit {
    return new CreateTable(session, catalog, create).run();
  }

  private Created run() throws SQLException, AmbiguousCommit {
    String statement = CreateSql.table(create, catalog.schema());
    problems.refuseOwnNames();
    boolean added = false;
    try {
      Missing missing = missing(statement);
      added = missing.comment() && addComment();
      for (ForeignKey key : missing.keys()) {
        keys.add(key);
        added = true;
        keys.validate(key);
      }
      for (ForeignKey key : missing.unvalidated()) {
        keys.validate(key);
        added = true;
      }
      for (Index index : missing.indexes()) {
        indexSteps.put(index, add(index));
        added = true;
      }
      if (create.awaitIndexes()) {
        awaitAll();
      }
    } catch (SQLException | AmbiguousCommit | RuntimeException e) {
      if (added || tableStep.isPresent()) {
        throw problems.partly(e);
      }
      if (e instanceof AmbiguousCommit || (lost && !(e instanceof Failure))) {
        throw problems.unknown(e);
      }
      throw e;
    }
    List<Step> steps = new ArrayList<>();
    tableStep.ifPresent(steps::add);
    steps.addAll(commentSteps);
    steps.addAll(keys.steps());
    steps.addAll(indexSteps.values());
    boolean created = tableStep.isPresent() && tableStep.get().outcome() == StepOutcome.COMMITTED;
    return new Created(create.table(), created, steps);
  }

  /// Adds the comment, if the request has one.
  private boolean addComment() throws SQLException, AmbiguousCommit {
    Optional<String> text = CreateSql.comment(create, catalog.schema());
    if (text.isEmpty()) {
      return false;
    }
    session.run(
        Repeat.IDEMPOTENT,
        lease -> {
          try (Statement statement = lease.timed().createStatement()) {
            Transactions.single(() -> statement.execute(text.get()));
          }
          return true;
        });
    commentSteps.add(Step.of(text.get(), StepOutcome.COMMITTED));
    return true;
  }

  /// What a table lacks.
  ///
  /// @param comment whether it has none
  /// @param unvalidated the foreign keys that it has, but whose rows were not checked yet
  private record Missing(
      boolean comment, List<ForeignKey> keys, List<ForeignKey> unvalidated, List<Index> indexes) {}

  /// Creates the table, or compares the existing one with the requested one.
  private Missing missing(String statement) throws SQLException, AmbiguousCommit {
    for (int round = 1; round <= ROUNDS; round++) {
      Optional<Relation> holder = session.run(Repeat.IDEMPOTENT, lease -> create(lease, statement));
      if (holder.isEmpty()) {
        tableStep = Optional.of(Step.of(statement, StepOutcome.COMMITTED));
        return new Missing(true, List.of(), List.of(), create.indexes());
      }
      if (holder.get().equals(Relation.UNSEEN)) {
        continue;
      }
      if (!holder.get().isTable()) {
        throw problems.taken(holder.get());
      }
      if (create.ifExists() == IfExists.ERROR && !lost) {
        throw problems.exists();
      }
      Optional<Missing> missing = session.run(Repeat.IDEMPOTENT, lease -> verify(lease, statement));
      if (missing.isPresent()) {
        return missing.get();
      }
    }
    throw lost ? problems.unknown(problems.contested()) : problems.contested();
  }

  /// Creates the table if its name is free.
  ///
  /// @return what has the name; empty if the table was created
  private Optional<Relation> create(Lease lease, String text) throws SQLException, AmbiguousCommit {
    Map<String, Relation> held = relations.named(lease.timed(), create.table(), create.indexes());
    Relation holder = held.get(create.table().name());
    if (holder != null) {
      return Optional.of(holder);
    }
    problems.refuseKeyNames();
    Map<String, String> own = OwnNames.of(create);
    for (Index index : create.indexes()) {
      problems.refuseTaken(index, held, own);
    }
    catalog.forget(create.table());
    try (Statement statement = lease.timed().createStatement()) {
      Transactions.single(() -> statement.execute(text));
      return Optional.empty();
    } catch (AmbiguousCommit e) {
      lost = true;
      throw e;
    } catch (SQLException e) {
      if (CreateProblems.isTaken(e)) {
        return Optional.of(Relation.UNSEEN);
      }
      problems.refuseForeignKey(e);
      throw e;
    }
  }

  /// Compares the existing table with the requested one.
  ///
  /// @return what it lacks; empty if it no longer exists
  private Optional<Missing> verify(Lease lease, String statement) throws SQLException {
    Optional<TableShape> found = catalog.read(lease.timed(), create.table());
    if (found.isEmpty()) {
      return Optional.empty();
    }
    TableShape shape = found.get();
    List<ExistingIndex> indexes = relations.indexes(lease.timed(), shape);
    ExistingTable existing =
        new ExistingTable(
            shape,
            indexes,
            ExistingConstraints.read(lease.timed(), shape),
            ExistingColumns.differences(lease, create, shape));
    RequestedForms forms = RequestedForms.of(lease.timed(), create, shape);
    KeyComparison keys = KeyComparison.of(create, existing.constraints(), catalog, lease.timed());
    List<String> differences = new TableComparison(create, existing, keys, forms).differences();
    if (!differences.isEmpty()) {
      throw problems.differs(differences);
    }
    if (create.ifExists() == IfExists.ERROR) {
      throw problems.createdByWhom();
    }
    List<Index> missing = new ArrayList<>();
    Map<Index, Step> unfinished = new LinkedHashMap<>();
    for (Index index : create.indexes()) {
      Optional<Step> step = state(lease, shape, indexes, index, forms);
      if (step.isEmpty()) {
        missing.add(index);
      } else if (!ExistingIndex.named(indexes, index.name()).orElseThrow().valid()) {
        unfinished.put(index, step.get());
      }
    }
    refuseTaken(lease, missing);
    // Nothing is recorded before this point, because the attempt may fail and run again.
    if (lost) {
      tableStep = Optional.of(Step.of(statement, StepOutcome.COMPLETED));
    }
    indexSteps.putAll(unfinished);
    boolean comment = existing.constraints().comment().isEmpty();
    return Optional.of(new Missing(comment, keys.missing(), keys.unvalidated(), missing));
  }

  private void refuseTaken(Lease lease, List<Index> indexes) throws SQLException {
    if (indexes.isEmpty()) {
      return;
    }
    Map<String, Relation> held = relations.named(lease.timed(), create.table(), indexes);
    for (Index index : indexes) {
      problems.refuseTaken(index, held, Map.of());
    }
  }

  /// The state of an index of the table; empty if there is none with its name.
  ///
  /// @throws Failure when it is not the requested one
  private Optional<Step> state(
      Lease lease, TableShape shape, List<ExistingIndex> indexes, Index index, RequestedForms forms)
      throws SQLException {
    Optional<ExistingIndex> found = ExistingIndex.named(indexes, index.name());
    if (found.isEmpty()) {
      return Optional.empty();
    }
    problems.refuseOther(index, found.get(), forms);
    if (found.get().valid()) {
      return Optional.of(step(index, StepOutcome.COMPLETED, Optional.empty(), ""));
    }
    Optional<Job> job = relations.job(lease, index.name());
    Optional<String> jobId = job.map(Job::id).filter(id -> !id.isEmpty());
    StepOutcome unlessValid =
        job.isPresent() && job.get().running() ? StepOutcome.BUILDING : StepOutcome.FAILED;
    String details = job.map(Job::details).orElse("");
    // The job may have ended between the two reads.
    return ExistingIndex.named(relations.indexes(lease.timed(), shape), index.name())
        .map(now -> step(index, now.valid() ? StepOutcome.COMPLETED : unlessValid, jobId, details));
  }

  private Step step(Index index, StepOutcome outcome, Optional<String> jobId, String details) {
    return new Step(
        CreateSql.index(create, index, catalog.schema()),
        outcome,
        jobId,
        outcome == StepOutcome.FAILED
            ? Optional.of(CreateProblems.failedBuild(index, details))
            : Optional.empty());
  }

  /// Has a missing index built.
  private Step add(Index index) throws SQLException, AmbiguousCommit {
    for (int round = 1; round <= ROUNDS; round++) {
      Optional<String> jobId = session.run(Repeat.IDEMPOTENT, lease -> build(lease, index));
      if (jobId.isPresent()) {
        return step(index, StepOutcome.BUILDING, jobId, "");
      }
      Optional<Step> found = session.run(Repeat.IDEMPOTENT, lease -> found(lease, index));
      if (found.isPresent()) {
        return found.get();
      }
    }
    throw problems.contested();
  }

  /// Begins a build.
  ///
  /// @return its job; empty if the name was taken or the table did not exist
  private Optional<String> build(Lease lease, Index index) throws SQLException, AmbiguousCommit {
    try {
      return Relations.startJob(lease.timed(), CreateSql.index(create, index, catalog.schema()));
    } catch (SQLException e) {
      if (CreateProblems.isTaken(e) || SqlFailure.of(e) == SqlFailure.TABLE_NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /// The state of an index; empty if its name is free.
  ///
  /// @throws Failure when something else has the name, or the table does not exist
  private Optional<Step> found(Lease lease, Index index) throws SQLException {
    TableShape shape = catalog.read(lease.timed(), create.table()).orElseThrow(problems::vanished);
    List<ExistingIndex> indexes = relations.indexes(lease.timed(), shape);
    RequestedForms forms = RequestedForms.of(lease.timed(), create, shape);
    Optional<Step> found = state(lease, shape, indexes, index, forms);
    if (found.isEmpty()) {
      refuseTaken(lease, List.of(index));
    }
    return found;
  }

  private void awaitAll() throws SQLException, AmbiguousCommit {
    keys.await();
    for (Map.Entry<Index, Step> step : indexSteps.entrySet()) {
      if (step.getValue().outcome() == StepOutcome.BUILDING) {
        BuildWait.State state =
            () -> session.run(Repeat.IDEMPOTENT, lease -> found(lease, step.getKey()));
        step.setValue(new BuildWait(session, state).until(step.getValue()));
      }
    }
  }
}
