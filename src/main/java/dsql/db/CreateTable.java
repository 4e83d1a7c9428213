package dsql.db;

import dsql.action.Create;
import dsql.action.Create.IfExists;
import dsql.action.Create.Index;
import dsql.action.Failure;
import dsql.action.Identifier;
import dsql.action.Problem;
import dsql.action.Result.Created;
import dsql.action.Result.Step;
import dsql.action.Result.StepOutcome;
import dsql.db.Catalog.Job;
import dsql.db.Catalog.StandingIndex;
import dsql.db.fault.AmbiguousCommit;
import dsql.db.fault.SqlFailure;
import dsql.db.pool.DeadlineExceeded;
import dsql.db.pool.Lease;
import dsql.db.retry.Retry;
import dsql.db.retry.Retry.Repeat;
import dsql.sql.CreateSql;
import dsql.sql.TableShape;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Creates a table and its indexes: DSQL allows one DDL statement in a transaction, so each commits
/// itself and is retried on its own. Confined to one invocation.
final class CreateTable {

  private final Retry.Session session;
  private final Catalog catalog;
  private final Create create;
  private final Identifier schema;
  private final List<Step> steps = new ArrayList<>();

  private CreateTable(Retry.Session session, Catalog catalog, Create create, Identifier schema) {
    this.session = session;
    this.catalog = catalog;
    this.create = create;
    this.schema = schema;
  }

  static Created run(Retry.Session session, Catalog catalog, Create create, Identifier schema)
      throws SQLException, AmbiguousCommit {
    return new CreateTable(session, catalog, create, schema).run();
  }

  private Created run() throws SQLException, AmbiguousCommit {
    String statement = CreateSql.table(create, schema);
    // Not idempotent by itself, but each attempt first looks whether the table stands.
    boolean created = session.run(Repeat.IDEMPOTENT, lease -> createTable(lease, statement));
    List<Index> missing = created ? create.indexes() : session.run(Repeat.IDEMPOTENT, this::verify);
    for (Index index : missing) {
      try {
        steps.add(session.run(Repeat.IDEMPOTENT, lease -> build(lease, index)));
      } catch (SQLException | RuntimeException e) {
        if (created) {
          throw partly(e);
        }
        throw e;
      }
    }
    if (create.awaitIndexes()) {
      for (int i = 0; i < steps.size(); i++) {
        steps.set(i, awaited(steps.get(i)));
      }
    }
    return new Created(create.table(), created, steps);
  }

  /// False when the table stands already.
  private boolean createTable(Lease lease, String statement) throws SQLException, AmbiguousCommit {
    if (catalog.read(lease.timed(), create.table()).isPresent()) {
      return false;
    }
    try {
      Commit.single(() -> execute(lease, statement));
    } catch (SQLException e) {
      if (SqlFailure.of(e) == SqlFailure.TABLE_EXISTS) {
        return false;
      }
      throw e;
    }
    steps.add(new Step(statement, StepOutcome.COMMITTED, Optional.empty()));
    return true;
  }

  private static void execute(Lease lease, String text) throws SQLException {
    try (Statement statement = lease.timed().createStatement()) {
      statement.execute(text);
    }
  }

  /// Compares the standing table with the one asked for.
  ///
  /// @return the indexes it lacks
  private List<Index> verify(Lease lease) throws SQLException {
    if (create.ifExists() == IfExists.ERROR) {
      throw new Failure(
          Problem.of(
              Problem.Code.ALREADY_EXISTS, "The table " + create.table() + " exists already."));
    }
    TableShape shape = catalog.read(lease.timed(), create.table()).orElseThrow(this::vanished);
    List<StandingIndex> indexes = catalog.indexes(lease.timed(), shape);
    Set<Identifier> otherDefaults = StandingDefaults.others(lease.timed(), create, shape);
    List<String> differences =
        new TableComparison(create, shape, indexes, otherDefaults).differences();
    if (!differences.isEmpty()) {
      throw new Failure(
          Problem.mismatch(
              "The table "
                  + create.table()
                  + " exists and differs from the one asked for; nothing was changed.",
              differences));
    }
    List<Index> missing = new ArrayList<>();
    List<Step> unfinished = new ArrayList<>();
    for (Index index : create.indexes()) {
      Optional<StandingIndex> standing = named(indexes, index);
      if (standing.isEmpty()) {
        missing.add(index);
      } else if (!standing.get().valid()) {
        unfinished.add(unfinished(lease, index));
      }
    }
    // Only once nothing can fail any more: this attempt may be run again.
    steps.addAll(unfinished);
    return missing;
  }

