package dsql.lambda.endtoend;

import static dsql.JsonAssert.at;
import static dsql.JsonAssert.object;
import static dsql.JsonAssert.problem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import dsql.JsonAssert;
import dsql.LocalContext;
import dsql.SharedDsql;
import dsql.lambda.LocalFunction;
import dsql.lambda.RequestRejected;
import dsql.lambda.Unavailable;
import dsql.local.LocalDsql;
import dsql.local.fault.Failure;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The HTTP and the schedule door, to real rows.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class OtherDoorsEndToEndTest {

  private static final String QUERY = "{\"action\":\"query\",\"table\":\"door\"}";
  private static final String INSERT =
      "{\"action\":\"insert\",\"table\":\"door\",\"rows\":[{\"note\":\"\\\"quoted\\\" é\"}]}";

  private final LocalDsql dsql;
  private final LocalFunction function;

  OtherDoorsEndToEndTest(LocalDsql dsql) {
    this.dsql = dsql;
    this.function = new LocalFunction(dsql, Map.of());
  }

  @BeforeEach
  void freshTable() throws SQLException {
    try (Connection connection = dsql.superuser().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("DROP TABLE IF EXISTS public.door, public.dsql_ledger");
    }
    function.invoke(
        """
        {"action":"create","table":"door","columns":[
         {"name":"id","type":"uuid","default":"gen_random_uuid()"},
         {"name":"note","type":"text"}],"primaryKey":["id"]}\
        """);
  }

  @AfterEach
  void close() {
    function.close();
  }

  @Test
  void httpAnswersAResponse() {
    JsonObject created =
        post(
            "{\"action\":\"create\",\"table\":\"door\",\"columns\":[{\"name\":\"id\",\"type\":\"uuid\",\"default\":\"gen_random_uuid()\"},{\"name\":\"note\",\"type\":\"text\"}],\"primaryKey\":[\"id\"]}");
    assertEquals("200", at(created, "statusCode"));
    assertEquals("unchanged", at(at(created, "body"), "outcome"));

    JsonObject inserted = post(INSERT);
    assertEquals("200", at(inserted, "statusCode"));
    assertEquals("application/json", at(inserted, "headers/content-type"));
    assertEquals("false", at(inserted, "isBase64Encoded"));
    assertEquals("1", at(at(inserted, "body"), "counts/written"));
    assertEquals("\"quoted\" é", at(at(post(QUERY), "body"), "rows/0/note"));
  }

  @Test
  void aNewTableIs201() throws SQLException {
    try (Connection connection = dsql.superuser().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("DROP TABLE IF EXISTS public.fresh");
    }
    JsonObject created =
        post(
            "{\"action\":\"create\",\"table\":\"fresh\",\"columns\":[{\"name\":\"a\",\"type\":\"text\"}]}");
    assertEquals("201", at(created, "statusCode"));
  }

  @Test
  void aBase64BodyIsDecoded() {
    String body = Base64.getEncoder().encodeToString(INSERT.getBytes(StandardCharsets.UTF_8));
    assertEquals(
        "200", at(http("POST", "application/json; charset=utf-8", body, true), "statusCode"));
    assertEquals("\"quoted\" é", at(at(post(QUERY), "body"), "rows/0/note"));
  }

  @Test
  void httpProblemsAreResponsesToo() {
    assertProblem(http("GET", "application/json", QUERY, false), 405, "method_not_allowed");
    assertEquals("POST", at(http("GET", "application/json", "", false), "headers/allow"));
    assertProblem(http("POST", "text/plain", QUERY, false), 415, "unsupported_media_type");
    assertProblem(post("{\"action\":"), 400, "malformed_json");
    assertProblem(post(""), 400, "malformed_json");
    assertProblem(http("POST", "application/json", "%%%", true), 400, "malformed_json");
    assertProblem(post("[1]"), 400, "invalid_request");
    assertProblem(post("{\"action\":\"drop\"}"), 400, "invalid_request");
    assertProblem(post("{\"action\":\"query\",\"table\":\"nowhere\"}"), 404, "table_not_found");
  }

  @Test
  void anUnreachableClusterIs503WithRetryAfterAndNoHostInIt() {
    try (LocalFunction lost = new LocalFunction(dsql, Map.of("CLUSTER_ENDPOINT", "localhost:1"))) {
      JsonObject reply = object(lost.invoke(event("POST", "application/json", QUERY, false)));
      assertProblem(reply, 503, "database_unavailable");
      assertEquals("1", at(reply, "headers/retry-after"));
      assertFalse(reply.toString().contains("localhost"), reply.toString());

      JsonObject thrown = problem(Unavailable.class, () -> lost.invoke(QUERY));
      assertEquals("true", at(thrown, "retryable"));
    }
  }

  @Test
  void aRefusedLoginIsAccessDenied() {
    try (LocalFunction wrong = new LocalFunction(dsql, Map.of("CLUSTER_REGION", "eu-west-1"))) {
      JsonObject denied = problem(Unavailable.class, () -> wrong.invoke(QUERY));
      assertEquals("access_denied 503", at(denied, "code") + " " + at(denied, "status"));
      assertEquals("08006", at(denied, "sqlstate"));
    }
  }

  @Test
  void aCauseIsLoggedAndNotTold() {
    LocalContext context = LocalContext.of(java.time.Duration.ofSeconds(20));
    try (LocalFunction wrong = new LocalFunction(dsql, Map.of("CLUSTER_REGION", "eu-west-1"))) {
      String reply = wrong.invoke(event("POST", "application/json", QUERY, false), context);
      assertFalse(reply.contains("Exception"), reply);
      assertTrue(String.join("", context.log()).contains("PSQLException"), context.log()::toString);
    }
  }

  @Test
  void eachInvocationWritesOneLine() {
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    try (LocalFunction logged = new LocalFunction(dsql, Map.of(), log)) {
      logged.invoke(event("POST", "application/json", INSERT, false));
      dsql.faults().failCommits(1, Failure.OC000);
      logged.invoke(INSERT);
      problem(RequestRejected.class, () -> logged.invoke("{\"action\":\"query\"}"));
    }
    String text = log.toString(StandardCharsets.UTF_8);
    List<JsonObject> lines =
        text.lines()
            .map(JsonAssert::object)
            .filter(l -> at(l, "event").equals("invocation"))
            .toList();
    assertEquals(3, lines.size(), text);
    assertEquals(
        "http insert committed 1", words(lines.get(0), "door", "action", "outcome", "attempts"));
    assertEquals(
        "direct insert committed 2", words(lines.get(1), "door", "action", "outcome", "attempts"));
    assertTrue(Double.parseDouble(at(lines.get(1), "milliseconds/waited")) >= 10, text);
    assertEquals(
        "direct query not_committed invalid_request 0",
        words(lines.get(2), "door", "action", "outcome", "code", "attempts"));
    assertFalse(text.contains("quoted"), "no values");
  }

  private static String words(JsonObject line, String... names) {
    return Stream.of(names).map(name -> at(line, name)).collect(Collectors.joining(" "));
  }

  @Test
  void aScheduleRunsItsDetailOrTheConfiguredActionOrATick() {
    assertEquals("false", at(schedule("aws.events", INSERT), "replayed"));
    JsonObject again = schedule("aws.scheduler", new Gson().toJson(INSERT));
    assertEquals("true", at(again, "replayed"), "an event's id is its idempotency key");
    for (String empty : new String[] {"{}", "\"{}\"", "\"\"", "null"}) {
      assertEquals("tick", at(schedule("aws.scheduler", empty), "action"), empty);
    }
    try (LocalFunction configured =
        new LocalFunction(dsql, Map.of("SCHEDULED_ACTION", QUERY, "POOL_MAX", "3"))) {
      assertEquals("1", at(configured.invoke(scheduled("aws.events", "{}")), "page/count"));
    }
    JsonObject problem =
        problem(
            RequestRejected.class, () -> schedule("aws.events", "{\"action\":\"query\",\"a\":1}"));
    assertEquals("/table missing", JsonAssert.faults(problem).get(0));
    assertEquals(
        "malformed_json",
        at(problem(RequestRejected.class, () -> schedule("aws.events", "\"{\"")), "code"));
    assertEquals(
        "unknown_event",
        at(problem(RequestRejected.class, () -> schedule("my.app", INSERT)), "code"));
  }

  private JsonObject post(String body) {
    return http("POST", "application/json", body, false);
  }

  private JsonObject http(String method, String type, String body, boolean base64) {
    return object(function.invoke(event(method, type, body, base64)));
  }

  private static String event(String method, String type, String body, boolean base64) {
    return """
    {"version":"2.0","headers":{"content-type":"%s"},
     "requestContext":{"http":{"method":"%s","path":"/"}},"body":%s,"isBase64Encoded":%s}\
    """
        .formatted(type, method, new Gson().toJson(body), base64);
  }

  @Test
  void aConfiguredInsertInChunksHasTheEventAsItsKey() {
    String chunked = INSERT.replace("}]}", "}],\"atomicity\":\"chunk\"}");
    try (LocalFunction configured = new LocalFunction(dsql, Map.of("SCHEDULED_ACTION", chunked))) {
      String event = scheduled("aws.scheduler", "{}");
      assertEquals("1", at(configured.invoke(event), "counts/written"));
      assertEquals("true", at(configured.invoke(event), "replayed"));
      configured.invoke(event.replace("7bf73129", "7bf73120"));
    }
    assertEquals("2", at(function.invoke(QUERY), "page/count"));
  }

  @Test
  void anEventsIdThatIsStillAPlaceholderIsNoKey() {
    String event =
        scheduled("aws.scheduler", INSERT)
            .replace("7bf73129-1428-4cd3-a780-95db273d1602", "<aws.scheduler.execution-id>");
    JsonObject refused = problem(RequestRejected.class, () -> function.invoke(event));
    assertTrue(at(refused, "detail").contains("placeholder"), refused::toString);
  }

  @Test
  void anEncodedBodyIsRefusedByTheNameOfItsHeader() {
    String event =
        event("POST", "application/json", QUERY, false)
            .replace("\"headers\":{", "\"headers\":{\"content-encoding\":\"gzip\",");
    JsonObject refused = object(function.invoke(event));
    assertProblem(refused, 415, "unsupported_media_type");
    assertTrue(at(at(refused, "body"), "detail").contains("Content-Encoding"));
  }

  private JsonObject schedule(String source, String detail) {
    return object(function.invoke(scheduled(source, detail)));
  }

  private static String scheduled(String source, String detail) {
    return "{\"id\":\"7bf73129-1428-4cd3-a780-95db273d1602\",\"detail-type\":\"Scheduled Event\",\"source\":\"%s\",\"detail\":%s}"
        .formatted(source, detail);
  }

  private static void assertProblem(JsonObject response, int status, String code) {
    assertEquals(Integer.toString(status), at(response, "statusCode"), response.toString());
    assertEquals("application/problem+json", at(response, "headers/content-type"));
    JsonObject problem = object(at(response, "body"));
    assertEquals(code, at(problem, "code"));
    assertEquals(Integer.toString(status), at(problem, "status"));
    assertEquals("urn:dsql:problem:" + code, at(problem, "type"));
  }
}
