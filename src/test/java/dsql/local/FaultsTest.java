package dsql.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.local.fault.Failure;
import dsql.local.fault.Rejection;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Faults do what was ordered, as often as ordered, and no more.
@Tag("endToEnd")
class FaultsTest {
  private final LocalDsql dsql = Endpoints.shared();

  @BeforeEach
  void freshTable() throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute("drop table if exists faults");
      statement.execute("create table faults (id int primary key)");
    }
  }

  @AfterEach
  void clear() {
    dsql.faults().clear();
  }

  @ParameterizedTest
  @EnumSource(Failure.class)
  void failsCommits(Failure failure) throws SQLException {
    try (Connection connection = connect()) {
      dsql.faults().failCommits(2, failure);
      connection.setAutoCommit(false);
      insert(connection, 1);
      SQLException atCommit = assertThrows(SQLException.class, connection::commit);
      assertEquals(failure.refusal().sqlState(), atCommit.getSQLState());
      connection.rollback();
      connection.setAutoCommit(true);
      SQLException atStatement = assertThrows(SQLException.class, () -> insert(connection, 2));
      assertEquals(failure.refusal().sqlState(), atStatement.getSQLState());
      insert(connection, 3);
      assertEquals(failure == Failure.UNAVAILABLE_BUT_DONE ? 3 : 1, count(connection));
    }
  }

  @Test
  void failsStatementsAndAbortsTheirTransaction() throws SQLException {
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      insert(connection, 1);
      dsql.faults().failStatements(1, Failure.OC001);
      assertEquals(
          "40001", assertThrows(SQLException.class, () -> count(connection)).getSQLState());
      assertEquals(
          "25P02", assertThrows(SQLException.class, () -> count(connection)).getSQLState());
      connection.rollback();
      assertEquals(0, count(connection));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void cutsAroundACommit(boolean before) throws SQLException {
    for (boolean autocommit : new boolean[] {true, false}) {
      try (Connection connection = connect()) {
        connection.setAutoCommit(autocommit);
        if (before) {
          dsql.faults().cutBeforeCommits(1);
        } else {
          dsql.faults().cutAfterCommits(1);
        }
        SQLException cut =
            assertThrows(
                SQLException.class,
                () -> {
                  insert(connection, autocommit ? 1 : 2);
                  connection.commit();
                });
        assertTrue(String.valueOf(cut.getSQLState()).startsWith("08"), cut.getSQLState());
      }
    }
    try (Connection connection = connect()) {
      assertEquals(before ? 0 : 2, count(connection));
    }
  }

  @Test
  void aStatementThatFailsIsNoCommitAndLeavesTheCutOrdered() throws SQLException {
    try (Connection connection = connect()) {
      insert(connection, 1);
      dsql.faults().cutAfterCommits(1);
      SQLException twice = assertThrows(SQLException.class, () -> insert(connection, 1));
      assertEquals("23505", twice.getSQLState());
      SQLException cut = assertThrows(SQLException.class, () -> insert(connection, 2));
      assertTrue(String.valueOf(cut.getSQLState()).startsWith("08"), cut.getSQLState());
    }
    try (Connection connection = connect()) {
      assertEquals(2, count(connection));
    }
  }

  @Test
  void failsACommitThatIsDoneForEveryKindOfStatement() throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      for (String sql :
          new String[] {
            "create table faults_ddl (id int primary key)",
            "create index async faults_index on faults_ddl (id)",
            "alter table faults_ddl add column v int",
            "drop table faults_ddl"
          }) {
        dsql.faults().failCommits(1, Failure.UNAVAILABLE_BUT_DONE);
        assertEquals(
            "XX000",
            assertThrows(SQLException.class, () -> statement.execute(sql)).getSQLState(),
            sql);
        String again = assertThrows(SQLException.class, () -> statement.execute(sql)).getSQLState();
        assertTrue(String.valueOf(again).startsWith("42"), sql + ": " + again);
      }
      insert(connection, 1);
      dsql.faults().failCommits(1, Failure.UNAVAILABLE_BUT_DONE);
      assertEquals(
          "23505", assertThrows(SQLException.class, () -> insert(connection, 1)).getSQLState());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 20, 100})
  void cutsAfterBytes(int bytes) throws SQLException {
    try (Connection connection = connect()) {
      dsql.faults().cutAfterSending(bytes);
      assertThrows(SQLException.class, () -> longRead(connection));
    }
    try (Connection connection = connect()) {
      dsql.faults().cutAfterReceiving(bytes);
      assertThrows(
          SQLException.class,
          () -> {
            insert(connection, 1);
            insert(connection, 2);
            insert(connection, 3);
          });
    }
    connect().close();
  }

  @ParameterizedTest
  @EnumSource(Rejection.class)
  void refusesConnections(Rejection rejection) throws SQLException {
    dsql.faults().refuseConnections(1, rejection);
    SQLException refused = assertThrows(SQLException.class, this::connect);
    assertEquals(rejection.refusal().sqlState(), refused.getSQLState());
    connect().close();
  }

  @Test
  void expiresTokens() throws SQLException {
    String token = dsql.token("admin");
    Endpoints.connect(dsql, "admin", token, "direct").close();
    dsql.faults().expireTokens(1);
    SQLException refused =
        assertThrows(SQLException.class, () -> Endpoints.connect(dsql, "admin", token, "direct"));
    assertTrue(String.valueOf(refused.getMessage()).contains("Signature expired: "));
    Endpoints.connect(dsql, "admin", token, "direct").close();
  }

  @Test
  void freezesUntilThawed() throws Exception {
    try (Connection connection = connect()) {
      dsql.faults().freeze();
      CompletableFuture<Integer> answer =
          CompletableFuture.supplyAsync(() -> {
            try {
              return count(connection);
            } catch (SQLException e) {
              throw new IllegalStateException(e);
            }
          });
      assertThrows(TimeoutException.class, () -> answer.get(100, TimeUnit.MILLISECONDS));
      dsql.faults().thaw();
      assertEquals(0, answer.get(5, TimeUnit.SECONDS));
    }
  }

  @Test
  void delaysAnswers() throws SQLException {
    try (Connection connection = connect()) {
      dsql.faults().delay(Duration.ofMillis(200));
      Instant start = Instant.now();
      count(connection);
      long millis = Duration.between(start, Instant.now()).toMillis();
      assertTrue(millis >= 200 && millis < 800, () -> millis + " ms");
    }
  }

  @Test
  void takesOrdersFromComments() throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute("/* dsql: fail-commits 1 OC000 */ select 1");
      SQLException failed = assertThrows(SQLException.class, () -> insert(connection, 1));
      assertEquals("40001", failed.getSQLState());
      insert(connection, 1);
      SQLException unknown =
          assertThrows(SQLException.class, () -> statement.execute("/* dsql: explode */ select 1"));
      assertEquals("22023", unknown.getSQLState());
      statement.execute("select '/* dsql: fail-commits 1 OC000 */'");
      insert(connection, 2);
      assertNotEquals(0, count(connection));
    }
  }

  private Connection connect() throws SQLException {
    return Endpoints.connect(dsql);
  }

  private static void insert(Connection connection, int id) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate("insert into faults values (" + id + ")");
    }
  }

  private static int count(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select count(*) from faults")) {
      row.next();
      return row.getInt(1);
    }
  }

  private static void longRead(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("select repeat('x', 1000)");
    }
  }
}
