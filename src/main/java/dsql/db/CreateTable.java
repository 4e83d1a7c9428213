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
import dsql.db.Catalog.StandingIndex;
import dsql.db.fault.SqlFailure;
import dsql.db.pool.Lease;
import dsql.sql.CreateSql;
import dsql.sql.TableShape;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Creates a table and its indexes: DSQL allows one DDL statement in a transaction, so each commits
/// itself. Confined to one attempt.
final class CreateTable {

  private final Lease lease;
  private final Connection connection;
  private final Catalog catalog;
  private final Create create;
  private final Identifier schema;
  private final List<Step> steps = new ArrayList<>();

  private CreateTable(Lease lease, Catalog catalog, Create create, Identifier schema) {
    this.lease = lease;
    this.connection = lease.connection();
    this.catalog = catalog;
    this.create = create;
    this.schema = schema;
  }

  static Created run(Lease lease, Catalog catalog, Create create, Identifier schema)
      throws SQLException, AmbiguousCommit {
    return new CreateTable(lease, catalog, create, schema).run();
  }

  private Created run() throws SQLException, AmbiguousCommit {
    String statement = CreateSql.table(create, schema);
    Optional<TableShape> standing = catalog.read(connection, create.table());
    boolean created = standing.isEmpty() && createTable(statement);
    List<Index> missing = create.indexes();
    if (!created) {
      missing =
          verify(
              standing.isPresent()
                  ? standing.get()
                  : catalog.read(connection, create.table()).orElseThrow(this::vanished));
    }
    for (Index index : missing) {
      build(index);
    }
    if (create.awaitIndexes()) {
      awaitBuilds();
    }
    return new Created(create.table(), created, steps);
  }

  /// False when another session created it meanwhile.
  private boolean createTable(String statement) throws SQLException, AmbiguousCommit {
    try {
      Commit.single(connection, c -> execute(c, statement));
    } catch (SQLException e) {
      if (SqlFailure.of(e) == SqlFailure.TABLE_EXISTS) {
        return false;
      }
      throw e;
    }
    steps.add(new Step(statement, StepOutcome.COMMITTED, Optional.empty()));
    return true;
  }

  private static boolean execute(Connection connection, String text) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return statement.execute(text);
    }
  }

  private Failure vanished() {
    return new Failure(
        Problem.of(
            Problem.Code.TABLE_NOT_FOUND,
            "The table "
                + create.table()
                + " was created and dropped by others while this request ran. Send it again."));
  }

  /// Compares the standing table with the one asked for.
  ///
  /// @return the indexes it lacks
  private List<Index> verify(TableShape shape) throws SQLException {
    if (create.ifExists() == IfExists.ERROR) {
      throw new Failure(
          Problem.of(
              Problem.Code.ALREADY_EXISTS, "The table " + create.table() + " exists already."));
    }
    List<StandingIndex> indexes = catalog.indexes(connection, shape);
    List<String> differences = new TableComparison(create, shape, indexes).differences();
    if (!differences.isEmpty()) {
      throw new Failure(
          new Problem(
              Problem.Code.SCHEMA_MISMATCH,
              "The table "
                  + create.table()
                  + " exists and differs from the one asked for; nothing was changed.",
              Optional.empty(),
              Optional.empty(),
              List.of(),
              differences));
    }
    Set<String> standing = new HashSet<>();
    indexes.forEach(index -> standing.add(index.name()));
    return create.indexes().stream().filter(i -> !standing.contains(i.name().name())).toList();
  }

  private void build(Index index) throws SQLException, AmbiguousCommit {
    String text = CreateSql.index(create, index, schema);
    Optional<String> jobId =
        Commit.single(
            connection,
            c -> {
              try (Statement statement = c.createStatement();
                  ResultSet row = statement.executeQuery(text)) {
                return row.next() ? Optional.ofNullable(row.getString(1)) : Optional.empty();
              }
            });
    steps.add(
        new Step(text, jobId.isPresent() ? StepOutcome.BUILDING : StepOutcome.COMMITTED, jobId));
  }

  /// Waits for the builds. When the time ends first the reply still names the jobs; the connection
  /// is given up, for the server goes on waiting on it.
  private void awaitBuilds() throws SQLException {
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      if (step.jobId().isEmpty()) {
        continue;
      }
      try {
        boolean completed = completed(step.jobId().get());
        steps.set(
            i,
            new Step(
                step.statement(),
                completed ? StepOutcome.COMPLETED : StepOutcome.FAILED,
                step.jobId()));
      } catch (SQLException e) {
        if (SqlFailure.of(e) != SqlFailure.CONNECTION_LOST) {
          throw e;
        }
        lease.discard();
        return;
      }
    }
  }

  private boolean completed(String jobId) throws SQLException {
    try (PreparedStatement call = connection.prepareStatement("CALL sys.wait_for_job(?)")) {
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
