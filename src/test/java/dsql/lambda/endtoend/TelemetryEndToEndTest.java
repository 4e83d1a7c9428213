package dsql.lambda.endtoend;

import static dsql.JsonAssert.at;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import dsql.EmbeddedMetrics;
import dsql.JsonAssert;
import dsql.LocalContext;
import dsql.LogLines;
import dsql.SharedDsql;
import dsql.Tables;
import dsql.TestClock;
import dsql.lambda.Conflict;
import dsql.lambda.FunctionError;
import dsql.lambda.LocalFunction;
import dsql.lambda.OutcomeUnknown;
import dsql.lambda.RequestRejected;
import dsql.lambda.Unavailable;
import dsql.local.LocalDsql;
import dsql.local.fault.Failure;
import dsql.local.fault.Rejection;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What the function writes of what it did.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class TelemetryEndToEndTest {

  private static final String QUERY = "{\"action\":\"query\",\"table\":\"told\"}";
  private static final String INSERT =
      "{\"action\":\"insert\",\"table\":\"told\",\"rows\":[{\"a\":\"x\"},{\"a\":\"y\"}]%s}";
  private static final String UNKEYED = INSERT.formatted("");
  private static final String KEYED = INSERT.formatted(",\"idempotencyKey\":\"k\"");
  private static final String TICK =
      "{\"detail-type\":\"Scheduled Event\",\"source\":\"aws.events\",\"detail\":{}}";
  private static final List<String> PHASES = List.of("decode", "borrow", "database", "encode");

  private final LocalDsql dsql;
  private final LogLines log = new LogLines();
  private final TestClock clock = new TestClock();
  private final LocalFunction function;

  TelemetryEndToEndTest(LocalDsql dsql) {
    this.dsql = dsql;
    this.function =
        new LocalFunction(
            dsql, Map.of("AWS_LAMBDA_FUNCTION_NAME", "writer"), log, clock, clock, clock::advance);
  }

  @BeforeEach
  void freshTable() throws SQLException {
    Tables.fresh(
        dsql, "told", "id uuid PRIMARY KEY DEFAULT gen_random_uuid(), a text UNIQUE, n integer");
    Tables.drop(dsql, "dsql_ledger");
  }

  @AfterEach
  void clear() {
    dsql.faults().clear();
    function.close();
    Tables.awaitNoSessions(dsql);
  }

  private static String members(JsonObject line, String... names) {
    return String.join(" ", Stream.of(names).map(name -> at(line, name)).toList());
  }

  private void assertInvocation(String expected, String... members) {
    assertEquals(expected, members(log.invocation(), members));
  }

  private void assertMetrics(String expected, String... members) {
    assertEquals(expected, members(log.metrics(), members));
  }

  @Test
  void theFirstInvocationConnectsAndTheNextDoesNot() {
    String reply = function.invoke(UNKEYED);
    assertInvocation("direct insert told committed", "door", "action", "table", "outcome");
    assertInvocation("true 1 0 2", "cold", "connectionsOpened", "connectionAgeSeconds", "rows");
    assertInvocation(Integer.toString(reply.length()), "bytes");
    assertMetrics(
        "writer insert 1 1 0", "FunctionName", "Action", "Invocations", "Attempts", "Retries");
    assertMetrics("1 1 2 0", "ColdStart", "ConnectionsOpened", "Rows", "Problems");
    assertEquals(1, log.of("connection_opened").size());

    clock.advance(Duration.ofSeconds(61));
    String page = function.invoke(QUERY);
    assertInvocation("query told ok", "action", "table", "outcome");
    assertInvocation("false 0 61 2", "cold", "connectionsOpened", "connectionAgeSeconds", "rows");
    assertInvocation(Integer.toString(page.length()), "bytes");
    assertMetrics(
        "query 0 0 2 " + page.length(),
        "Action",
        "ColdStart",
        "ConnectionsOpened",
        "Rows",
        "Bytes");
  }

  @Test
  void theLogLineHasTheRequestIdAndTheTraceHeaders() {
    String own = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
    LocalContext context = LocalContext.traced(own);
    String caller = "Root=1-67891233-abcdef012345678912345678";
    String parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    function.invoke(
        """
        {"requestContext":{"http":{"method":"GET"}},
         "headers":{"x-amzn-trace-id":"%s;Mine=x","traceparent":"%s"}}\
        """
            .formatted(caller, parent),
        context);
    assertInvocation("http " + context.requestId(), "door", "requestId");
    assertInvocation(own + " " + caller + " " + parent, "trace", "callerTrace", "traceparent");
    assertInvocation("WARN method_not_allowed not_committed", "level", "code", "outcome");
  }

  @Test
  void aConflictThatIsRunAgainIsCounted() {
    function.invoke(QUERY);
    dsql.faults().failCommits(3, Failure.OC000);
    function.invoke(UNKEYED);
    assertInvocation(
        "INFO committed 4 3 3", "level", "outcome", "attempts", "retries", "conflicts");
    assertMetrics("4 3 3 0", "Attempts", "Retries", "Conflicts", "Problems");
    BigDecimal waited = new BigDecimal(at(log.invocation(), "milliseconds/waited"));
    assertTrue(waited.compareTo(new BigDecimal(30)) >= 0, waited::toString);
    assertTrue(new BigDecimal(at(log.invocation(), "milliseconds/total")).compareTo(waited) >= 0);

    dsql.faults().failCommits(100, Failure.OC000);
    assertThrows(Conflict.class, () -> function.invoke(UNKEYED));
    assertInvocation("ERROR conflict_exhausted 40001", "level", "code", "sqlstate");
    assertMetrics("5 4 5 1 0", "Attempts", "Retries", "Conflicts", "Problems", "Rows");
  }

  @Test
  void severalTransactionsAreNoRetries() throws SQLException {
    Tables.drop(dsql, "made");
    function.invoke(
        """
        {"action":"create","table":"made","columns":[{"name":"a","type":"text"}],
         "indexes":[{"name":"made_a","columns":["a"]}]}\
        """);
    assertInvocation("created 2 0", "outcome", "attempts", "retries");
    assertMetrics("create 2 0", "Action", "Attempts", "Retries");
  }

  @Test
  void aRefusedConnectionIsARetryAndNoConflict() {
    dsql.faults().refuseConnections(2, Rejection.RATE);
    function.invoke(UNKEYED);
    assertInvocation("3 2 0 1", "attempts", "retries", "conflicts", "connectionsOpened");
  }

  @Test
  void aReplayIsCounted() {
    function.invoke(KEYED);
    assertInvocation("false 2", "replayed", "rows");
    assertMetrics("0 2", "Replays", "Rows");
    function.invoke(KEYED);
    assertInvocation("committed true 0", "outcome", "replayed", "rows");
    assertMetrics("1 0", "Replays", "Rows");
  }

  @Test
  void anUnknownOutcomeIsCounted() {
    function.invoke(QUERY);
    dsql.faults().cutBeforeCommits(1);
    assertThrows(OutcomeUnknown.class, () -> function.invoke(UNKEYED));
    assertInvocation("ERROR unknown outcome_unknown", "level", "outcome", "code");
    assertMetrics("1 1 insert", "OutcomeUnknown", "Problems", "Action");
    assertEquals("broken", at(log.of("connection_closed").getLast(), "reason"));
  }

  @Test
  void anEventThatCannotBeReadIsCounted() {
    assertThrows(RequestRejected.class, () -> function.invoke("{\"action\":"));
    assertInvocation("WARN direct malformed_json", "level", "door", "code");
    assertInvocation("0 0", "attempts", "rows");
    assertMetrics("1 1 0", "Invocations", "Problems", "Attempts");
    assertEquals(
        List.of(false, false),
        List.of(log.invocation().has("action"), log.metrics().has("Action")));
    assertThrows(RequestRejected.class, () -> function.invoke("[]"));
    assertInvocation("unknown_event", "code");
    assertThrows(RequestRejected.class, () -> function.invoke("{\"action\":\"drop\"}"));
    assertInvocation("invalid_request", "code");
    assertEquals(false, log.invocation().has("action"));
  }

  @Test
  void aTickIsCounted() {
    function.invoke(TICK);
    assertInvocation("schedule tick alive", "door", "action", "outcome");
    assertMetrics("tick 2 0", "Action", "Attempts", "Rows");
  }

  @Test
  void eachPhaseIsTimedAndTheyFitIntoTheWhole() {
    AtomicLong reads = new AtomicLong();
    LogLines ticking = new LogLines();
    // Each look at the clock takes a millisecond.
    try (LocalFunction slow =
        new LocalFunction(
            dsql,
            Map.of(),
            ticking,
            InstantSource.system(),
            () -> reads.incrementAndGet() * 1_000_000,
            _ -> {})) {
      for (String event : List.of(UNKEYED, QUERY, TICK)) {
        slow.invoke(event);
        JsonObject times = ticking.invocation().getAsJsonObject("milliseconds");
        BigDecimal sum = BigDecimal.ZERO;
        for (String phase : PHASES) {
          BigDecimal time = times.get(phase).getAsBigDecimal();
          assertTrue(time.compareTo(BigDecimal.ONE) >= 0, phase + " in " + times);
          sum = sum.add(time);
        }
        assertTrue(sum.compareTo(times.get("total").getAsBigDecimal()) <= 0, times::toString);
        assertEquals(at(ticking.metrics(), "Latency"), times.get("total").getAsString());
      }
    }
  }

  @Test
  void readingTheEventIsPartOfTheTime() {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 20_000; i++) {
      rows.append(i == 0 ? "" : ",").append("{\"a\":\"").append(i).append("\"}");
    }
    String large = "{\"action\":\"insert\",\"table\":\"told\",\"rows\":[" + rows + "],\"x\":1}";
    assertThrows(RequestRejected.class, () -> function.invoke(large));
    // The clock stands still in the handler.
    String decode = at(log.invocation(), "milliseconds/decode");
    assertTrue(new BigDecimal(decode).signum() > 0, decode);
    assertEquals(decode, at(log.invocation(), "milliseconds/total"));
  }

  @Test
  void levelsAreLambdasOwn() {
    LogLines quiet = new LogLines();
    try (LocalFunction warns =
        new LocalFunction(dsql, Map.of("AWS_LAMBDA_LOG_LEVEL", "WARN"), quiet)) {
      warns.invoke(UNKEYED);
      assertEquals(1, quiet.text().lines().count(), quiet::text);
      assertEquals("WARN", at(quiet.metrics(), "level"));
      assertThrows(RequestRejected.class, () -> warns.invoke(UNKEYED));
      assertEquals("unique_violation", at(quiet.invocation(), "code"));
    }
  }

  @Test
  void nothingOfWhatPassesThroughIsTold() throws SQLException {
    String marker = "pLaNtEd";
    List<LocalContext> contexts = new ArrayList<>();
    String row =
        "{\"action\":\"insert\",\"table\":\"told\",\"rows\":[{\"a\":\"" + marker + "%s\"}]%s}";
    String conflict = ",\"onConflict\":{\"columns\":[\"" + marker + "\"],\"do\":\"nothing\"}";
    List<String> events =
        List.of(
            row.formatted("", ",\"idempotencyKey\":\"" + marker + "\""),
            row.formatted("", ",\"returning\":[\"a\"]"),
            row.formatted("2", ",\"returning\":[\"a\"]"),
            row.formatted("3", ",\"" + marker + "\":1"),
            row.formatted("4", conflict),
            row.formatted("\\u0000", ""),
            "{\"action\":\"insert\",\"table\":\"told\",\"rows\":[{\"n\":\"" + marker + "\"}]}",
            "{\"action\":\"query\",\"table\":\"told\",\"where\":{\"a\":\"" + marker + "\"}}",
            "{\"action\":\"query\",\"table\":\"told\",\"where\":{\"n\":\"" + marker + "\"}}",
            "{\"action\":\"" + marker + "\"}",
            "{\"action\":\"query\",\"table\":\"told\"," + marker,
            "{\"" + marker + "\":1}",
            """
            {"requestContext":{"http":{"method":"%1$s"}},"body":"%1$s","headers":{
             "x-amzn-trace-id":"%1$s","traceparent":"%1$s","authorization":"%1$s"}}\
            """
                .formatted(marker));
    LogLines output = new LogLines();
    for (Runnable fault : faults()) {
      try (LocalFunction plain = new LocalFunction(dsql, Map.of(), output)) {
        for (String event : events) {
          dsql.faults().clear();
          fault.run();
          LocalContext context = LocalContext.of(Duration.ofSeconds(2));
          contexts.add(context);
          try {
            plain.invoke(event, context);
          } catch (FunctionError e) {
            // What matters is what was written of it.
          }
        }
      }
    }
    try (LocalFunction lost =
        new LocalFunction(dsql, Map.of("CLUSTER_ENDPOINT", "localhost:1"), output)) {
      LocalContext context = LocalContext.of(Duration.ofSeconds(2));
      contexts.add(context);
      assertThrows(Unavailable.class, () -> lost.invoke(events.getFirst(), context));
    }
    assertEquals(contexts.size(), output.of("invocation").size());
    assertEquals(contexts.size(), output.of("metrics").size());
    String logged = String.join("\n", contexts.stream().flatMap(c -> c.log().stream()).toList());
    assertTrue(logged.contains("PSQLException") && logged.contains("ConnectException"), logged);
    for (String forbidden :
        List.of(marker, "X-Amz", "localhost", "127.0.0.1", "admin", "INSERT", "SELECT", "COMMIT")) {
      assertFalse(output.text().contains(forbidden), () -> forbidden + " in " + output.text());
      assertFalse(logged.contains(forbidden), () -> forbidden + " in " + logged);
    }
  }

  private List<Runnable> faults() {
    return List.of(
        () -> {},
        () -> dsql.faults().failCommits(100, Failure.OC000),
        () -> dsql.faults().failStatements(100, Failure.UNAVAILABLE),
        () -> dsql.faults().failCommits(1, Failure.UNAVAILABLE_BUT_DONE),
        () -> dsql.faults().cutBeforeCommits(100),
        () -> dsql.faults().cutAfterCommits(1));
  }

  @Test
  void linesOfParallelInvocationsAreWhole() throws Exception {
    int workers = 8;
    int rounds = 40;
    LogLines lines = new LogLines();
    Set<String> requestIds = new HashSet<>();
    try (LocalFunction shared =
            new LocalFunction(dsql, Map.of("AWS_LAMBDA_MAX_CONCURRENCY", "8"), lines);
        ExecutorService threads = Executors.newFixedThreadPool(workers)) {
      List<Future<Set<String>>> all = new ArrayList<>();
      for (int i = 0; i < workers; i++) {
        all.add(threads.submit(() -> queries(shared, rounds)));
      }
      for (Future<Set<String>> one : all) {
        requestIds.addAll(one.get());
      }
    }
    assertEquals(workers * rounds, requestIds.size());
    List<JsonObject> invocations = lines.of("invocation");
    List<JsonObject> metrics = lines.of("metrics");
    assertEquals(
        requestIds, new HashSet<>(invocations.stream().map(l -> at(l, "requestId")).toList()));
    assertEquals(workers * rounds, invocations.size());
    assertEquals(workers * rounds, metrics.size());
    metrics.forEach(EmbeddedMetrics::check);
    assertEquals(1, metrics.stream().filter(line -> at(line, "ColdStart").equals("1")).count());
    assertEquals(
        lines.of("connection_opened").size(),
        metrics.stream().mapToInt(line -> line.get("ConnectionsOpened").getAsInt()).sum());
    // An invocation's two lines stand together.
    List<String> ids =
        lines
            .text()
            .lines()
            .map(JsonAssert::object)
            .filter(line -> line.has("requestId"))
            .map(line -> at(line, "requestId"))
            .toList();
    for (int i = 0; i < ids.size(); i += 2) {
      assertEquals(ids.get(i), ids.get(i + 1));
    }
  }

  private static Set<String> queries(LocalFunction function, int rounds) {
    Set<String> requestIds = new HashSet<>();
    for (int round = 0; round < rounds; round++) {
      LocalContext context = LocalContext.of(Duration.ofSeconds(29));
      function.invoke(QUERY, context);
      requestIds.add(context.requestId());
    }
    return requestIds;
  }
}
