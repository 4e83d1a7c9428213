package dsql.db.insert;

import dsql.action.Failure;
import dsql.action.Identifier;
import dsql.action.Problem;
import dsql.action.Request;
import dsql.db.fault.SqlFailure;
import dsql.db.jdbc.Refusals;
import dsql.db.pool.Lease;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/// Creates the ledger's table and its index. Safe for concurrent use.
final class LedgerTable {

  /// The index by which expired keys are found.
  private static final String INDEX = "dsql_ledger_expires_at";

  /// Limit on the attempts to create the index: the second of two DDL statements in a row often
  /// meets a conflict.
  private static final int INDEX_ATTEMPTS = 3;

  /// Returns a row if the table exists and has no index of that name.
  private static final String LACKS_INDEX =
      """
      SELECT c.oid FROM pg_namespace n \
      JOIN pg_class c ON c.relnamespace = n.oid \
      WHERE n.nspname = ? AND c.relname = ? AND c.relkind = 'r' AND NOT EXISTS (\
      SELECT 1 FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid \
      WHERE i.indrelid = c.oid AND x.relname = ?)\
      """;

  private final Identifier schema;
  private final String table;

  LedgerTable(Identifier schema) {
    this.schema = schema;
    this.table = schema.quoted() + '.' + Request.LEDGER.quoted();
  }

  /// The table's quoted name with its schema.
  String name() {
    return table;
  }

  /// Creates the table and has its index built.
  ///
  /// @return false when somebody else created the table at the same time
  /// @throws Failure when the database refuses the table
  boolean create(Lease lease) throws SQLException {
    try {
      // Commits itself, because DSQL takes one DDL statement in a transaction. Safe to repeat.
      execute(
          lease,
          "CREATE TABLE IF NOT EXISTS "
              + table
              + " (key text PRIMARY KEY, fingerprint text NOT NULL, next_row integer NOT NULL,"
              + " written integer NOT NULL, reply text, returned jsonb,"
              + " created_at timestamptz NOT NULL DEFAULT now(), expires_at timestamptz NOT NULL)");
      tryIndex(lease, false);
      return true;
    } catch (SQLException e) {
      SqlFailure failure = SqlFailure.of(e);
      if (failure == SqlFailure.TABLE_EXISTS || failure == SqlFailure.UNIQUE_VIOLATION) {
        // When two sessions create it at once, one of them may meet a duplicate in a catalog.
        return false;
      }
      if (failure == SqlFailure.PERMISSION_DENIED) {
        throw new Failure(
            Problem.Code.PERMISSION_DENIED,
            "Idempotency keys are kept in the table dsql_ledger, which the function's database"
                + " user may not create in its schema.",
            e);
      }
      if (failure.isOfStatement()) {
        throw new Failure(Refusals.ofLedger(e), e);
      }
      throw e;
    }
  }

  private static void execute(Lease lease, String text) throws SQLException {
    try (Statement statement = lease.timed().createStatement()) {
      statement.execute(text);
    }
  }

  /// Has the index built. Everything works without it, only slower, so that a failure is no reason
  /// to fail a request: the next tick tries again.
  ///
  /// @param mayExist whether the index may exist already
  /// @throws SQLException when the connection was lost
  private void tryIndex(Lease lease, boolean mayExist) throws SQLException {
    for (int attempt = 1; attempt <= INDEX_ATTEMPTS; attempt++) {
      try {
        if (!mayExist || lacksIndex(lease.timed())) {
          execute(
              lease,
              "CREATE INDEX ASYNC IF NOT EXISTS " + INDEX + " ON " + table + " (expires_at)");
        }
        return;
      } catch (SQLException e) {
        SqlFailure failure = SqlFailure.of(e);
        if (failure.breaksConnection()) {
          throw e;
        }
        if (failure != SqlFailure.CONFLICT) {
          return;
        }
      }
    }
  }

  /// Has the index built if the table lacks it. An index that exists but is not valid is still
  /// being built, or its build has failed; in both cases its name is taken.
  void ensureIndex(Lease lease) {
    try {
      tryIndex(lease, true);
    } catch (SQLException e) {
      // The connection was lost; nobody must use it again.
      lease.discard(e);
    }
  }

  private boolean lacksIndex(Connection connection) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(LACKS_INDEX)) {
      query.setString(1, schema.name());
      query.setString(2, Request.LEDGER.name());
      query.setString(3, INDEX);
      try (ResultSet row = query.executeQuery()) {
        return row.next();
      }
    }
  }
}
