package dsql.lambda.endtoend;

import static dsql.JsonAssert.at;
import static dsql.JsonAssert.problem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import dsql.SharedDsql;
import dsql.Tables;
import dsql.TestClock;
import dsql.lambda.FunctionError;
import dsql.lambda.LocalFunction;
import dsql.lambda.RequestRejected;
import dsql.local.LocalDsql;
import dsql.local.fault.Failure;
import dsql.local.fault.Rejection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is answered under a key rests on the key's own row: whatever became of the table, and only
/// once that row was seen.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class ReplaysEndToEndTest {

  private static final String RETURNING =
      ",\"returning\":[\"id\",\"a\",\"b\",\"n\",\"t\",\"j\",\"c\",\"y\",\"z\"]";

  private static final String ROW =
      "{\"id\":%d,\"a\":\"é \\\"\",\"b\":true,\"n\":\"1.5000\",\"j\":{\"x\":[1.10]},\"c\":\"ab\",\"y\":\"AAE=\"}";

  private static final String KEYED = "{\"action\":\"insert\",\"table\":\"told\",\"rows\":[%s]%s}";

  private final LocalDsql dsql;
  private final TestClock clock = new TestClock();
  private final LocalFunction function;

  ReplaysEndToEndTest(LocalDsql dsql) {
    this.dsql = dsql;
    this.function = new LocalFunction(dsql, Map.of(), clock);
  }

  @BeforeEach
  void fresh() throws SQLException {
    Tables.fresh(
        dsql,
        "told",
        "id integer PRIMARY KEY, a text, b boolean, n numeric(9,4), t timestamptz DEFAULT now(),"
            + " j jsonb, c char(4), y bytea, z double precision");
    Tables.drop(dsql, "dsql_ledger");
    function.invoke(KEYED.formatted(ROW.formatted(-1), ",\"idempotencyKey\":\"first\""));
    Tables.run(dsql, "DELETE FROM public.told");
  }

  @AfterEach
  void close() {
    dsql.faults().clear();
    function.close();
    Tables.awaitNoSessions(dsql);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ALTER TABLE public.told RENAME COLUMN a TO renamed",
        "ALTER TABLE public.told RENAME COLUMN a TO x;"
            + "ALTER TABLE public.told RENAME COLUMN c TO a;"
            + "ALTER TABLE public.told RENAME COLUMN x TO c",
        "ALTER TABLE public.told DROP COLUMN a",
        "ALTER TABLE public.told DROP COLUMN a, ADD COLUMN a varchar(3)",
        "ALTER TABLE public.told DROP COLUMN a, ADD COLUMN a integer",
        "ALTER TABLE public.told ALTER COLUMN b TYPE text, ALTER COLUMN n TYPE integer",
        "ALTER TABLE public.told ALTER COLUMN y TYPE text USING 'x', ALTER COLUMN c TYPE char(9)",
        "DROP TABLE public.told",
        "DROP TABLE public.told; CREATE TABLE public.told (id text PRIMARY KEY)",
        "DELETE FROM public.told"
      })
  void whateverBecameOfTheTableTheFirstReplyIsGivenAgain(String change) throws SQLException {
    String several =
        IntStream.range(10, 13).mapToObj(ROW::formatted).collect(Collectors.joining(","));
    String many =
        IntStream.range(100, 800).mapToObj(ROW::formatted).collect(Collectors.joining(","));
    String nothing = ",\"onConflict\":{\"columns\":[\"id\"],\"do\":\"nothing\"}";
    List<String> events =
        List.of(
            KEYED.formatted(ROW.formatted(1), ",\"idempotencyKey\":\"one\"" + RETURNING),
            KEYED.formatted(ROW.formatted(2), ",\"idempotencyKey\":\"bare\""),
            KEYED.formatted(several, ",\"idempotencyKey\":\"several\"" + RETURNING),
            KEYED.formatted(
                ROW.formatted(1) + "," + ROW.formatted(3),
                ",\"idempotencyKey\":\"skipped\"" + nothing + RETURNING),
            KEYED.formatted(
                many, ",\"idempotencyKey\":\"many\",\"atomicity\":\"chunk\"" + RETURNING));
    List<String> first = events.stream().map(function::invoke).toList();
    Tables.run(dsql, change);
    for (int again = 0; again < 2; again++) {
      for (int i = 0; i < first.size(); i++) {
        assertReplayed(first.get(i), function.invoke(events.get(i)));
      }
    }
    try (LocalFunction fresh = new LocalFunction(dsql, Map.of())) {
      assertEquals(at(first.get(0), "rows"), at(fresh.invoke(events.get(0)), "rows"));
    }
  }

  /// A function call of PostgreSQL takes 100 arguments.
  @ParameterizedTest
  @ValueSource(ints = {99, 100, 101, 120, 250})
  void asManyColumnsAsATableHasAreReturnedUnderAKey(int columns) throws SQLException {
    Tables.fresh(
        dsql,
        "told",
        IntStream.range(0, columns)
                .mapToObj(i -> "c" + i + " integer")
                .collect(Collectors.joining(","))
            + ", PRIMARY KEY (c0)");
    String row =
        IntStream.range(0, columns)
            .mapToObj(i -> "\"c" + i + "\":" + i)
            .collect(Collectors.joining(","));
    String names =
        IntStream.range(0, columns).mapToObj(i -> "\"c" + i + '"').collect(Collectors.joining(","));
    String event =
        KEYED.formatted(
            "{" + row + "}", ",\"idempotencyKey\":\"wide\",\"returning\":[" + names + "]");
    String first = function.invoke(event);
    assertEquals("[{" + row + "}]", at(first, "rows"));
    assertReplayed(first, function.invoke(event));
  }

  /// The default grew, so that the reply could not be told again: but it was told already.
  @Test
  void aWriteThatIsRefusedNowWasDoneBefore() throws SQLException {
    Tables.fresh(dsql, "told", "id integer PRIMARY KEY, t text DEFAULT 'x'");
    String rows =
        IntStream.range(0, 20).mapToObj(i -> "{\"id\":" + i + "}").collect(Collectors.joining(","));
    for (String more : List.of("", ",\"atomicity\":\"chunk\"")) {
      Tables.run(dsql, "DELETE FROM public.told");
      Tables.run(dsql, "ALTER TABLE public.told ALTER COLUMN t SET DEFAULT 'x'");
      String event =
          KEYED.formatted(
              rows,
              ",\"returning\":[\"t\"],\"idempotencyKey\":\"grown" + more.length() + "\"" + more);
      String first = function.invoke(event);
      Tables.run(dsql, "DELETE FROM public.told");
      Tables.run(dsql, "ALTER TABLE public.told ALTER COLUMN t SET DEFAULT repeat('x', 1000000)");
      assertReplayed(first, function.invoke(event));
      assertEquals("0", Tables.value(dsql, "SELECT count(*) FROM public.told"));
    }
  }

  /// The key's commit was lost, and now the database is away, so that nobody can tell.
  @ParameterizedTest
  @ValueSource(strings = {"", ",\"atomicity\":\"chunk\""})
  void beforeTheKeyWasLookedAtNothingIsKnown(String more) throws SQLException {
    String event =
        KEYED.formatted(ROW.formatted(1), ",\"idempotencyKey\":\"lost\"" + RETURNING + more);
    dsql.faults().cutAfterCommits(1);
    dsql.faults().refuseConnections(100, Rejection.TOO_MANY);
    assertEquals(
        "unknown", at(problem(FunctionError.class, () -> function.invoke(event)), "outcome"));
    assertEquals("1", Tables.value(dsql, "SELECT count(*) FROM public.told"));

    for (Rejection rejection : Rejection.values()) {
      dsql.faults().clear();
      dsql.faults().refuseConnections(100, rejection);
      assertNothingKnown(event, Duration.ofSeconds(29));
    }
    dsql.faults().clear();
    dsql.faults().failStatements(100, Failure.OC000);
    assertNothingKnown(event, Duration.ofSeconds(29));
    dsql.faults().clear();
    dsql.faults().failStatements(100, Failure.UNAVAILABLE);
    assertNothingKnown(event, Duration.ofSeconds(29));
    dsql.faults().clear();
    assertNothingKnown(event, Duration.ZERO);

    String told = function.invoke(event);
    assertEquals("true", at(told, "replayed"));
    assertEquals("1", Tables.value(dsql, "SELECT count(*) FROM public.told"));
  }

  private static void assertReplayed(String first, String again) {
    String replayed = first.replace("\"replayed\":false", "\"replayed\":true");
    assertEquals(withoutAttempts(replayed), withoutAttempts(again));
  }

  private static String withoutAttempts(String reply) {
    return reply.replaceFirst("\"attempts\":\\d+,(\"waitedMillis\":\\d+,)?", "");
  }

  private void assertNothingKnown(String event, Duration time) {
    JsonObject problem = problem(FunctionError.class, () -> function.invoke(event, time));
    assertEquals("unknown", at(problem, "outcome"), problem.toString());
    assertFalse(at(problem, "detail").contains("nothing was written"), problem.toString());
    assertTrue(at(problem, "detail").contains("send the same request again"), problem.toString());
  }

  /// Two deliveries of an event whose key has expired: this one cannot remove the old row, perhaps
  /// because the other has done so and has written.
  @Test
  void anExpiredKeyTellsNothingOfWhatFollows() throws SQLException {
    String event = KEYED.formatted(ROW.formatted(1), ",\"idempotencyKey\":\"old\"");
    function.invoke(event);
    Tables.run(dsql, "UPDATE public.dsql_ledger SET expires_at = now() - interval '1 s'");
    dsql.faults().failCommits(100, Failure.OC000);
    assertNothingKnown(event, Duration.ofSeconds(29));
  }

  /// Nothing was sent under a key that is told of nowhere: a refusal after the look is certain.
  @Test
  void afterTheLookTheOutcomeIsKnown() throws SQLException {
    Tables.run(dsql, "INSERT INTO public.told (id) VALUES (1)");
    for (String more : List.of("", ",\"atomicity\":\"chunk\"")) {
      String event = KEYED.formatted(ROW.formatted(1), ",\"idempotencyKey\":\"known\"" + more);
      JsonObject problem = problem(RequestRejected.class, () -> function.invoke(event));
      assertEquals(
          "unique_violation not_committed", at(problem, "code") + " " + at(problem, "outcome"));
    }
  }

  /// Somebody dropped the ledger's table, and the request is refused: not for that.
  @ParameterizedTest
  @ValueSource(strings = {"", ",\"atomicity\":\"chunk\""})
  void aLedgerThatIsGoneIsNoMissingTable(String more) throws SQLException {
    String bad = KEYED.formatted("{\"id\":true}", ",\"idempotencyKey\":\"k\"" + more);
    Tables.drop(dsql, "dsql_ledger");
    JsonObject problem = problem(RequestRejected.class, () -> function.invoke(bad));
    assertEquals(
        "invalid_request not_committed", at(problem, "code") + " " + at(problem, "outcome"));
    Tables.drop(dsql, "dsql_ledger");
    String good = KEYED.formatted(ROW.formatted(1), ",\"idempotencyKey\":\"k\"" + more);
    assertEquals("committed", at(function.invoke(good), "outcome"));
    assertEquals("true", at(function.invoke(good), "replayed"));
  }
}
