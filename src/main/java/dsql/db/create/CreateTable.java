package dsql.db.create;

import dsql.action.Create;
import dsql.action.Create.IfExists;
import dsql.action.Create.Index;
import dsql.action.Failure;
import dsql.action.Identifier;
import dsql.action.Result.Created;
import dsql.action.Result.Step;
import dsql.action.Result.StepOutcome;
import dsql.db.create.Relations.Job;
import dsql.db.create.Relations.Relation;
import dsql.db.create.Relations.StandingIndex;
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
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Creates a table and its indexes: DSQL allows one DDL statement in a transaction, so each commits
/// itself and is retried on its own. Confined to one invocation.
///
/// What it did not see being made it looks at before it says anything of it: what was there before,
/// what others made meanwhile, and what became of a statement whose answer was lost.
public final class CreateTable {

  /// How often it begins anew where others create and drop the same names.
  private static final int ROUNDS = 3;

  private final Retry.Session session;
  private final Catalog catalog;
  private final Relations relations;
  private final Create create;
  private final Identifier schema;
  private final CreateProblems problems;

  /// Whether an answer to CREATE TABLE was lost, so that a table that is found may be this one's.
  private boolean lost;

  private Optional<Step> tableStep = Optional.empty();
  private final Map<Index, Step> indexSteps = new LinkedHashMap<>();

  private CreateTable(Retry.Session session, Catalog catalog, Create create, Identifier schema) {
    this.session = session;
    this.catalog = catalog;
    this.relations = new Relations(schema);
    this.create = create;
    this.schema = schema;
    this.problems = new CreateProblems(create, session);
  }

  public static Created run(
      Retry.Session session, Catalog catalog, Create create, Identifier schema)
      throws SQLException, AmbiguousCommit {
    return new CreateTable(session, catalog, create, schema).run();
  }

