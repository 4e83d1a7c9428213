package dsql.db;

import dsql.action.Create;
import dsql.action.Failure;
import dsql.action.Fault;
import dsql.action.Identifier;
import dsql.action.Insert;
import dsql.action.InvalidRequest;
import dsql.action.Problem;
import dsql.action.Query;
import dsql.action.Request;
import dsql.action.Result;
import dsql.db.fault.SqlFailure;
import dsql.db.pool.ConnectionPool;
import dsql.db.pool.Deadline;
import dsql.db.pool.Lease;
import dsql.db.pool.PoolExhausted;
import dsql.db.pool.TokenSource;
import dsql.sql.TableShape;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Runs requests, each on a lease of its own. Safe for concurrent use.
public final class Database implements AutoCloseable {

  private final ConnectionPool pool;
  private final Identifier schema;
  private final Catalog catalog;

  /// @param schema the schema of every table
  public Database(ConnectionPool pool, Identifier schema) {
    this.pool = pool;
    this.schema = schema;
    this.catalog = new Catalog(schema);
  }

  /// Runs one request by the deadline.
  ///
  /// @param limit how large the rows of the reply may be
  /// @throws Failure when the database or the deadline stopped it
  /// @throws InvalidRequest when the request does not fit the table
  public Result run(Request request, Deadline deadline, PageLimit limit) {
    if (request instanceof Insert insert) {
      InsertRows.check(insert);
    }
    try (Lease lease = borrow(deadline)) {
      try {
        return switch (request) {
          case Create create -> CreateTable.run(lease, catalog, create, schema);
          case Insert insert ->
              onShape(
                  lease, insert, shape -> InsertRows.run(lease.connection(), insert, shape, limit));
          case Query query ->
              onShape(
                  lease, query, shape -> SelectRows.run(lease.connection(), query, shape, limit));
        };
      } catch (SQLException e) {
        discardIfBroken(lease, e);
        throw e;
      } catch (AmbiguousCommit e) {
        lease.discard();
        throw e;
      }
    } catch (SQLException e) {
      throw failure(e, request, deadline);
    } catch (AmbiguousCommit e) {
      throw new Failure(
          Problem.of(
              Problem.Code.OUTCOME_UNKNOWN,
              "The connection was lost while the transaction was committed; it may or may not be."
                  + " Look before sending it again."),
          e);
    }
  }

  /// Borrows a connection, asks the server for a sign of life, and tells of the pool.
  public Result.Ticked tick(Deadline deadline) {
    try (Lease lease = borrow(deadline)) {
      try (PreparedStatement statement = lease.connection().prepareStatement("SELECT 1")) {
        statement.execute();
      } catch (SQLException e) {
        discardIfBroken(lease, e);
        throw e;
      }
    } catch (SQLException e) {
      throw new Failure(SqlProblems.of(e, Optional.empty()), e);
    }
    ConnectionPool.State state = pool.state();
    return new Result.Ticked(state.total(), state.idle(), state.opened(), state.closed());
  }

  /// Closes the pool.
  @Override
  public void close() {
    pool.close();
  }

  private Lease borrow(Deadline deadline) throws SQLException {
    if (deadline.passed()) {
      throw deadlineExceeded(null);
    }
    try {
      return pool.borrow(deadline);
    } catch (PoolExhausted e) {
      throw deadlineExceeded(e);
    } catch (TokenSource.Unavailable e) {
      throw new Failure(
          Problem.of(
              Problem.Code.ACCESS_DENIED,
              "The function found no credentials to sign a database token with."),
          e);
    }
  }

  @FunctionalInterface
  private interface OnShape<R> {
    R run(TableShape shape) throws SQLException, AmbiguousCommit;
  }

  /// Runs with the table's shape as it is known, and once more with a fresh one where the known one
  /// proved stale: a statement that met a missing table or column has changed nothing.
  private <R> R onShape(Lease lease, Request request, OnShape<R> action)
      throws SQLException, AmbiguousCommit {
    @Nullable TableShape known = catalog.known(request.table());
    if (known != null) {
      try {
        return action.run(known);
      } catch (InvalidRequest e) {
        if (e.faults().stream().noneMatch(f -> f.code() == Fault.Code.UNKNOWN_COLUMN)) {
          throw e;
        }
      } catch (SQLException e) {
        SqlFailure failure = SqlFailure.of(e);
        if (failure != SqlFailure.COLUMN_NOT_FOUND && failure != SqlFailure.TABLE_NOT_FOUND) {
          throw e;
        }
        lease.reset();
      }
    }
    TableShape shape =
        catalog
            .read(lease.connection(), request.table())
            .orElseThrow(() ->
                new Failure(
                    Problem.of(
                        Problem.Code.TABLE_NOT_FOUND,
                        "There is no table " + request.table() + " in the function's schema.")));
    return action.run(shape);
  }

  private static void discardIfBroken(Lease lease, SQLException e) {
    if (SqlFailure.of(e).breaksConnection()) {
      lease.discard();
    }
  }

  private static Failure failure(SQLException e, Request request, Deadline deadline) {
    if (SqlFailure.of(e) == SqlFailure.CONNECTION_LOST && deadline.passed()) {
      return deadlineExceeded(e);
    }
    return new Failure(SqlProblems.of(e, Optional.of(request.table())), e);
  }

  private static Failure deadlineExceeded(@Nullable Throwable cause) {
    Problem problem =
        Problem.of(
            Problem.Code.DEADLINE_EXCEEDED,
            "The time of this invocation ended before the database answered; nothing was written.");
    return cause == null ? new Failure(problem) : new Failure(problem, cause);
  }
}
