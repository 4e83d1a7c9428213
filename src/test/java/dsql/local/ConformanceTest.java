package dsql.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dsql.local.ConformanceTable.Case;
import dsql.local.ConformanceTable.Expected;
import dsql.local.ConformanceTable.Step;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/// Every case of the conformance table, over both the simple and the extended protocol.
///
/// A case marked as a gap must fail, so that the table stays honest both ways.
class ConformanceTest {
  private static LocalDsql dsql;

  @BeforeAll
  static void start() {
    dsql = LocalDsql.start();
  }

  @AfterAll
  static void stop() {
    dsql.close();
  }

  @TestFactory
  Stream<DynamicTest> holds() throws IOException {
    return ConformanceTable.read().stream()
        .flatMap(c ->
            Stream.of("simple", "extended")
                .map(mode -> dynamicTest(c.title() + ", " + mode, () -> check(c, mode))));
  }

  private static void check(Case c, String mode) throws SQLException {
    reset();
    if (c.gap().isEmpty()) {
      run(c, mode);
    } else {
      assertThrows(AssertionError.class, () -> run(c, mode), "no gap any more");
    }
  }

  private static void run(Case c, String mode) throws SQLException {
    Map<Character, Connection> sessions = new HashMap<>();
    try {
      for (Step step : c.steps()) {
        Connection session = sessions.get(step.session());
        if (session == null) {
          session = connect(step.session() == 's' ? "simple" : mode);
          sessions.put(step.session(), session);
        }
        run(step, session);
      }
    } finally {
      for (Connection session : sessions.values()) {
        session.close();
      }
    }
  }

  // The time limit makes waiting for a lock a failure.
  private static Connection connect(String mode) throws SQLException {
    return Endpoints.connect(
        dsql,
        "admin",
        dsql.token("admin"),
        "direct",
        "preferQueryMode",
        mode,
        "socketTimeout",
        "5");
  }

  private static void run(Step step, Connection session) throws SQLException {
    try (Statement statement = session.createStatement()) {
      statement.setEscapeProcessing(false);
      boolean rows = statement.execute(step.sql());
      switch (step.expected()) {
        case Expected.Failed error -> throw new AssertionError(step.sql() + " got no " + error);
        case Expected.Rows(List<String> expected) -> {
          assertTrue(rows, step.sql());
          assertEquals(expected, read(statement.getResultSet()), step.sql());
        }
        case Expected.Count(int count) ->
            assertEquals(count, statement.getUpdateCount(), step.sql());
        case Expected.Success _ -> {}
      }
    } catch (PSQLException e) {
      ServerErrorMessage message = e.getServerErrorMessage();
      if (message == null || !(step.expected() instanceof Expected.Failed error)) {
        throw new AssertionError(step.sql() + " failed: " + e.getMessage(), e);
      }
      assertTrue(
          error.matches(
              String.valueOf(message.getSQLState()), String.valueOf(message.getMessage())),
          () -> step.sql() + ": expected " + error + " but got " + e.getSQLState() + " " + message);
    }
  }

  private static List<String> read(ResultSet rows) throws SQLException {
    List<String> read = new ArrayList<>();
    while (rows.next()) {
      List<String> row = new ArrayList<>();
      for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
        String value = rows.getString(i);
        row.add(value == null ? "∅" : value);
      }
      read.add(String.join("|", row));
    }
    return read;
  }

  private static void reset() throws SQLException {
    try (Connection connection = dsql.superuser().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION admin;"
              + " GRANT USAGE ON SCHEMA public TO PUBLIC; DELETE FROM sys.jobs;"
              + " DROP ROLE IF EXISTS conformance");
    }
  }
}
