package dsql.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import dsql.SharedDsql;
import dsql.Tables;
import dsql.lambda.LocalFunction;
import dsql.local.LocalDsql;
import dsql.local.fault.Failure;
import dsql.runtime.Reply.FunctionError;
import dsql.runtime.Reply.Success;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// What is deployed, under the real runtime client: the directory that the property `artefact.dir`
/// names, such as `.aws-sam/build/Function`, or the same made of the compiled classes and the
/// libraries of the class path.
@Tag("slow")
@EnabledOnOs(OS.LINUX)
@ExtendWith(SharedDsql.class)
@TestInstance(Lifecycle.PER_CLASS)
final class ArtefactTest {
  private static final Duration LIMIT = Duration.ofSeconds(29);
  private static final int REPLY_LIMIT = 6_291_556;

  /// A table is created before rows go in, and rows go in before they are read.
  private static final List<String> FIRST = List.of("create.json", "insert.json");

  private final LocalDsql dsql;
  private Path root;
  private RuntimeProcess shared;

  ArtefactTest(LocalDsql dsql) {
    this.dsql = dsql;
  }

  @BeforeAll
  void start(@TempDir Path directory) throws IOException, SQLException {
    root = taskRoot(directory);
    Tables.drop(dsql, "owner");
    shared = start(Map.of());
  }

  @AfterAll
  void stop() throws SQLException {
    shared.close();
    Tables.drop(dsql, "owner");
    Tables.drop(dsql, "wide");
  }

  @AfterEach
  void clear() {
    dsql.faults().clear();
  }

  @Test
  void everyEventIsAnswered() throws IOException {
    List<Path> files = events();
    assertTrue(files.size() >= 8, files::toString);
    for (Path file : files) {
      Reply reply = shared.invoke(Files.readAllBytes(file), LIMIT);
      if (name(file).startsWith("bad")) {
        FunctionError error = assertInstanceOf(FunctionError.class, reply, file::toString);
        assertEquals("dsql.lambda.RequestRejected", error.errorType());
        assertEquals("invalid_request", object(error.errorMessage()).get("code").getAsString());
        continue;
      }
      assertSucceeded(name(file), assertInstanceOf(Success.class, reply, reply::body).body());
    }
  }

  static void assertSucceeded(String event, String reply) {
    JsonObject json = object(reply);
    if (event.startsWith("http")) {
      assertTrue(json.get("statusCode").getAsInt() < 300, reply);
      assertEquals(
          "application/json", json.getAsJsonObject("headers").get("content-type").getAsString());
      json = object(json.get("body").getAsString());
    }
    assertTrue(json.has("action"), reply);
  }

  /// Every event that is kept, in an order in which each can succeed.
  static List<Path> events() throws IOException {
    try (Stream<Path> all = Files.list(Path.of("events"))) {
      return all.sorted(
              Comparator.comparing((Path file) -> !FIRST.contains(name(file)))
                  .thenComparing(Path::getFileName))
          .toList();
    }
  }

  static Path taskRoot(Path directory) throws IOException {
    String built = System.getProperty("artefact.dir", "");
    return built.isEmpty() ? TaskRoot.ofProject(directory) : Path.of(built).toAbsolutePath();
  }

  @Test
  void everyFaultOfTheConfigurationIsAnInitError() {
    try (RuntimeProcess process =
        RuntimeProcess.startBuilt(
            root,
            "dsql.lambda.Handler::handleRequest",
            Map.of("POOL_MAX", "none", "CLUSTER_USER", "admin", "LEDGER_TTL", "-P1D"),
            List.of())) {
      FunctionError error = process.initError().orElseThrow();
      assertEquals("dsql.lambda.InvalidConfiguration", error.errorType());
      for (String told : List.of("CLUSTER_ENDPOINT is not set", "POOL_MAX", "'none'", "'-P1D'")) {
        assertTrue(error.errorMessage().contains(told), error::errorMessage);
      }
      assertEquals(1, process.awaitExit());
    }
  }

  @Test
  void errorTypesAreCategories() throws SQLException {
    Tables.fresh(dsql, "wide", "id integer PRIMARY KEY, t text");
    String insert = "{\"action\":\"insert\",\"table\":\"wide\",\"rows\":[{\"id\":1}]}";

    assertError("RequestRejected", "malformed_json", "{");
    assertError("RequestRejected", "table_not_found", insert.replace("wide", "missing"));

    dsql.faults().failStatements(1000, Failure.OC000);
    assertError("Conflict", "conflict_exhausted", insert);
    dsql.faults().clear();

    dsql.faults().cutBeforeCommits(1);
    assertError("OutcomeUnknown", "outcome_unknown", insert);

    // The connection is gone, so this ends within a TLS handshake.
    dsql.faults().freeze();
    FunctionError late =
        assertInstanceOf(FunctionError.class, shared.invoke(insert, Duration.ofSeconds(3)));
    assertEquals("dsql.lambda.Unavailable", late.errorType());
  }

