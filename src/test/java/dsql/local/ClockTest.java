package dsql.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/// What goes by time goes by the endpoint's clock.
@Tag("endToEnd")
class ClockTest {
  private static final AtomicReference<Instant> NOW =
      new AtomicReference<>(Instant.parse("2026-11-23T10:00:00Z"));
  private static LocalDsql dsql;

  @BeforeAll
  static void start() {
    dsql = LocalDsql.builder().clock(NOW::get).start();
  }

  @AfterAll
  static void stop() {
    dsql.close();
  }

  private static void pass(Duration time) {
    NOW.updateAndGet(now -> now.plus(time));
  }

  @Test
  void aTokenExpires() throws SQLException {
    String token = dsql.token("admin");
    pass(Duration.ofSeconds(899));
    Endpoints.connect(dsql, "admin", token, "direct").close();
    pass(Duration.ofSeconds(1));
    SQLException refused =
        assertThrows(SQLException.class, () -> Endpoints.connect(dsql, "admin", token, "direct"));
    assertTrue(String.valueOf(refused.getMessage()).contains("Signature expired: "));
  }

  @Test
  void aTransactionLivesFiveMinutes() throws SQLException {
    try (Connection connection = Endpoints.connect(dsql);
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("select 1");
      pass(Duration.ofMinutes(5));
      statement.execute("select 1");
      connection.commit();

      statement.execute("select 1");
      pass(Duration.ofSeconds(301));
      ServerErrorMessage late =
          assertThrows(PSQLException.class, connection::commit).getServerErrorMessage();
      assertNotNull(late);
      assertEquals("54000", late.getSQLState());
      assertEquals("transaction age limit of 300s exceeded", late.getMessage());
      assertEquals("Current transaction age 301s exceeds 300s", late.getDetail());
      connection.rollback();

      statement.execute("select 1");
      pass(Duration.ofSeconds(301));
      assertEquals(
          "54000",
          assertThrows(SQLException.class, () -> statement.execute("select 1")).getSQLState());
      assertEquals(
          "25P02",
          assertThrows(SQLException.class, () -> statement.execute("select 1")).getSQLState());
      connection.rollback();
      statement.execute("select 1");
    }
  }

  @Test
  void aConnectionLivesAnHour() throws SQLException {
    try (Connection connection = Endpoints.connect(dsql);
        Connection busy = Endpoints.connect(dsql);
        Statement statement = busy.createStatement()) {
      pass(Duration.ofMinutes(59));
      assertTrue(connection.isValid(1));
      busy.setAutoCommit(false);
      statement.execute("select 1");
      pass(Duration.ofMinutes(2));
      assertFalse(connection.isValid(1));
      statement.execute("select 1");
      busy.commit();
      SQLException cut = assertThrows(SQLException.class, () -> statement.execute("select 1"));
      assertTrue(String.valueOf(cut.getSQLState()).startsWith("08"), cut.getSQLState());
    }
  }

  @Test
  void aConnectionMayBeToldThatItsHourIsOver() throws SQLException {
    dsql.faults().answers().lifeEndsWithWords(true);
    try (Connection connection = Endpoints.connect(dsql);
        Statement statement = connection.createStatement()) {
      pass(Duration.ofMinutes(61));
      SQLException over = assertThrows(SQLException.class, () -> statement.execute("select 1"));
      assertEquals("57P01", over.getSQLState());
    } finally {
      dsql.faults().clear();
    }
  }
}
