package dsql.lambda.process;

import static dsql.JsonAssert.at;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.SharedDsql;
import dsql.lambda.LocalFunction;
import dsql.local.LocalDsql;
import dsql.local.auth.Credentials;
import dsql.local.auth.Login;
import dsql.runtime.ContainerCredentials;
import dsql.runtime.Reply.FunctionError;
import dsql.runtime.Reply.Success;
import dsql.runtime.RuntimeProcess;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The credentials of the execution role, where Lambda puts them, under the real runtime client.
/// Each invocation opens a connection of its own, so each signs a token of its own.
@Tag("slow")
@ExtendWith(SharedDsql.class)
final class CredentialsTest {

  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final byte[] TICK =
      "{\"detail-type\":\"Scheduled Event\",\"source\":\"aws.events\",\"detail\":{}}"
          .getBytes(StandardCharsets.UTF_8);

  private static final Credentials FIRST =
      new Credentials("ASIAFIRST00000000001", "first/secret+key", "first/session==");
  private static final Credentials SECOND =
      new Credentials("ASIASECOND0000000002", "second/secret+key", "second/session==");

  private final LocalDsql dsql;

  CredentialsTest(LocalDsql dsql) {
    this.dsql = dsql;
  }

  @Test
  void keyVariablesSignAndNewOnesReplaceThem() {
    dsql.trust(FIRST);
    try (RuntimeProcess process = start(keys(FIRST))) {
      assertAlive(process);
      assertEquals(FIRST.accessKeyId(), lastLogin().accessKeyId());
    }
    // An environment's own variables never change: their rotation is a new environment.
    dsql.revoke(FIRST.accessKeyId());
    dsql.trust(SECOND);
    try (RuntimeProcess process = start(keys(SECOND))) {
      assertAlive(process);
      assertEquals(SECOND.accessKeyId(), lastLogin().accessKeyId());
    }
    try (RuntimeProcess process = start(keys(FIRST))) {
      FunctionError error = assertInstanceOf(FunctionError.class, process.invoke(TICK, LIMIT));
      assertEquals("dsql.lambda.Unavailable", error.errorType());
      assertEquals("access_denied", at(error.errorMessage(), "code"));
      assertEquals(List.of(), error.stackTrace());
    }
    dsql.revoke(SECOND.accessKeyId());
  }

  @Test
  void theContainerEndpointSignsAndRotates() throws Exception {
    dsql.trust(FIRST);
    try (ContainerCredentials container = new ContainerCredentials(shortLived(FIRST));
        RuntimeProcess process = start(container.environment())) {
      assertAlive(process);
      assertEquals(FIRST.accessKeyId(), lastLogin().accessKeyId());

      dsql.revoke(FIRST.accessKeyId());
      dsql.trust(SECOND);
      container.rotate(shortLived(SECOND));
      assertAlive(process);
      assertEquals(SECOND.accessKeyId(), lastLogin().accessKeyId());
      assertEquals(0, container.refused());
    }
    dsql.revoke(SECOND.accessKeyId());
  }

  @Test
  void noCredentialsAtAllIsAProblemAndNoCrash() {
    try (RuntimeProcess process =
        start(Map.of("AWS_EC2_METADATA_DISABLED", "true", "HOME", "/nonexistent"))) {
      for (int again = 0; again < 2; again++) {
        FunctionError error = assertInstanceOf(FunctionError.class, process.invoke(TICK, LIMIT));
        assertEquals("access_denied", at(error.errorMessage(), "code"));
      }
    }
  }

  @Test
  void aBadConfigurationFailsTheInitAndNamesEveryFault() {
    try (RuntimeProcess process =
        RuntimeProcess.start(
            "dsql.lambda.Handler::handleRequest", Map.of("POOL_MAX", "none"), List.of())) {
      FunctionError error = process.initError().orElseThrow();
      assertEquals("dsql.lambda.InvalidConfiguration", error.errorType());
      assertTrue(error.errorMessage().contains("CLUSTER_ENDPOINT is not set"), error::toString);
      assertTrue(error.errorMessage().contains("CLUSTER_USER is not set"), error::toString);
      assertTrue(error.errorMessage().contains("'none'"), error::toString);
    }
  }

  private RuntimeProcess start(Map<String, String> credentials) {
    Map<String, String> environment =
        new HashMap<>(LocalFunction.environment(dsql, Map.of("POOL_MAX_LIFETIME", "PT0.001S")));
    environment.putAll(credentials);
    return RuntimeProcess.start(
        "dsql.lambda.Handler::handleRequest",
        environment,
        List.of(
            "-Djavax.net.ssl.trustStore=" + dsql.trustStore(),
            "-Djavax.net.ssl.trustStorePassword=" + dsql.trustStorePassword()));
  }

  private static Map<String, String> keys(Credentials credentials) {
    return Map.of(
        "AWS_ACCESS_KEY_ID", credentials.accessKeyId(),
        "AWS_SECRET_ACCESS_KEY", credentials.secretAccessKey(),
        "AWS_SESSION_TOKEN", credentials.sessionToken());
  }

  /// Expiring so soon that the SDK asks for them at every use.
  private static ContainerCredentials.Credentials shortLived(Credentials credentials) {
    return new ContainerCredentials.Credentials(
        credentials.accessKeyId(),
        credentials.secretAccessKey(),
        credentials.sessionToken(),
        Instant.now().plusSeconds(100));
  }

  private static void assertAlive(RuntimeProcess process) {
    Success reply = assertInstanceOf(Success.class, process.invoke(TICK, LIMIT));
    assertEquals("alive", at(reply.body(), "outcome"));
  }

  private Login lastLogin() {
    return dsql.logins().getLast();
  }
}