  @Test
  void aSenderThatReadsResponsesIsRefusedByOne() {
    String rest = "\"httpMethod\":\"POST\",\"stage\":\"Prod\",\"apiId\":\"a1b2c3d4e5\"";
    String balancer = "\"elb\":{\"targetGroupArn\":\"arn:aws:elasticloadbalancing:…\"}";
    for (String context : List.of(rest, balancer)) {
      Reply reply =
          shared.invoke(
              """
              {"resource":"/","path":"/","httpMethod":"POST","headers":{},"requestContext":{%s},
               "body":"{}","isBase64Encoded":false}\
              """
                  .formatted(context),
              LIMIT);
      JsonObject response = object(assertInstanceOf(Success.class, reply, reply::body).body());
      assertEquals(400, response.get("statusCode").getAsInt());
      assertEquals(context.equals(balancer), response.has("statusDescription"));
      assertEquals(
          "unknown_event", object(response.get("body").getAsString()).get("code").getAsString());
    }
    assertError("RequestRejected", "unknown_event", "{\"ping\":true}");
  }

  private void assertError(String type, String code, String event) {
    FunctionError error = assertInstanceOf(FunctionError.class, shared.invoke(event, LIMIT));
    assertEquals("dsql.lambda." + type, error.errorType());
    assertEquals(code, object(error.errorMessage()).get("code").getAsString());
    assertEquals(List.of(), error.stackTrace());
  }

  @Test
  void eightInvocationsRunAtOnce() throws Exception {
    Tables.fresh(dsql, "wide", "id integer PRIMARY KEY, t text");
    try (RuntimeProcess process = start(Map.of("AWS_LAMBDA_MAX_CONCURRENCY", "8"));
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      assertEquals(Optional.empty(), process.initError());
      dsql.faults().freeze();
      List<Future<Reply>> replies = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        String event =
            "{\"action\":\"insert\",\"table\":\"wide\",\"rows\":[{\"id\":%d}]}".formatted(i);
        replies.add(callers.submit(() -> process.invoke(event, LIMIT)));
      }
      long end = System.nanoTime() + LIMIT.toNanos();
      while (process.inFlight() < 8 || process.sockets().size() < 8) {
        assertTrue(System.nanoTime() < end, "in flight: " + process.inFlight());
        Thread.onSpinWait();
      }
      dsql.faults().thaw();
      for (Future<Reply> reply : replies) {
        assertInstanceOf(Success.class, reply.get());
      }
      assertEquals("8", Tables.value(dsql, "SELECT count(*) FROM public.wide"));
    }
  }

  @Test
  void aSnapshotIsRestored() throws SQLException {
    Tables.fresh(dsql, "wide", "id integer PRIMARY KEY, t text");
    try (RuntimeProcess process = start(Map.of("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start"))) {
      process.awaitCheckpoint();
      assertEquals(Optional.empty(), process.initError());
      assertEquals(List.of(), process.sockets());
      JsonObject primed = object(process.output().getFirst());
      assertEquals("primed", primed.get("event").getAsString());
      assertEquals("INFO", primed.get("level").getAsString(), primed::toString);
      assertEquals(Optional.empty(), process.restore());
      String insert =
          "{\"action\":\"insert\",\"table\":\"wide\",\"rows\":[{\"id\":1}],\"returning\":[\"id\"]}";
      JsonObject reply =
          object(assertInstanceOf(Success.class, process.invoke(insert, LIMIT)).body());
      assertEquals("[{\"id\":1}]", reply.get("rows").toString());
    }
  }

  @Test
  void aFullPageIsAsLargeAsAReplyMayBe() throws SQLException {
    Tables.fresh(dsql, "wide", "id integer PRIMARY KEY, t text");
    Tables.run(
        dsql,
        "INSERT INTO public.wide SELECT i, repeat('\"\\', 500) FROM generate_series(1, 8000) i");
    String query = "{\"action\":\"query\",\"table\":\"wide\",\"limit\":10000}";
    Reply direct = shared.invoke(query, LIMIT);
    assertFull(direct, object(direct.body()));

    JsonObject event = new JsonObject();
    event.add("requestContext", object("{\"http\":{\"method\":\"POST\",\"path\":\"/\"}}"));
    event.addProperty("body", query);
    Reply http = shared.invoke(event.toString(), LIMIT);
    JsonObject response = object(http.body());
    assertEquals(200, response.get("statusCode").getAsInt());
    assertFull(http, object(response.get("body").getAsString()));
  }

  private static void assertFull(Reply reply, JsonObject result) {
    int bytes = reply.bytes();
    assertTrue(bytes <= REPLY_LIMIT && bytes > REPLY_LIMIT - 20_000, () -> "bytes: " + bytes);
    JsonObject page = result.getAsJsonObject("page");
    assertEquals("bytes", page.get("truncatedBy").getAsString());
    assertEquals(result.getAsJsonArray("rows").size(), page.get("count").getAsInt());
  }

  private RuntimeProcess start(Map<String, String> more) {
    Map<String, String> environment = new HashMap<>(LocalFunction.environment(dsql, more));
    environment.put("AWS_ACCESS_KEY_ID", dsql.credentials().accessKeyId());
    environment.put("AWS_SECRET_ACCESS_KEY", dsql.credentials().secretAccessKey());
    environment.put("AWS_SESSION_TOKEN", dsql.credentials().sessionToken());
    return RuntimeProcess.startBuilt(
        root,
        "dsql.lambda.Handler::handleRequest",
        environment,
        List.of(
            "-Djavax.net.ssl.trustStore=" + dsql.trustStore(),
            "-Djavax.net.ssl.trustStorePassword=" + dsql.trustStorePassword()));
  }

  private static String name(Path file) {
    return file.getFileName().toString();
  }

  private static JsonObject object(String json) {
    return new Gson().fromJson(json, JsonObject.class);
  }
}