  private Created run() throws SQLException, AmbiguousCommit {
    String statement = CreateSql.table(create, schema);
    problems.refuseOwnNames();
    boolean added = false;
    try {
      for (Index index : missing(statement)) {
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
    List<Step> steps = new ArrayList<>(indexSteps.values());
    tableStep.ifPresent(step -> steps.add(0, step));
    boolean created = tableStep.isPresent() && tableStep.get().outcome() == StepOutcome.COMMITTED;
    return new Created(create.table(), created, steps);
  }

  /// Makes the table, or compares the one that is there with the one asked for.
  ///
  /// @return the indexes that it lacks
  private List<Index> missing(String statement) throws SQLException, AmbiguousCommit {
    for (int round = 1; round <= ROUNDS; round++) {
      Optional<Relation> holder = session.run(Repeat.IDEMPOTENT, lease -> make(lease, statement));
      if (holder.isEmpty()) {
        tableStep = Optional.of(new Step(statement, StepOutcome.COMMITTED, Optional.empty()));
        return create.indexes();
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
      Optional<List<Index>> missing =
          session.run(Repeat.IDEMPOTENT, lease -> verify(lease, statement));
      if (missing.isPresent()) {
        return missing.get();
      }
    }
    throw lost ? problems.unknown(problems.contested()) : problems.contested();
  }

  /// Makes the table where its name is free.
  ///
  /// @return what has the name; empty once the table is made
  private Optional<Relation> make(Lease lease, String text) throws SQLException, AmbiguousCommit {
    List<Identifier> names = create.indexes().stream().map(Index::name).toList();
    Map<String, Relation> held = relations.named(lease.timed(), create.table(), names);
    Relation holder = held.get(create.table().name());
    if (holder != null) {
      return Optional.of(holder);
    }
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
      if (isTaken(e)) {
        return Optional.of(Relation.UNSEEN);
      }
      throw e;
    }
  }

  /// Whether a name of a statement of DDL was taken meanwhile. A key that exists is one of the
  /// catalog's own, where two sessions create the same at once.
  private static boolean isTaken(SQLException e) {
    SqlFailure failure = SqlFailure.of(e);
    return failure == SqlFailure.TABLE_EXISTS || failure == SqlFailure.UNIQUE_VIOLATION;
  }

  /// Compares the table that is there with the one asked for.
  ///
  /// @return the indexes that it lacks; empty where it is no longer there
  private Optional<List<Index>> verify(Lease lease, String statement) throws SQLException {
    Optional<TableShape> found = catalog.read(lease.timed(), create.table());
    if (found.isEmpty()) {
      return Optional.empty();
    }
    TableShape shape = found.get();
    List<StandingIndex> indexes = relations.indexes(lease.timed(), shape);
    Set<Identifier> otherDefaults = ExistingDefaults.others(lease.timed(), create, shape);
    List<String> differences =
        new TableComparison(create, shape, indexes, otherDefaults).differences();
    if (!differences.isEmpty()) {
      throw problems.differs(differences);
    }
    if (create.ifExists() == IfExists.ERROR) {
      throw problems.createdByWhom();
    }
    List<Index> missing = new ArrayList<>();
    Map<Index, Step> unfinished = new LinkedHashMap<>();
    for (Index index : create.indexes()) {
      Optional<Step> step = state(lease, shape, indexes, index);
      if (step.isEmpty()) {
        missing.add(index);
      } else if (!StandingIndex.named(indexes, index.name()).orElseThrow().valid()) {
        unfinished.put(index, step.get());
      }
    }
    refuseTaken(lease, missing);
    // Only once nothing can fail any more: this attempt may be run again.
    if (lost) {
      tableStep = Optional.of(new Step(statement, StepOutcome.COMPLETED, Optional.empty()));
    }
    indexSteps.putAll(unfinished);
    return Optional.of(missing);
  }

  private void refuseTaken(Lease lease, List<Index> indexes) throws SQLException {
    if (indexes.isEmpty()) {
      return;
    }
    List<Identifier> names = indexes.stream().map(Index::name).toList();
    Map<String, Relation> held = relations.named(lease.timed(), create.table(), names);
    for (Index index : indexes) {
      problems.refuseTaken(index, held, Map.of());
    }
  }

  /// What became of an index of the table; empty where there is none of that name.
  ///
  /// @throws Failure where it is not the one asked for
  private Optional<Step> state(
      Lease lease, TableShape shape, List<StandingIndex> indexes, Index index) throws SQLException {
    Optional<StandingIndex> found = StandingIndex.named(indexes, index.name());
    if (found.isEmpty()) {
      return Optional.empty();
    }
    problems.refuseOther(index, found.get());
    if (found.get().valid()) {
      return Optional.of(step(index, StepOutcome.COMPLETED, Optional.empty()));
    }
    Optional<Job> job = relations.job(lease, index.name());
    Optional<String> jobId = job.map(Job::id).filter(id -> !id.isEmpty());
    StepOutcome unlessValid =
        job.isPresent() && job.get().running() ? StepOutcome.BUILDING : StepOutcome.FAILED;
    // Its job may have ended between the two questions.
    return StandingIndex.named(relations.indexes(lease.timed(), shape), index.name())
        .map(now -> step(index, now.valid() ? StepOutcome.COMPLETED : unlessValid, jobId));
  }

  private Step step(Index index, StepOutcome outcome, Optional<String> jobId) {
    return new Step(CreateSql.index(create, index, schema), outcome, jobId);
  }

  /// Has an index built that was missing.
  private Step add(Index index) throws SQLException, AmbiguousCommit {
    for (int round = 1; round <= ROUNDS; round++) {
      Optional<String> jobId = session.run(Repeat.IDEMPOTENT, lease -> build(lease, index));
      if (jobId.isPresent()) {
        return step(index, StepOutcome.BUILDING, jobId);
      }
      Optional<Step> found = session.run(Repeat.IDEMPOTENT, lease -> look(lease, index));
      if (found.isPresent()) {
        return found.get();
      }
    }
    throw problems.contested();
  }

  /// Begins a build.
  ///
  /// @return its job; empty where the name was taken or the table was gone. What the server answers
  ///   where it finds the name taken is not recorded: no result, no row, or a row without a job
  private Optional<String> build(Lease lease, Index index) throws SQLException, AmbiguousCommit {
    String text = CreateSql.index(create, index, schema);
    List<String> jobIds = new ArrayList<>();
    try (Statement statement = lease.timed().createStatement()) {
      Transactions.single(() -> {
        if (statement.execute(text)) {
          readJob(statement, jobIds);
        }
      });
      return jobIds.stream().findFirst();
    } catch (SQLException e) {
      if (isTaken(e) || SqlFailure.of(e) == SqlFailure.TABLE_NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static void readJob(Statement statement, List<String> jobIds) throws SQLException {
    try (ResultSet row = statement.getResultSet()) {
      if (row.next()) {
        Optional.ofNullable(row.getString(1)).ifPresent(jobIds::add);
      }
    }
  }

  /// What became of an index; empty where its name is free.
  ///
  /// @throws Failure where the name is that of something else, or the table is gone
  private Optional<Step> look(Lease lease, Index index) throws SQLException {
    TableShape shape = catalog.read(lease.timed(), create.table()).orElseThrow(problems::vanished);
    List<StandingIndex> indexes = relations.indexes(lease.timed(), shape);
    Optional<Step> found = state(lease, shape, indexes, index);
    if (found.isEmpty()) {
      refuseTaken(lease, List.of(index));
    }
    return found;
  }

  private void awaitAll() throws SQLException, AmbiguousCommit {
    BuildWait wait =
        new BuildWait(
            session, index -> session.run(Repeat.IDEMPOTENT, lease -> look(lease, index)));
    for (Index index : List.copyOf(indexSteps.keySet())) {
      Step step = indexSteps.get(index);
      if (step != null && step.outcome() == StepOutcome.BUILDING) {
        indexSteps.put(index, wait.until(index, step));
      }
    }
  }
}
