package dsql.lambda.process;

import static dsql.JsonAssert.at;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.lambda.LocalFunction;
import dsql.lambda.Unavailable;
import dsql.local.LocalDsql;
import dsql.local.tls.ThrowawayAuthority.Fault;
import dsql.runtime.Reply.FunctionError;
import dsql.runtime.Reply.Success;
import dsql.runtime.RuntimeProcess;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A server whose certificate is not to be trusted, under the real runtime client, in a process
/// that has read no other trust store: one connection, no login, and a problem of its own.
@Tag("slow")
final class CertificatesEndToEndTest {

  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final String TICK =
      "{\"detail-type\":\"Scheduled Event\",\"source\":\"aws.events\",\"detail\":{}}";
  private static final String HTTP =
      """
      {"version":"2.0","headers":{"content-type":"application/json"},
       "requestContext":{"http":{"method":"POST","path":"/"}},
       "body":"{\\"action\\":\\"query\\",\\"table\\":\\"t\\"}"}\
      """;

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "UNKNOWN_AUTHORITY,unknown_authority,has signed it",
    "OTHER_NAME,other_name,another name",
    "EXPIRED,expired,expired",
    "NOT_YET_VALID,not_yet_valid,not valid yet"
  })
  void aCertificateThatIsNotTrustedEndsTheConnection(Fault fault, String reason, String told) {
    try (LocalDsql dsql = LocalDsql.builder().certificate(fault).start();
        RuntimeProcess process = start(dsql, dsql.trustStore(), dsql.trustStorePassword())) {
      assertUntrusted(dsql, process, reason, told);
    }
  }

  /// Amazon's roots and the JVM's own store, where no other is named.
  @Test
  void anAuthorityThatNoStoreNamesIsNotTrusted() {
    try (LocalDsql dsql = LocalDsql.start();
        RuntimeProcess process = start(dsql, List.of())) {
      assertUntrusted(dsql, process, "unknown_authority", "has signed it");
    }
  }

  @Test
  void aTrustStoreThatIsMissingEmptyOrLockedTrustsNoServer() throws Exception {
    try (LocalDsql dsql = LocalDsql.start()) {
      // The JVM takes a file that is not there for a store of nobody.
      try (RuntimeProcess process = start(dsql, directory.resolve("none.p12"), "changeit")) {
        assertUntrusted(dsql, process, "unknown_authority", "has signed it");
      }
      try (RuntimeProcess process = start(dsql, empty(), "changeit")) {
        assertUntrusted(dsql, process, "no_trust_store", "trust store");
      }
      int before = dsql.arrivals();
      try (RuntimeProcess process = start(dsql, dsql.trustStore(), "wrong")) {
        assertProblem(process, "no_trust_store", "trust store");
      }
      assertEquals(List.of(), dsql.logins());
      assertTrue(dsql.arrivals() - before <= 1, () -> dsql.arrivals() + " connections");
    }
  }

  private Path empty() throws IOException, GeneralSecurityException {
    Path file = directory.resolve("empty.p12");
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    try (OutputStream out = Files.newOutputStream(file)) {
      store.store(out, "changeit".toCharArray());
    }
    return file;
  }

  private static void assertUntrusted(
      LocalDsql dsql, RuntimeProcess process, String reason, String told) {
    int before = dsql.arrivals();
    assertProblem(process, reason, told);
    assertEquals(before + 1, dsql.arrivals(), "connections for one event");
    Success reply = assertInstanceOf(Success.class, process.invoke(HTTP, LIMIT));
    assertEquals(
        "503 1", at(reply.body(), "statusCode") + " " + at(reply.body(), "headers/retry-after"));
    assertEquals("certificate_untrusted", at(at(reply.body(), "body"), "code"));
    assertEquals(before + 2, dsql.arrivals(), "connections for two events");
    assertEquals(List.of(), dsql.logins());
  }

  private static void assertProblem(RuntimeProcess process, String reason, String told) {
    FunctionError error = assertInstanceOf(FunctionError.class, process.invoke(TICK, LIMIT));
    String problem = error.errorMessage();
    assertEquals(Unavailable.class.getName(), error.errorType());
    assertEquals("certificate_untrusted 503", at(problem, "code") + " " + at(problem, "status"));
    assertEquals("false not_committed", at(problem, "retryable") + " " + at(problem, "outcome"));
    assertEquals("1", at(problem, "attempts"));
    for (String word : List.of(told, "CLUSTER_ENDPOINT", "JAVA_TOOL_OPTIONS", "proxy")) {
      assertTrue(at(problem, "detail").contains(word), problem);
    }
    assertFalse(error.body().contains("localhost"), error.body());
    String log = String.join("\n", process.output());
    assertTrue(log.contains("code=certificate_untrusted"), log);
    assertTrue(log.contains(" reason=" + reason + ":"), log);
    // The driver has a line of its own for a name that differs, and the name in it.
    assertFalse(
        process.output().stream()
            .anyMatch(line -> line.matches("[\\[{].*") && line.contains("localhost")),
        log);
  }

  private static RuntimeProcess start(LocalDsql dsql, Path store, String password) {
    return start(
        dsql,
        List.of(
            "-Djavax.net.ssl.trustStore=" + store,
            "-Djavax.net.ssl.trustStorePassword=" + password));
  }

  private static RuntimeProcess start(LocalDsql dsql, List<String> arguments) {
    Map<String, String> environment = new HashMap<>(LocalFunction.environment(dsql, Map.of()));
    environment.put("AWS_ACCESS_KEY_ID", dsql.credentials().accessKeyId());
    environment.put("AWS_SECRET_ACCESS_KEY", dsql.credentials().secretAccessKey());
    environment.put("AWS_SESSION_TOKEN", dsql.credentials().sessionToken());
    return RuntimeProcess.start("dsql.lambda.Handler::handleRequest", environment, arguments);
  }
}
