package dsql.db.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.action.Problem;
import java.io.IOException;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;
import org.postgresql.util.ServerErrorMessage;

@Tag("unit")
class SqlFailureTest {

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          40001,CONFLICT,CONFLICT_EXHAUSTED
          08006,CONNECTION_LOST,DATABASE_UNAVAILABLE
          08001,CONNECTION_LOST,DATABASE_UNAVAILABLE
          08003,CONNECTION_LOST,DATABASE_UNAVAILABLE
          08P01,CONNECTION_LOST,DATABASE_UNAVAILABLE
          57P01,CONNECTION_LOST,DATABASE_UNAVAILABLE
          57P02,CONNECTION_LOST,DATABASE_UNAVAILABLE
          57P03,CONNECTION_LOST,DATABASE_UNAVAILABLE
          57P05,CONNECTION_LOST,DATABASE_UNAVAILABLE
          57014,UNAVAILABLE,DATABASE_UNAVAILABLE
          53100,STORAGE_FULL,DATABASE_UNAVAILABLE
          53200,TRANSACTION_TOO_LARGE,TRANSACTION_TOO_LARGE
          XX000,UNAVAILABLE,DATABASE_UNAVAILABLE
          28000,ACCESS_DENIED,ACCESS_DENIED
          28P01,ACCESS_DENIED,ACCESS_DENIED
          53300,TOO_MANY_CONNECTIONS,TOO_MANY_CONNECTIONS
          53400,CONNECTION_RATE_EXCEEDED,CONNECTION_RATE_EXCEEDED
          42501,PERMISSION_DENIED,PERMISSION_DENIED
          42P01,TABLE_NOT_FOUND,TABLE_NOT_FOUND
          3F000,TABLE_NOT_FOUND,TABLE_NOT_FOUND
          42P07,TABLE_EXISTS,ALREADY_EXISTS
          42710,TABLE_EXISTS,ALREADY_EXISTS
          42703,COLUMN_NOT_FOUND,INVALID_REQUEST
          42P10,STATEMENT_REFUSED,INVALID_REQUEST
          42601,STATEMENT_REFUSED,INVALID_REQUEST
          42804,STATEMENT_REFUSED,INVALID_REQUEST
          23505,UNIQUE_VIOLATION,UNIQUE_VIOLATION
          23503,FOREIGN_KEY_VIOLATION,FOREIGN_KEY_VIOLATION
          23514,CHECK_VIOLATION,CHECK_VIOLATION
          23502,NOT_NULL_VIOLATION,NOT_NULL_VIOLATION
          22001,INVALID_VALUE,INVALID_VALUE
          22003,INVALID_VALUE,INVALID_VALUE
          22P02,INVALID_VALUE,INVALID_VALUE
          54000,TRANSACTION_TOO_LARGE,TRANSACTION_TOO_LARGE
          54001,STATEMENT_TOO_COMPLEX,INVALID_REQUEST
          54011,STATEMENT_TOO_COMPLEX,INVALID_REQUEST
          54023,STATEMENT_TOO_COMPLEX,INVALID_REQUEST
          54999,STATEMENT_TOO_COMPLEX,INVALID_REQUEST
          21000,STATEMENT_REFUSED,INVALID_REQUEST
          428C9,STATEMENT_REFUSED,INVALID_REQUEST
          55000,STATEMENT_REFUSED,INVALID_REQUEST
          44000,CHECK_VIOLATION,CHECK_VIOLATION
          25P02,UNKNOWN,INTERNAL
          0A000,UNSUPPORTED,INVALID_REQUEST
          55P03,UNKNOWN,INTERNAL
          40P01,UNKNOWN,INTERNAL
          2BP01,UNKNOWN,INTERNAL
          5,UNKNOWN,INTERNAL
          '',UNKNOWN,INTERNAL
          ,UNKNOWN,INTERNAL
          """)
  void eachSqlStateHasItsFailureAndCode(
      @Nullable String state, SqlFailure failure, Problem.Code code) {
    SQLException exception = new SQLException("message", state);
    assertEquals(failure, SqlFailure.of(exception));
    assertEquals(code, SqlFailure.of(exception).code());
    assertEquals(failure == SqlFailure.CONNECTION_LOST, failure.breaksConnection());
    assertEquals(Optional.ofNullable(state), SqlFailure.sqlState(exception));
  }

  /// A user's words stand in the server's messages.
  @Test
  void messagesDecideNothing() {
    assertEquals(
        SqlFailure.UNIQUE_VIOLATION,
        SqlFailure.of(new SQLException("40001 change conflicts (OC000) access denied", "23505")));
    assertEquals(SqlFailure.UNKNOWN, SqlFailure.of(new SQLException("40001 OC000")));
  }

  @Test
  void theServersRefusalOfALoginIsNoLostConnection() {
    assertEquals(
        SqlFailure.ACCESS_DENIED,
        SqlFailure.of(server("SFATAL", "C08006", "Munable to accept connection, access denied")));
    assertEquals(
        SqlFailure.UNAVAILABLE,
        SqlFailure.of(
            server(
                "SFATAL",
                "C08006",
                "Munable to accept connection, waking up cluster, please retry later")));
    assertEquals(
        SqlFailure.CONNECTION_LOST,
        SqlFailure.of(new PSQLException("I/O error", PSQLState.CONNECTION_FAILURE)));
  }

  @ParameterizedTest
  @CsvSource({
    "Signature expired: 20261123T120000Z is now earlier, TOKEN_EXPIRED",
    "'Wrong user to action mapping. user: admin, action: DbConnect', WRONG_ACTION",
    "User: arn:x is not authorized to access this resource, NOT_AUTHORIZED",
    "User: arn:x is not authorized to perform: dsql:DbConnectAdmin, NOT_AUTHORIZED",
    "something new, OTHER"
  })
  void aRefusalIsToldByItsHint(String hint, SqlFailure.Refusal refusal) {
    SQLException refused =
        server("SFATAL", "C08006", "Munable to accept connection, access denied", "H" + hint);
    assertEquals(SqlFailure.ACCESS_DENIED, SqlFailure.of(refused));
    assertEquals(refusal, SqlFailure.refusal(refused));
  }

  @Test
  void looksThroughABatch() {
    SQLException one = new SQLException("one", "23505");
    BatchUpdateException batch = new BatchUpdateException("batch", new int[0], one);
    assertEquals(SqlFailure.UNIQUE_VIOLATION, SqlFailure.of(batch));
    assertEquals(Optional.of("23505"), SqlFailure.sqlState(batch));

    BatchUpdateException linked = new BatchUpdateException("batch", "25P02", 0, new int[0]);
    linked.setNextException(new SQLException("still nothing", "25P02"));
    linked.setNextException(new SQLException("this one", "40001"));
    assertEquals(SqlFailure.CONFLICT, SqlFailure.of(linked));
    assertEquals(Optional.of("40001"), SqlFailure.sqlState(linked));
  }

  @Test
  void looksThroughCausesOfAnyKind() {
    SQLException outer =
        new SQLException(
            "outer", new IllegalStateException(new IOException(new SQLException("", "42501"))));
    assertEquals(SqlFailure.PERMISSION_DENIED, SqlFailure.of(outer));
  }

  @Test
  void theOutermostThatSaysSoDecides() {
    SQLException outer = new SQLException("outer", "23505", new SQLException("inner", "40001"));
    assertEquals(SqlFailure.UNIQUE_VIOLATION, SqlFailure.of(outer));
  }

  @Test
  void aStaleStatementIsNothingThatTheServerLacks() {
    SQLException stale = server("SERROR", "C0A000", "Mcached plan must not change result type");
    assertEquals(SqlFailure.STALE_STATEMENT, SqlFailure.of(stale));
    assertFalse(SqlFailure.isUnsupported(stale));
    BatchUpdateException batch = new BatchUpdateException("batch", "0A000", 0, new int[0], stale);
    assertEquals(SqlFailure.STALE_STATEMENT, SqlFailure.of(batch));
    assertFalse(SqlFailure.isUnsupported(batch));
    assertEquals(
        SqlFailure.STALE_STATEMENT,
        SqlFailure.of(server("SERROR", "C26000", "Mno such statement")));
    SQLException lacking = server("SERROR", "C0A000", "Munnest is not supported");
    assertEquals(SqlFailure.UNSUPPORTED, SqlFailure.of(lacking));
    assertTrue(SqlFailure.isUnsupported(lacking));
  }

  @Test
  void keepsAStateThatNothingExplains() {
    SQLException outer = new SQLException("outer", "25P02", new SQLException("inner"));
    assertEquals(SqlFailure.UNKNOWN, SqlFailure.of(outer));
    assertEquals(Optional.of("25P02"), SqlFailure.sqlState(outer));
    SQLException wrapped = new SQLException("wrapped", server("SERROR", "C55P03", "Mlocked"));
    assertEquals(SqlFailure.UNKNOWN, SqlFailure.of(wrapped));
    assertEquals(Optional.of("55P03"), SqlFailure.sqlState(wrapped));
    assertEquals(Optional.empty(), SqlFailure.sqlState(new SQLException("none")));
  }

  @Test
  void endsOnCycles() {
    SQLException a = new SQLException("a");
    SQLException b = new SQLException("b", a);
    a.initCause(b);
    SQLException c = new SQLException("c", b);
    a.setNextException(c);
    assertTimeoutPreemptively(
        Duration.ofSeconds(5),
        () -> {
          assertEquals(SqlFailure.UNKNOWN, SqlFailure.of(c));
          assertEquals(Optional.empty(), SqlFailure.sqlState(c));
          assertEquals(Optional.empty(), SqlFailure.constraint(c));
        });
  }

  @Test
  void namesConstraintAndColumn() {
    SQLException unique = server("SERROR", "C23505", "Mduplicate key", "nowner_pkey");
    assertEquals(Optional.of("owner_pkey"), SqlFailure.constraint(unique));
    assertEquals(Optional.empty(), SqlFailure.column(unique));
    SQLException notNull = server("SERROR", "C23502", "Mnull value", "cname");
    assertEquals(Optional.of("name"), SqlFailure.column(notNull));
    assertEquals(Optional.empty(), SqlFailure.constraint(notNull));
    assertEquals(Optional.empty(), SqlFailure.constraint(new SQLException("none", "23505")));
  }

  /// The driver gives a batch's exception the state of the one it wraps, but not its message.
  @Test
  void namesTheConstraintOfABatch() {
    SQLException unique = server("SERROR", "C23505", "Mduplicate key", "nowner_pkey");
    SQLException batch =
        new BatchUpdateException("batch", unique.getSQLState(), 0, new int[0], unique);
    assertEquals(SqlFailure.UNIQUE_VIOLATION, SqlFailure.of(batch));
    assertEquals(Optional.of("owner_pkey"), SqlFailure.constraint(batch));
  }

  /// A commit that the server refused was refused; all else is not known.
  @ParameterizedTest
  @ValueSource(
      strings = {"08006", "08003", "57P01", "57P02", "57P03", "XX000", "XX001", "58030", "40003"})
  void leavesOpenWhetherACommitTookPlace(String state) {
    assertTrue(SqlFailure.leavesCommitUnknown(server("SFATAL", "C" + state, "Mgone")));
    assertTrue(SqlFailure.leavesCommitUnknown(new SQLException("gone", state)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"40001", "23505", "54000", "53100", "57014", "0A000", "25P02", "22003"})
  void theServersRefusalIsAnAnswer(String state) {
    assertFalse(SqlFailure.leavesCommitUnknown(server("SERROR", "C" + state, "Mrefused")));
    SQLException refused = server("SERROR", "C" + state, "Mrefused");
    assertFalse(
        SqlFailure.leavesCommitUnknown(
            new BatchUpdateException("batch", state, 0, new int[0], refused)));
  }

  /// The driver's own, such as a value it cannot read, may come after the server committed.
  @ParameterizedTest
  @ValueSource(strings = {"22003", "22007", "42821", "0100E"})
  void theDriversFailureIsNoAnswer(String state) {
    assertTrue(SqlFailure.leavesCommitUnknown(new SQLException("bad value", state)));
    assertTrue(SqlFailure.leavesCommitUnknown(new SQLException("without a state")));
  }

  private static PSQLException server(String... fields) {
    return new PSQLException(new ServerErrorMessage(String.join("\0", fields) + "\0"));
  }
}
