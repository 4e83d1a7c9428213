package dsql.lambda.endtoend;

import static dsql.JsonAssert.at;
import static dsql.JsonAssert.faults;
import static dsql.JsonAssert.object;
import static dsql.JsonAssert.problem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import dsql.SharedDsql;
import dsql.Tables;
import dsql.TestClock;
import dsql.lambda.LocalFunction;
import dsql.lambda.RequestRejected;
import dsql.local.LocalDsql;
import dsql.local.fault.Failure;
import dsql.local.wire.Refusal;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A key's rows go in once, and every reply under it says the same.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class LedgerEndToEndTest {

  private static final String TICK =
      "{\"detail-type\":\"Scheduled Event\",\"source\":\"aws.events\",\"detail\":{}}";

  private final LocalDsql dsql;
  private final TestClock clock = new TestClock();
  private final LocalFunction function;

  LedgerEndToEndTest(LocalDsql dsql) {
    this.dsql = dsql;
    this.function = new LocalFunction(dsql, Map.of("POOL_MAX", "8"), clock);
  }

  @BeforeEach
  void freshTables() throws SQLException {
    Tables.fresh(
        dsql,
        "paid",
        "id uuid PRIMARY KEY DEFAULT gen_random_uuid(), n bigint UNIQUE, a text, t timestamptz"
            + " DEFAULT now(), j jsonb, c char(4), b bytea, d float8, z numeric(20,4)");
    Tables.drop(dsql, "dsql_ledger");
  }

  @AfterEach
  void close() {
    dsql.faults().clear();
    function.close();
    Tables.awaitNoSessions(dsql);
  }

  @Test
  void theFirstReplyIsGivenAgain() throws SQLException {
    String rows =
        """
        [{"n":"9007199254740993","a":"é \\"","j":{"x":1.10},"c":"ab","b":"AAE=","d":1e-7},
         {"n":2,"a":null,"d":"NaN","z":"123.4500"}]\
        """;
    String event =
        keyed("k", rows, ",\"returning\":[\"id\",\"n\",\"a\",\"t\",\"c\",\"b\",\"d\",\"z\"]");
    String first = function.invoke(event);
    assertEquals("false 2", at(first, "replayed") + " " + at(first, "counts/written"));
    for (int again = 0; again < 3; again++) {
      String second = function.invoke(event);
      assertEquals(first.replace("\"replayed\":false", "\"replayed\":true"), second);
    }
    assertEquals("2", Tables.value(dsql, "SELECT count(*) FROM public.paid"));
    assertEquals("1", Tables.value(dsql, "SELECT count(*) FROM public.dsql_ledger"));
  }

  @Test
  void aReplayGivesRowsOfSeveralStatementsAndSkippedOnesAgain() {
    String conflict =
        ",\"onConflict\":{\"columns\":[\"n\"],\"do\":\"nothing\"},\"returning\":[\"n\",\"j\"]";
    function.invoke(keyed("a", "[{\"n\":1}]", ""));
    String event = keyed("b", "[{\"n\":1},{\"n\":2,\"j\":[1e400]}]", conflict);
    String first = function.invoke(event);
    assertEquals("[null,{\"n\":\"2\",\"j\":" + at(first, "rows/1/j") + "}]", at(first, "rows"));
    assertEquals(first.replace("\"replayed\":false", "\"replayed\":true"), function.invoke(event));

    String many =
        keyed(
            "c",
            IntStream.range(100, 2100)
                .mapToObj(n -> "{\"n\":" + n + "}")
                .collect(Collectors.joining(",", "[", "]")),
            ",\"returning\":[\"n\"]");
    String all = function.invoke(many);
    assertEquals("2000", at(all, "counts/written"));
    assertEquals(all.replace("\"replayed\":false", "\"replayed\":true"), function.invoke(many));
  }

  @Test
  void theSameRequestMayBeWrittenDifferently() {
    function.invoke(keyed("k", "[{\"n\":1,\"a\":\"x\"}]", ""));
    String other =
        "{ \"idempotencyKey\":\"k\", \"table\":\"paid\",\"rows\":[{\"a\":\"x\",\"n\":1}],\"action\":\"insert\"}";
    assertEquals("true", at(function.invoke(other), "replayed"));
  }

  @Test
  void anotherRequestUnderTheKeyIsRefused() throws SQLException {
    function.invoke(keyed("k", "[{\"n\":1}]", ""));
    for (String other :
        List.of(
            keyed("k", "[{\"n\":2}]", ""),
            keyed("k", "[{\"n\":\"1\"}]", ""),
            keyed("k", "[{\"n\":1},{\"n\":2}]", ""),
            keyed("k", "[{\"n\":1}]", ",\"returning\":[\"n\"]"))) {
      JsonObject problem = problem(RequestRejected.class, () -> function.invoke(other));
      assertEquals(
          "idempotency_key_reused 422", at(problem, "code") + " " + at(problem, "status"), other);
    }
    assertEquals("1", Tables.value(dsql, "SELECT count(*) FROM public.paid"));
  }

  /// As docs/reference/actions.md says: what is stored may tell them apart.
  @Test
  void aValueWrittenDifferentlyIsAnotherRequest() {
    function.invoke(keyed("k", "[{\"z\":1.5,\"j\":{\"a\":1,\"b\":2}}]", ""));
    for (String other :
        List.of(
            keyed("k", "[{\"z\":1.50,\"j\":{\"a\":1,\"b\":2}}]", ""),
            keyed("k", "[{\"z\":1.5,\"j\":{\"b\":2,\"a\":1}}]", ""))) {
      JsonObject problem = problem(RequestRejected.class, () -> function.invoke(other));
      assertEquals("idempotency_key_reused", at(problem, "code"), other);
    }
  }

  @Test
  void aRefusedInsertLeavesItsKeyFree() {
    function.invoke(keyed("a", "[{\"n\":1}]", ""));
    String taken = keyed("b", "[{\"n\":2},{\"n\":1}]", "");
    assertEquals(
        "unique_violation",
        at(problem(RequestRejected.class, () -> function.invoke(taken)), "code"));
    assertEquals("1", at(function.invoke(keyed("b", "[{\"n\":3}]", "")), "counts/written"));
  }

  @Test
  void parallelSendersOfOneKeyAgree() throws Exception {
    String event = keyed("k", "[{\"n\":1},{\"n\":2}]", ",\"returning\":[\"id\",\"t\"]");
    Set<String> rows = new HashSet<>();
    int fresh = 0;
    CyclicBarrier together = new CyclicBarrier(8);
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Future<String>> replies = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        replies.add(
            threads.submit(() -> {
              together.await();
              return function.invoke(event);
            }));
      }
      for (Future<String> reply : replies) {
        rows.add(at(reply.get(), "rows"));
        fresh += at(reply.get(), "replayed").equals("false") ? 1 : 0;
      }
    }
    assertEquals(1, rows.size(), rows::toString);
    assertTrue(fresh <= 1, "replies that say they wrote the rows: " + fresh);
    assertEquals("2", Tables.value(dsql, "SELECT count(*) FROM public.paid"));
  }

  @Test
  void anExpiredKeyIsFreeAndTheTickRemovesIt() throws SQLException {
    function.invoke(keyed("k", "[{\"n\":1}]", ""));
    Tables.run(dsql, "UPDATE public.dsql_ledger SET expires_at = now() - interval '1 second'");
    assertEquals("false", at(function.invoke(keyed("k", "[{\"n\":2}]", "")), "replayed"));
    assertEquals("0", at(function.invoke(TICK), "ledger/pruned"));
    Tables.run(
        dsql,
        "INSERT INTO public.dsql_ledger (key, fingerprint, next_row, written, expires_at)"
            + " SELECT 'old' || i, '', 0, 0, now() - interval '1 day' FROM generate_series(1, 1200) i");
    assertEquals("1200", at(function.invoke(TICK), "ledger/pruned"));
    assertEquals("1", Tables.value(dsql, "SELECT count(*) FROM public.dsql_ledger"));
    assertEquals(
        "7 days",
        Tables.value(
            dsql, "SELECT date_trunc('hour', expires_at - created_at) FROM public.dsql_ledger"));
  }

  @Test
  void aLedgerThatWasDroppedIsMadeAgain() throws SQLException {
    function.invoke(keyed("a", "[{\"n\":1}]", ""));
    Tables.drop(dsql, "dsql_ledger");
    assertEquals("false", at(function.invoke(keyed("b", "[{\"n\":2}]", "")), "replayed"));
    assertEquals("true", at(function.invoke(keyed("b", "[{\"n\":2}]", "")), "replayed"));
  }

  /// The index is for the tick; an insert needs the table alone.
  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          40001,schema has been updated by another transaction (OC001),2,1
          40001,change conflicts with another transaction (OC000),2,1
          40001,schema has been updated by another transaction (OC001),5,0
          42501,must be owner of table dsql_ledger,1,0
          54000,more than 24 indexes per table are not allowed,1,0
          0A000,unsupported mode,1,0
          XX000,server unavailable,1,0
          """)
  void anIndexThatIsRefusedIsNoFailureOfTheInsert(
      String state, String message, int refusals, String indexes) throws SQLException {
    dsql.faults().refuseStatements("create index", refusals, Refusal.error(state, message));
    String reply = function.invoke(keyed("k", "[{\"n\":1}]", ""));
    assertEquals("false 1", at(reply, "replayed") + " " + at(reply, "attempts"));
    assertEquals(indexes, indexes());
    dsql.faults().clear();
    assertEquals("true", at(function.invoke(keyed("k", "[{\"n\":1}]", "")), "replayed"));
    // The tick makes up for it, and does nothing twice.
    for (int again = 0; again < 2; again++) {
      assertEquals("alive", at(function.invoke(TICK), "outcome"));
      assertEquals("1", indexes());
    }
    assertEquals("1", Tables.value(dsql, "SELECT count(*) FROM public.paid"));
  }

  @Test
  void aTickWithoutALedgerMakesNone() throws SQLException {
    assertEquals("alive", at(function.invoke(TICK), "outcome"));
    assertEquals("null", Tables.value(dsql, "SELECT to_regclass('public.dsql_ledger')"));
  }

  @ParameterizedTest
  @CsvSource({
    "42501,must be owner of table dsql_ledger,1",
    "54000,more than 24 indexes per table are not allowed,1",
    "40001,schema has been updated by another transaction (OC001),50",
    "0A000,unsupported mode,1"
  })
  void aTickThatMayNotMakeTheIndexPrunesAllTheSame(String state, String message, int refusals)
      throws SQLException {
    function.invoke(keyed("k", "[{\"n\":1}]", ""));
    Tables.run(dsql, "DROP INDEX public.dsql_ledger_expires_at");
    Tables.run(dsql, "UPDATE public.dsql_ledger SET expires_at = now() - interval '1 second'");
    dsql.faults().refuseStatements("create index", refusals, Refusal.error(state, message));
    String reply = function.invoke(TICK);
    assertEquals("alive 1", at(reply, "outcome") + " " + at(reply, "ledger/pruned"));
    assertEquals("0", indexes());
    dsql.faults().clear();
    function.invoke(TICK);
    assertEquals("1", indexes());
  }

  private String indexes() throws SQLException {
    return Tables.value(
        dsql,
        "SELECT count(*) FROM pg_indexes WHERE schemaname = 'public'"
            + " AND indexname = 'dsql_ledger_expires_at'");
  }

  @Test
  void whereTheServerCannotKeepTheRowsByItselfTheyAreKeptAllTheSame() throws SQLException {
    Tables.run(dsql, "ALTER FUNCTION pg_catalog.jsonb_build_array(\"any\") RENAME TO hidden");
    String event = keyed("k", "[{\"n\":1,\"a\":\"x\"}]", ",\"returning\":[\"id\",\"a\"]");
    try {
      String first = function.invoke(event);
      assertEquals("false 1", at(first, "replayed") + " " + at(first, "attempts"));
      assertEquals(
          first.replace("\"replayed\":false", "\"replayed\":true"), function.invoke(event));
    } finally {
      Tables.run(dsql, "ALTER FUNCTION pg_catalog.hidden(\"any\") RENAME TO jsonb_build_array");
    }
    assertEquals("1", Tables.value(dsql, "SELECT count(*) FROM public.paid"));
  }

  @Test
  void theLedgerIsNobodysTable() {
    JsonObject problem =
        problem(
            RequestRejected.class,
            () -> function.invoke("{\"action\":\"query\",\"table\":\"dsql_ledger\"}"));
    assertEquals(List.of("/table invalid_value"), faults(problem));
  }

  @Test
  void theHeaderIsAKeyToo() {
    String event =
        """
        {"version":"2.0","headers":{"content-type":"application/json","idempotency-key":"%s"},
         "requestContext":{"http":{"method":"POST","path":"/"}},"body":%s}\
        """;
    String body =
        new Gson().toJson("{\"action\":\"insert\",\"table\":\"paid\",\"rows\":[{\"n\":1}]}");
    assertEquals("false", at(at(function.invoke(event.formatted("h", body)), "body"), "replayed"));
    assertEquals("true", at(at(function.invoke(event.formatted("h", body)), "body"), "replayed"));
    assertEquals("400", at(function.invoke(event.formatted(" ", body)), "statusCode"));
  }

  @Test
  void withAKeyTheLedgersRowCounts() {
    JsonObject problem =
        problem(RequestRejected.class, () -> function.invoke(keyed("k", rows(0, 3000), "")));
    assertEquals("transaction_too_large", at(problem, "code"));
    assertEquals("2999", at(function.invoke(keyed("k", rows(0, 2999), "")), "counts/written"));
  }

  @Test
  void chunksGoInOneAfterAnother() throws SQLException {
    String reply = function.invoke(chunked("k", rows(0, 7000), ""));
    assertEquals(
        "[{\"rows\":[0,2998],\"outcome\":\"committed\"},{\"rows\":[2999,5997],\"outcome\":\"committed\"},"
            + "{\"rows\":[5998,6999],\"outcome\":\"committed\"}]",
        at(reply, "chunks"));
    assertEquals("committed 7000", at(reply, "outcome") + " " + at(reply, "counts/written"));
    String again = function.invoke(chunked("k", rows(0, 7000), ""));
    assertEquals("true 7000", at(again, "replayed") + " " + at(again, "counts/written"));
    assertEquals("7000", Tables.value(dsql, "SELECT count(*) FROM public.paid"));
  }

  @Test
  void aBadRowStopsTheChunksAndTheSameRequestGoesOn() throws SQLException {
    Tables.run(dsql, "INSERT INTO public.paid (n) VALUES (4000)");
    String event = chunked("k", rows(0, 7000), ",\"returning\":[\"n\"]");
    JsonObject partial = object(function.invoke(event));
    assertEquals("partial", at(partial, "outcome"));
    assertEquals("[2999,5997]", at(partial, "chunks/1/rows"));
    assertEquals(
        "not_committed unique_violation 23505",
        at(partial, "chunks/1/outcome")
            + " "
            + at(partial, "chunks/1/code")
            + " "
            + at(partial, "chunks/1/sqlstate"));
    assertEquals(2999, partial.getAsJsonArray("rows").size());
    assertEquals("{\"received\":7000,\"written\":2999,\"skipped\":0}", at(partial, "counts"));
    assertEquals("3000", Tables.value(dsql, "SELECT count(*) FROM public.paid"));

    Tables.run(dsql, "DELETE FROM public.paid WHERE n = 4000");
    JsonObject whole = object(function.invoke(event));
    assertEquals("committed false", at(whole, "outcome") + " " + at(whole, "replayed"));
    assertEquals(7000, whole.getAsJsonArray("rows").size());
    assertEquals("{\"n\":\"6999\"}", at(whole, "rows/6999"));
    assertEquals("7000", Tables.value(dsql, "SELECT count(DISTINCT n) FROM public.paid"));
  }

  @Test
  void aChunkThatIsTooLargeIsHalvedDownToTheRowThatIs() {
    StringBuilder noise = new StringBuilder();
    new SplittableRandom(1).ints(3_000_000, 'a', 'z').forEach(c -> noise.append((char) c));
    String rows =
        IntStream.range(0, 10)
            .mapToObj(n -> "{\"n\":" + n + ",\"a\":\"" + (n == 7 ? noise : "x") + "\"}")
            .collect(Collectors.joining(",", "[", "]"));
    JsonObject partial = object(function.invoke(chunked("k", rows, "")));
    assertEquals("partial 7", at(partial, "outcome") + " " + at(partial, "counts/written"));
    JsonObject last = partial.getAsJsonArray("chunks").asList().getLast().getAsJsonObject();
    assertEquals(
        "[7,7] not_committed invalid_value 54000",
        at(last, "rows")
            + " "
            + at(last, "outcome")
            + " "
            + at(last, "code")
            + " "
            + at(last, "sqlstate"));
  }

  @Test
  void aBadFirstChunkIsAProblem() throws SQLException {
    Tables.run(dsql, "INSERT INTO public.paid (n) VALUES (1)");
    JsonObject problem =
        problem(RequestRejected.class, () -> function.invoke(chunked("k", rows(0, 7000), "")));
    assertEquals("unique_violation", at(problem, "code"));
    assertEquals("0", Tables.value(dsql, "SELECT count(*) FROM public.dsql_ledger"));
  }

  @Test
  void faultsAtEveryChunkLoseAndDoubleNothing() throws SQLException {
    function.invoke(keyed("warm", "[{\"n\":-1}]", ""));
    dsql.faults().cutAfterCommits(1);
    dsql.faults().failCommits(2, Failure.OC000);
    String reply = function.invoke(chunked("k", rows(0, 7000), ",\"returning\":[\"n\"]"));
    assertEquals("committed 7000", at(reply, "outcome") + " " + at(reply, "counts/written"));
    assertEquals(7000, object(reply).getAsJsonArray("rows").size());
    assertEquals("7001", Tables.value(dsql, "SELECT count(DISTINCT n) FROM public.paid"));
  }

  @Test
  void twoSendersOfOneKeyNeverOverlap() throws Exception {
    String event = chunked("k", rows(0, 12_000), "");
    CyclicBarrier together = new CyclicBarrier(3);
    try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
      List<Future<String>> replies = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        replies.add(
            threads.submit(() -> {
              together.await();
              return function.invoke(event);
            }));
      }
      for (Future<String> reply : replies) {
        assertEquals("12000", at(reply.get(), "counts/written"), reply.get());
      }
    }
    assertEquals("12000", Tables.value(dsql, "SELECT count(*) FROM public.paid"));
  }

  @Test
  void manyAtOnceMayFindNoLedger() throws Exception {
    int senders = 4;
    try (LocalFunction parallel =
            new LocalFunction(dsql, Map.of("POOL_MAX", Integer.toString(senders)));
        ExecutorService threads = Executors.newFixedThreadPool(senders)) {
      for (int round = 0; round < 15; round++) {
        Tables.drop(dsql, "dsql_ledger");
        CyclicBarrier together = new CyclicBarrier(senders);
        List<Future<String>> replies = new ArrayList<>();
        for (int i = 0; i < senders; i++) {
          int n = senders * round + i;
          replies.add(
              threads.submit(() -> {
                together.await();
                return parallel.invoke(keyed("k" + n, rows(n, n + 1), ""));
              }));
        }
        for (Future<String> reply : replies) {
          assertEquals("committed", at(reply.get(), "outcome"));
        }
      }
    }
  }

  private static String rows(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(n -> "{\"n\":" + n + "}")
        .collect(Collectors.joining(",", "[", "]"));
  }

  private static String keyed(String key, String rows, String more) {
    return "{\"action\":\"insert\",\"table\":\"paid\",\"idempotencyKey\":\"%s\",\"rows\":%s%s}"
        .formatted(key, rows, more);
  }

  private static String chunked(String key, String rows, String more) {
    return keyed(key, rows, more + ",\"atomicity\":\"chunk\"");
  }
}
