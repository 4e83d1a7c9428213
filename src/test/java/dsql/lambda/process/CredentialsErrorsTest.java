package dsql.lambda.process;

import static dsql.JsonAssert.at;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dsql.SharedDsql;
import dsql.lambda.LocalFunction;
import dsql.lambda.Unavailable;
import dsql.local.LocalDsql;
import dsql.local.auth.Credentials;
import dsql.runtime.Reply.FunctionError;
import dsql.runtime.Reply.Success;
import dsql.runtime.RuntimeProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Credentials that are not there, cannot be read or are wrong, under the real runtime client and
/// with what is packaged of the SDK alone: a problem each time, no crash, and no secret told.
@Tag("slow")
@ExtendWith(SharedDsql.class)
final class CredentialsErrorsTest {

  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final String SECRET = "container/authorization+token";
  private static final String TICK =
      "{\"detail-type\":\"Scheduled Event\",\"source\":\"aws.events\",\"detail\":{}}";
  private static final Credentials PROFILE =
      new Credentials("ASIAPROFILE000000003", "profile/secret+key", "profile/session==");

  private static final Credentials CONTAINER =
      new Credentials("ASIACONTAINER0000005", "container/secret+key", "container/session==");

  private final LocalDsql dsql;
  @TempDir Path directory;

  CredentialsErrorsTest(LocalDsql dsql) {
    this.dsql = dsql;
  }

