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

/// How the ledger's table and its index come to be. Safe for concurrent use.
final class LedgerTable {

  /// By which expired keys are found.
  private static final String INDEX = "dsql_ledger_expires_at";

  /// How often the index is tried for after the table was made. Of two statements of DDL in a row
  /// the second may well meet a conflict.
  private static final int INDEX_ATTEMPTS = 3;

  /// A row where there is the table, and no index of the name on it.
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

  /// Makes the table and has its index built.
  ///
  /// @return false where somebody else has made the table at the same time
  /// @throws Failure when the database refuses the table
  boolean create(Lease lease) throws SQLException {
    try {
      create(lease.timed());
      tryIndex(lease, false);
      return true;
    } catch (SQLException e) {
      SqlFailure failure = SqlFailure.of(e);
      if (failure == SqlFailure.TABLE_EXISTS || failure == SqlFailure.UNIQUE_VIOLATION) {
        // Two sessions at once may both find it missing; in PostgreSQL one then meets a duplicate
        // in a catalog.
        return false;
      }
      if (failure == SqlFailure.PERMISSION_DENIED) {
        throw new Failure(
            Problem.of(
                Problem.Code.PERMISSION_DENIED,
                "Idempotency keys are kept in the table dsql_ledger, which the function's database"
                    + " user may not create in its schema."),
            e);
      }
      if (failure.isOfStatement()) {
        throw new Failure(Refusals.ofLedger(e), e);
      }
      throw e;
    }
  }

  /// Safe to repeat. It commits itself, as the index does: DSQL takes one statement of DDL in a
  /// transaction.
  private void create(Connection connection) throws SQLException {
    try (java.sql.Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE TABLE IF NOT EXISTS "
              + table
              + " (key text PRIMARY KEY, fingerprint text NOT NULL, next_row integer NOT NULL,"
              + " written integer NOT NULL, reply text, returned jsonb,"
              + " created_at timestamptz NOT NULL DEFAULT now(), expires_at timestamptz NOT NULL)");
    }
  }

  /// Tries it a few times. Inserts need the table alone, and keys are removed without the index
  /// too, if slowly: so what goes wrong here is nobody's failure, and is left to the next tick.
  ///
  /// @param looks whether the index may be there
  /// @throws SQLException when the connection was lost
  private void tryIndex(Lease lease, boolean looks) throws SQLException {
    for (int attempt = 1; attempt <= INDEX_ATTEMPTS; attempt++) {
      try {
        if (!looks || lacksIndex(lease.timed())) {
          createIndex(lease.timed());
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

  /// Safe to repeat.
  private void createIndex(Connection connection) throws SQLException {
    try (java.sql.Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE INDEX ASYNC IF NOT EXISTS " + INDEX + " ON " + table + " (expires_at)");
    }
  }

  /// Has the index built where the table is there without it. One that is there and not valid is
  /// being built, or its build has failed; either way its name is taken.
  void ensureIndex(Lease lease) {
    try {
      tryIndex(lease, true);
    } catch (SQLException e) {
      // With the connection, which nobody else uses any more then.
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
