package dsql.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Indexes are built by jobs.
@Tag("endToEnd")
class IndexTest {
  private final LocalDsql dsql = Endpoints.shared();

  @Test
  void aJobMayTakeTime() throws SQLException {
    try (LocalDsql slow = LocalDsql.builder().jobDelay(Duration.ofMillis(300)).start();
        Connection connection = Endpoints.connect(slow);
        Connection open = Endpoints.connect(slow);
        Statement statement = connection.createStatement();
        Statement other = open.createStatement()) {
      statement.execute("create table slow (id int primary key, v int)");
      String job;
      try (ResultSet row = statement.executeQuery("create unique index async x on slow (v)")) {
        row.next();
        job = row.getString(1);
      }
      SQLException early =
          assertThrows(
              SQLException.class,
              () -> statement.execute("alter table slow add constraint u unique using index x"));
      assertEquals("55000", early.getSQLState());
      meetsTheChange(other);
      open.setAutoCommit(false);
      other.execute("select 1");
      try (ResultSet row = statement.executeQuery("call sys.wait_for_job('" + job + "')")) {
        row.next();
        assertTrue(row.getBoolean(1));
      }
      meetsTheChange(other);
      meetsTheChange(statement);
      statement.execute("alter table slow add constraint u unique using index x");
    }
  }

  private static void meetsTheChange(Statement statement) {
    SQLException changed = assertThrows(SQLException.class, () -> statement.execute("select 1"));
    assertEquals("40001", changed.getSQLState());
  }

  @ParameterizedTest
  @ValueSource(strings = {"simple", "extended"})
  void buildsAsynchronously(String queryMode) throws SQLException {
    String table = "index_test_" + queryMode;
    try (Connection connection =
            Endpoints.connect(
                dsql, "admin", dsql.token("admin"), "direct", "preferQueryMode", queryMode);
        Statement statement = connection.createStatement()) {
      statement.execute("create table " + table + " (id int primary key, name text)");
      String job;
      try (ResultSet row =
          statement.executeQuery("CREATE INDEX /* so */ ASYNC ON public." + table + " (name)")) {
        assertEquals("job_id", row.getMetaData().getColumnName(1));
        assertTrue(row.next());
        job = row.getString(1);
        assertTrue(job.matches("[a-z2-7]{26}"), job);
        assertFalse(row.next());
      }
      try (CallableStatement call = connection.prepareCall("CALL sys.wait_for_job(?)")) {
        call.setString(1, job);
        assertTrue(call.execute());
        ResultSet row = call.getResultSet();
        assertTrue(row.next());
        assertTrue(row.getBoolean(1));
      }
      try (ResultSet row =
          statement.executeQuery(
              "select status, job_type, object_name from sys.jobs where job_id = '" + job + "'")) {
        assertTrue(row.next());
        assertEquals("completed", row.getString(1));
        assertEquals("INDEX_BUILD", row.getString(2));
        assertEquals("public." + table + "_name_idx", row.getString(3));
      }
      SQLException plain =
          assertThrows(
              SQLException.class, () -> statement.execute("create index on " + table + " (name)"));
      assertEquals("0A000", plain.getSQLState());
      SQLException missing =
          assertThrows(
              SQLException.class, () -> statement.execute("create index async on nowhere (name)"));
      assertEquals("42P01", missing.getSQLState());
      assertTrue(connection.isValid(1));
    }
  }
}
