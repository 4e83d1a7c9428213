package dsql.lambda.endtoend;

import static dsql.JsonAssert.at;
import static dsql.JsonAssert.object;
import static dsql.JsonAssert.problem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import dsql.SharedDsql;
import dsql.Tables;
import dsql.TestClock;
import dsql.lambda.LocalFunction;
import dsql.lambda.OutcomeUnknown;
import dsql.lambda.Unavailable;
import dsql.local.LocalDsql;
import dsql.local.fault.Failure;
import java.io.InputStream;
import java.sql.SQLException;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// An Error of the JVM's reaches a caller as one of the documented classes, or as a response, and
/// never says that nothing was written where something may have been.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class ErrorsEndToEndTest {

  private static final String QUERY = "{\"action\":\"query\",\"table\":\"errors\"}";
  private static final String INSERT =
      "{\"action\":\"insert\",\"table\":\"errors\",\"rows\":[{\"a\":1}]%s}";
  private static final String KEYED = INSERT.formatted(",\"idempotencyKey\":\"k\"");

  private final LocalDsql dsql;
  private final TestClock clock = new TestClock();
  private Supplier<? extends Error> error = AssertionError::new;

  /// Fails at the first pause between two attempts.
  private final LocalFunction function;

  ErrorsEndToEndTest(LocalDsql dsql) {
    this.dsql = dsql;
    this.function =
        new LocalFunction(
            dsql,
            Map.of(),
            clock,
            time -> {
              throw error.get();
            });
  }

  @BeforeEach
  void freshTable() throws SQLException {
    Tables.fresh(dsql, "errors", "id uuid PRIMARY KEY DEFAULT gen_random_uuid(), a int");
    Tables.drop(dsql, "dsql_ledger");
    function.invoke(INSERT.formatted(",\"idempotencyKey\":\"first\""));
  }

  @AfterEach
  void clear() {
    dsql.faults().clear();
    function.close();
    Tables.awaitNoSessions(dsql);
  }

  static Stream<Supplier<? extends Error>> errors() {
    return Stream.of(
        () -> new OutOfMemoryError("Java heap space"),
        StackOverflowError::new,
        () -> new NoClassDefFoundError("dsql/Secret"),
        () -> new ExceptionInInitializerError("secret"),
        () -> new AssertionError("secret"));
  }

  @ParameterizedTest
  @MethodSource("errors")
  void anErrorLeavesAsOneOfTheClasses(Supplier<? extends Error> error) {
    this.error = error;
    dsql.faults().failStatements(1, Failure.OC000);
    JsonObject told = problem(Unavailable.class, () -> function.invoke(QUERY));
    assertEquals("internal", at(told, "code"));
    assertTrue(told.toString().indexOf("ecret") < 0, told::toString);
  }

  @ParameterizedTest
  @MethodSource("errors")
  void theHttpDoorAnswersAnErrorWithStatus500(Supplier<? extends Error> error) {
    this.error = error;
    dsql.faults().failStatements(1, Failure.OC000);
    JsonObject reply = object(function.invoke(post(QUERY)));
    assertEquals("500", at(reply, "statusCode"));
    assertEquals("internal", at(at(reply, "body"), "code"));
  }

  @Test
  void anUnkeyedInsertThatWroteNothingSaysSo() throws SQLException {
    dsql.faults().failCommits(1, Failure.OC000);
    JsonObject told = problem(Unavailable.class, () -> function.invoke(INSERT.formatted("")));
    assertEquals("not_committed", at(told, "outcome"));
    assertEquals("1", Tables.value(dsql, "SELECT count(*) FROM public.errors"));
  }

  @Test
  void aKeyedInsertThatMayBeInIsNotToldAsNotCommitted() throws SQLException {
    dsql.faults().cutAfterCommits(1);
    JsonObject told = problem(OutcomeUnknown.class, () -> function.invoke(KEYED));
    assertEquals("unknown", at(told, "outcome"));
    assertEquals("true", at(told, "retryable"));
    assertEquals("2", Tables.value(dsql, "SELECT count(*) FROM public.errors"));
    assertEquals("true", at(function.invoke(KEYED), "replayed"));
  }

  @ParameterizedTest
  @MethodSource("errors")
  void anErrorWhileTheEventIsReadLeavesAsOneOfTheClasses(Supplier<? extends Error> error) {
    InputStream broken =
        new InputStream() {
          @Override
          public int read() {
            throw error.get();
          }

          @Override
          public int read(byte[] bytes, int offset, int length) {
            throw error.get();
          }
        };
    assertThrows(Unavailable.class, () -> function.invoke(broken));
  }

  private static String post(String body) {
    return "{\"version\":\"2.0\",\"requestContext\":{\"http\":{\"method\":\"POST\"}},\"body\":"
        + new com.google.gson.Gson().toJson(body)
        + "}";
  }
}
