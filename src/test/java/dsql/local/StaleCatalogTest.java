package dsql.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.local.fault.Failure;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the conformance table cannot show of OC001: pipelines, waiting statements, prepared ones.
@Tag("endToEnd")
class StaleCatalogTest {
  private final LocalDsql dsql = Endpoints.shared();

  @Test
  void meetsABatchThatBeginsItsTransaction() throws SQLException {
    try (Connection one = fresh("stale_batch");
        Connection other = Endpoints.connect(dsql);
        Statement ddl = one.createStatement();
        Statement select = other.createStatement()) {
      String batch = "BEGIN READ ONLY; SELECT v FROM stale_batch; COMMIT";
      select.execute(batch);
      ddl.execute("ALTER TABLE stale_batch ADD COLUMN w int");
      assertStale(assertThrows(SQLException.class, () -> select.execute(batch)));
      select.execute("ROLLBACK");
      select.execute(batch);
      // Who made the change knows it.
      ddl.execute("SELECT w FROM stale_batch");
    }
  }

  @Test
  void meetsAPreparedStatementBeforePostgresDoes() throws SQLException {
    try (Connection one = fresh("stale_prepared");
        Connection other =
            Endpoints.connect(
                dsql, "admin", dsql.token("admin"), "direct", "prepareThreshold", "1");
        Statement ddl = one.createStatement();
        PreparedStatement select = other.prepareStatement("SELECT v FROM stale_prepared")) {
      select.execute();
      ddl.execute("ALTER TABLE stale_prepared DROP COLUMN v");
      assertStale(assertThrows(SQLException.class, select::execute));
      SQLException gone = assertThrows(SQLException.class, select::execute);
      assertEquals("42703", gone.getSQLState());
    }
  }

  @Test
  void ofTwoChangesAtOnceOneMeetsTheOther() throws SQLException {
    try (Connection one = fresh("stale_twice");
        Connection other = Endpoints.connect(dsql);
        Statement first = one.createStatement();
        Statement second = other.createStatement()) {
      other.setAutoCommit(false);
      second.execute("ALTER TABLE stale_twice ADD COLUMN x int");
      first.execute("CREATE TABLE IF NOT EXISTS stale_twice_more (id int)");
      assertStale(assertThrows(SQLException.class, other::commit));
      try (ResultSet columns = first.executeQuery("SELECT * FROM stale_twice")) {
        assertEquals(2, columns.getMetaData().getColumnCount());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"INSERT INTO stale_waits VALUES (2, 2)", "SELECT * FROM stale_waits"})
  void meetsAStatementThatBeganBeforeTheChangeAndEndedAfterIt(String sql) throws Exception {
    try (Connection one = fresh("stale_waits");
        Connection other = Endpoints.connect(dsql);
        Connection superuser = dsql.superuser().getConnection();
        Statement ddl = one.createStatement();
        Statement waits = other.createStatement();
        Statement holder = superuser.createStatement();
        ExecutorService executor = Executors.newSingleThreadExecutor()) {
      waits.execute("SELECT 1");
      superuser.setAutoCommit(false);
      holder.execute("LOCK TABLE public.stale_waits IN ACCESS EXCLUSIVE MODE");
      Future<Boolean> waiting = executor.submit(() -> waits.execute(sql));
      awaitWaiting(holder);
      ddl.execute("CREATE TABLE IF NOT EXISTS stale_waits_" + sql.length() + " (id int)");
      superuser.commit();
      ExecutionException failed = assertThrows(ExecutionException.class, waiting::get);
      assertStale(assertInstanceOf(SQLException.class, failed.getCause()));
      try (ResultSet row = ddl.executeQuery("SELECT count(*) FROM stale_waits")) {
        assertTrue(row.next());
        assertEquals(0, row.getInt(1));
      }
      waits.execute(sql);
    }
  }

  // A conflict would say that it may be sent again. The trigger has the commit wait for the change.
  @Test
  void doesNotTakeTheBlameForWhatIsCommitted() throws Exception {
    try (Connection one = fresh("stale_done");
        Connection other = Endpoints.connect(dsql);
        Connection superuser = dsql.superuser().getConnection();
        Statement ddl = one.createStatement();
        Statement write = other.createStatement();
        Statement holder = superuser.createStatement();
        ExecutorService executor = Executors.newSingleThreadExecutor()) {
      holder.execute(
          """
          CREATE OR REPLACE FUNCTION public.stale_wait() RETURNS trigger LANGUAGE plpgsql AS
          'BEGIN PERFORM pg_advisory_xact_lock(1501); RETURN NULL; END';
          CREATE CONSTRAINT TRIGGER stale_wait AFTER INSERT ON public.stale_done
          DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.stale_wait();
          SELECT pg_advisory_lock(1501)\
          """);
      write.execute("SELECT 1");
      dsql.faults().failCommits(1, Failure.UNAVAILABLE_BUT_DONE);
      Future<Boolean> waiting =
          executor.submit(() -> write.execute("INSERT INTO stale_done VALUES (1, 1)"));
      awaitWaiting(holder);
      dsql.change("CREATE TABLE IF NOT EXISTS public.stale_done_more (id int)");
      holder.execute("SELECT pg_advisory_unlock(1501)");
      ExecutionException failed = assertThrows(ExecutionException.class, waiting::get);
      assertEquals("XX000", assertInstanceOf(SQLException.class, failed.getCause()).getSQLState());
      assertStale(assertThrows(SQLException.class, () -> ddl.execute("SELECT 1")));
      try (ResultSet row = ddl.executeQuery("SELECT count(*) FROM stale_done")) {
        assertTrue(row.next());
        assertEquals(1, row.getInt(1));
      }
    }
  }

  @Test
  void canBeSwitchedOff() throws SQLException {
    try (LocalDsql lenient = LocalDsql.builder().staleCatalogs(false).start();
        Connection one = Endpoints.connect(lenient);
        Connection other = Endpoints.connect(lenient);
        Statement ddl = one.createStatement();
        Statement select = other.createStatement()) {
      select.execute("SELECT 1");
      ddl.execute("CREATE TABLE stale (id int)");
      select.execute("SELECT * FROM stale");
      other.setAutoCommit(false);
      select.execute("SELECT * FROM stale");
      ddl.execute("CREATE TABLE staler (id int)");
      assertStale(assertThrows(SQLException.class, () -> select.execute("SELECT * FROM stale")));
    }
  }

  private Connection fresh(String table) throws SQLException {
    Connection connection = Endpoints.connect(dsql);
    try (Statement statement = connection.createStatement()) {
      statement.execute("DROP TABLE IF EXISTS " + table);
      statement.execute("CREATE TABLE " + table + " (id int, v int)");
    }
    return connection;
  }

  private static void awaitWaiting(Statement holder) throws SQLException {
    boolean waiting = false;
    while (!waiting) {
      try (ResultSet row =
          holder.executeQuery("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")) {
        assertTrue(row.next());
        waiting = row.getBoolean(1);
      }
    }
  }

  private static void assertStale(SQLException e) {
    assertEquals("40001", e.getSQLState());
    assertTrue(String.valueOf(e.getMessage()).contains("OC001"), e::getMessage);
    assertFalse(String.valueOf(e.getMessage()).contains("OC000"), e::getMessage);
  }
}