  @Test
  void aContainerEndpointThatRefusesConnectionsIsWorthAnotherTry() throws IOException {
    int port;
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = taken.getLocalPort();
    }
    assertNotFetched(container(port));
  }

  @Test
  void aSilentContainerEndpointIsLeftWhenTheTimeEnds() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        RuntimeProcess process = start(container(silent.getLocalPort()))) {
      for (int again = 0; again < 2; again++) {
        // No reply within the time is a failure of its own.
        FunctionError error =
            assertInstanceOf(
                FunctionError.class, process.invoke(TICK, Duration.ofSeconds(3)), "no reply");
        assertEquals("deadline_exceeded", at(error.errorMessage(), "code"));
        assertEquals("true", at(error.errorMessage(), "retryable"));
        assertEquals(Unavailable.class.getName(), error.errorType());
      }
    }
  }

  @Test
  void aSilentContainerEndpointMayAnswerTheNextTime() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Map<String, String> environment = new HashMap<>(container(silent.getLocalPort()));
      environment.put("RETRY_MAX_ATTEMPTS", "1");
      try (RuntimeProcess process = start(environment)) {
        assertNotFetched(process, LIMIT, 1);
      }
    }
  }

  @Test
  void aContainerEndpointThatFailsForAWhileIsAskedAgain() throws IOException {
    dsql.trust(CONTAINER);
    try (Endpoint endpoint = new Endpoint();
        RuntimeProcess process = start(container(endpoint.port()))) {
      endpoint.answer = "";
      assertNotFetched(process, LIMIT, 5);
      endpoint.answer = given(Duration.ofHours(6));
      Success reply = assertInstanceOf(Success.class, process.invoke(TICK, LIMIT));
      assertEquals("alive", at(reply.body(), "outcome"));
    }
    dsql.revoke(CONTAINER.accessKeyId());
  }

  /// The SDK asks for new ones a quarter of an hour before; until then those it has are good.
  @Test
  void goodCredentialsAreUsedWhereNewOnesDoNotCome() throws IOException {
    dsql.trust(CONTAINER);
    try (Endpoint endpoint = new Endpoint();
        RuntimeProcess process = start(container(endpoint.port()))) {
      // Soon enough for the SDK to ask at every use.
      endpoint.answer = given(Duration.ofSeconds(115));
      for (String next : List.of("silent", "", "silent")) {
        Success reply =
            assertInstanceOf(Success.class, process.invoke(TICK, Duration.ofSeconds(4)), next);
        assertEquals("alive", at(reply.body(), "outcome"));
        endpoint.answer = next;
      }
      assertTrue(endpoint.asked.get() > 2, () -> "asked " + endpoint.asked);
    }
    dsql.revoke(CONTAINER.accessKeyId());
  }

  private static String given(Duration valid) {
    return """
    {"AccessKeyId":"%s","SecretAccessKey":"%s","Token":"%s","Expiration":"%s"}\
    """
        .formatted(
            CONTAINER.accessKeyId(),
            CONTAINER.secretAccessKey(),
            CONTAINER.sessionToken(),
            Instant.now().plus(valid));
  }

  /// An endpoint that gives what it is told to; nothing at all is a 503, and `silent` is silence
  /// until it is closed.
  private static final class Endpoint implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicInteger asked = new AtomicInteger();
    private volatile String answer = "";

    Endpoint() throws IOException {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.setExecutor(threads);
      server.createContext("/", this::handle);
      server.start();
    }

    private void handle(HttpExchange exchange) throws IOException {
      asked.incrementAndGet();
      try (exchange) {
        if (answer.equals("silent")) {
          closed.await();
        } else {
          byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(answer.isEmpty() ? 503 : 200, bytes.length);
          exchange.getResponseBody().write(bytes);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    int port() {
      return server.getAddress().getPort();
    }

    @Override
    public void close() {
      closed.countDown();
      server.stop(0);
      threads.close();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          404 | nothing here
          401 | {"code":"Unauthorized"}
          200 | {"AccessKeyId":
          200 | [1,2,3]
          200 | {}
          200 | {"AccessKeyId":"A","SecretAccessKey":"B","Token":"C","Expiration":"tomorrow"}
          200 | {"AccessKeyId":"A","SecretAccessKey":"B","Token":"C","Expiration":"2020-01-01T00:00:00Z"}
          """)
  void aContainerEndpointWithoutCredentialsIsAccessDenied(int status, String body)
      throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
          }
        });
    server.start();
    try {
      assertDenied(container(server.getAddress().getPort()));
    } finally {
      server.stop(0);
    }
  }

  /// What passes may be sent again, and what does not may not.
  @ParameterizedTest
  @CsvSource({"500,true", "503,true", "429,true", "404,false", "401,false"})
  void onlyAnEndpointThatMayComeRoundIsWorthAskingAgain(int status, boolean retryable)
      throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            exchange.sendResponseHeaders(status, -1);
          }
        });
    server.start();
    try (RuntimeProcess process = start(container(server.getAddress().getPort()))) {
      FunctionError error = assertInstanceOf(FunctionError.class, process.invoke(TICK, LIMIT));
      assertEquals(
          (retryable ? "database_unavailable " : "access_denied ") + retryable,
          at(error.errorMessage(), "code") + " " + at(error.errorMessage(), "retryable"));
    } finally {
      server.stop(0);
    }
  }

  @Test
  void aProfilesKeysSign() throws IOException {
    dsql.trust(PROFILE);
    try (RuntimeProcess process = start(profile("here", keys("here")))) {
      Success reply = assertInstanceOf(Success.class, process.invoke(TICK, LIMIT));
      assertEquals("alive", at(reply.body(), "outcome"));
      assertEquals(PROFILE.accessKeyId(), dsql.logins().getLast().accessKeyId());
    }
    dsql.revoke(PROFILE.accessKeyId());
  }

  @Test
  void aMissingProfileIsAccessDenied() throws IOException {
    assertDenied(profile("elsewhere", keys("here")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[here]\n",
        "[here]\naws_access_key_id = A\n",
        "[here\naws_access_key_id = A\n",
        "[here]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = here\n",
        "[here]\nsso_session = s\nsso_account_id = 1\nsso_role_name = r\n",
        "[here]\nweb_identity_token_file = /nonexistent\nrole_arn = arn:aws:iam::1:role/r\n",
        "[here]\nrole_arn = arn:aws:iam::1:role/r\ncredential_source = Environment\n",
        "[here]\ncredential_process = /nonexistent/program\n",
      })
  void aProfileWithoutCredentialsIsAccessDenied(String file) throws IOException {
    assertDenied(profile("here", file));
  }

  @Test
  void aWebIdentityIsAccessDeniedForWantOfItsModule() throws IOException {
    Path token = Files.writeString(directory.resolve("token"), SECRET);
    assertDenied(
        Map.of(
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            token.toString(),
            "AWS_ROLE_ARN",
            "arn:aws:iam::123456789012:role/r"));
  }

  @Test
  void keysThatTheClusterDoesNotKnowAreAccessDenied() {
    assertDenied(
        Map.of("AWS_ACCESS_KEY_ID", "ASIAUNKNOWN000000004", "AWS_SECRET_ACCESS_KEY", SECRET));
  }

  private void assertNotFetched(Map<String, String> environment) {
    try (RuntimeProcess process = start(environment)) {
      for (int again = 0; again < 2; again++) {
        assertNotFetched(process, LIMIT, 5);
      }
    }
  }

  private static void assertNotFetched(RuntimeProcess process, Duration limit, int attempts) {
    FunctionError error = assertInstanceOf(FunctionError.class, process.invoke(TICK, limit));
    String problem = error.errorMessage();
    assertEquals("database_unavailable 503", at(problem, "code") + " " + at(problem, "status"));
    assertEquals("true not_committed", at(problem, "retryable") + " " + at(problem, "outcome"));
    assertTrue(at(problem, "detail").startsWith("The credentials "), problem);
    assertEquals(Integer.toString(attempts), at(problem, "attempts"));
    assertEquals(Unavailable.class.getName(), error.errorType());
    assertFalse(error.body().contains(SECRET) || error.body().contains("127.0.0.1"), error.body());
  }

  private void assertDenied(Map<String, String> environment) {
    try (RuntimeProcess process = start(environment)) {
      for (int again = 0; again < 2; again++) {
        FunctionError error = assertInstanceOf(FunctionError.class, process.invoke(TICK, LIMIT));
        assertEquals("access_denied", at(error.errorMessage(), "code"), error::errorMessage);
        assertEquals(Unavailable.class.getName(), error.errorType());
        assertEquals(List.of(), error.stackTrace());
        String payload = error.body();
        for (String word : List.of(SECRET, PROFILE.secretAccessKey(), "127.0.0.1", "localhost")) {
          assertFalse(payload.contains(word), payload);
        }
      }
      String log = String.join("\n", process.output());
      assertFalse(log.contains(SECRET) || log.contains(PROFILE.secretAccessKey()), log);
      assertFalse(log.contains("NoClassDefFoundError"), log);
    }
  }

  private RuntimeProcess start(Map<String, String> more) {
    Map<String, String> environment =
        new HashMap<>(LocalFunction.environment(dsql, Map.of("POOL_MAX_LIFETIME", "PT0.001S")));
    environment.put("AWS_EC2_METADATA_DISABLED", "true");
    environment.put("HOME", "/nonexistent");
    environment.putAll(more);
    return RuntimeProcess.start(
        "dsql.lambda.Handler::handleRequest",
        environment,
        List.of(
            "-Djavax.net.ssl.trustStore=" + dsql.trustStore(),
            "-Djavax.net.ssl.trustStorePassword=" + dsql.trustStorePassword()));
  }

  private static Map<String, String> container(int port) {
    return Map.of(
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "http://127.0.0.1:" + port + "/credentials",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        SECRET);
  }

  private Map<String, String> profile(String name, String file) throws IOException {
    Path credentials = Files.writeString(directory.resolve("credentials"), file);
    Path config = Files.writeString(directory.resolve("config"), "");
    return Map.of(
        "AWS_PROFILE", name,
        "AWS_SHARED_CREDENTIALS_FILE", credentials.toString(),
        "AWS_CONFIG_FILE", config.toString());
  }

  private static String keys(String profile) {
    return "[%s]\naws_access_key_id = %s\naws_secret_access_key = %s\naws_session_token = %s\n"
        .formatted(
            profile, PROFILE.accessKeyId(), PROFILE.secretAccessKey(), PROFILE.sessionToken());
  }
}