  private static Optional<StandingIndex> named(List<StandingIndex> indexes, Index index) {
    return indexes.stream().filter(i -> i.name().equals(index.name().name())).findAny();
  }

  /// An index that stands and is not valid: it is being built, or its build failed.
  private Step unfinished(Lease lease, Index index) throws SQLException {
    Optional<Job> job = catalog.job(lease.timed(), index.name());
    boolean failed = job.isPresent() && job.get().status().equals("failed");
    return new Step(
        CreateSql.index(create, index, schema),
        failed ? StepOutcome.FAILED : StepOutcome.BUILDING,
        job.map(Job::id));
  }

  private Failure partly(Exception failure) {
    Problem problem = DatabaseProblems.of(failure, Optional.of(create.table()), session);
    return new Failure(
        problem.partly(
            "The table is created, its indexes are not all: send the request again. "
                + problem.detail()),
        failure);
  }

  private Failure vanished() {
    return new Failure(
        Problem.of(
            Problem.Code.TABLE_NOT_FOUND,
            "The table "
                + create.table()
                + " was dropped by others while this request ran. Send it again."));
  }

  private Step build(Lease lease, Index index) throws SQLException, AmbiguousCommit {
    String text = CreateSql.index(create, index, schema);
    List<String> jobIds = new ArrayList<>();
    Commit.single(() -> {
      try (Statement statement = lease.timed().createStatement();
          ResultSet row = statement.executeQuery(text)) {
        if (row.next()) {
          jobIds.add(row.getString(1));
        }
      }
    });
    if (!jobIds.isEmpty()) {
      return new Step(text, StepOutcome.BUILDING, Optional.of(jobIds.getFirst()));
    }
    // The server found an index of that name: this table's, from an attempt before or from another
    // session, or some other table's.
    TableShape shape = catalog.read(lease.timed(), create.table()).orElseThrow(this::vanished);
    Optional<StandingIndex> standing = named(catalog.indexes(lease.timed(), shape), index);
    if (standing.isEmpty()) {
      throw new Failure(
          Problem.mismatch(
              "The index " + index.name() + " belongs to another table of the schema.",
              List.of("index " + index.name() + ": stands on another table")));
    }
    return standing.get().valid()
        ? new Step(text, StepOutcome.COMPLETED, Optional.empty())
        : unfinished(lease, index);
  }

  /// Waits for a build. When the time ends first the step is still building; its connection is
  /// given up, for the server goes on waiting on it.
  private Step awaited(Step step) throws SQLException, AmbiguousCommit {
    if (step.jobId().isEmpty()) {
      return step;
    }
    String jobId = step.jobId().get();
    try {
      boolean completed = session.run(Repeat.IDEMPOTENT, lease -> completed(lease, jobId));
      return new Step(
          step.statement(), completed ? StepOutcome.COMPLETED : StepOutcome.FAILED, step.jobId());
    } catch (SQLException e) {
      if (SqlFailure.of(e) == SqlFailure.CONNECTION_LOST) {
        return step;
      }
      throw e;
    } catch (DeadlineExceeded e) {
      return step;
    }
  }

  private static boolean completed(Lease lease, String jobId) throws SQLException {
    try (PreparedStatement call = lease.timed().prepareStatement("CALL sys.wait_for_job(?)")) {
      call.setString(1, jobId);
      if (!call.execute()) {
        throw new SQLException("sys.wait_for_job answered no row.");
      }
      try (ResultSet row = call.getResultSet()) {
        return row.next() && row.getBoolean(1);
      }
    }
  }
}
