package dsql;

import dsql.local.LocalDsql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/// Tables behind the endpoint's back.
public final class Tables {

  private Tables() {}

  /// A new table of admin's, in public.
  public static void fresh(LocalDsql dsql, String table, String columns) throws SQLException {
    drop(dsql, table);
    run(dsql, "CREATE TABLE public." + table + " (" + columns + ")");
    run(dsql, "ALTER TABLE public." + table + " OWNER TO admin");
  }

  public static void drop(LocalDsql dsql, String table) throws SQLException {
    run(dsql, "DROP TABLE IF EXISTS public." + table);
  }

  /// A new schema of admin's, without anything in it.
  public static void freshSchema(LocalDsql dsql, String schema) throws SQLException {
    dropSchema(dsql, schema);
    run(dsql, "CREATE SCHEMA " + schema + " AUTHORIZATION admin");
  }

  /// Removes a schema and all that is in it, if it exists.
  public static void dropSchema(LocalDsql dsql, String schema) throws SQLException {
    run(dsql, "DROP SCHEMA IF EXISTS " + schema + " CASCADE");
  }

  public static void run(LocalDsql dsql, String sql) throws SQLException {
    try (Connection connection = dsql.superuser().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /// The first column of the first row.
  public static String value(LocalDsql dsql, String query) throws SQLException {
    try (Connection connection = dsql.superuser().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return String.valueOf(row.getString(1));
    }
  }

  /// Ends every session of the endpoint's, as the service does at a session's 60 minutes.
  public static void killSessions(LocalDsql dsql) throws SQLException {
    run(
        dsql,
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'admin'");
  }

  /// Waits until the endpoint has noticed that all its clients are gone.
  public static void awaitNoSessions(LocalDsql dsql) {
    long limit = System.nanoTime() + 5_000_000_000L;
    while (dsql.openSessions() > 0) {
      if (System.nanoTime() > limit) {
        throw new AssertionError(dsql.openSessions() + " sessions are still open");
      }
      Thread.onSpinWait();
    }
  }
}
