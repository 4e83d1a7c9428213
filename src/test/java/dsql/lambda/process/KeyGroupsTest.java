package dsql.lambda.process;

import static dsql.JsonAssert.at;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dsql.lambda.LocalFunction;
import dsql.local.LocalDsql;
import dsql.local.auth.Credentials;
import dsql.runtime.Reply.FunctionError;
import dsql.runtime.Reply.Success;
import dsql.runtime.RuntimeProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Servers that agree on a key in one way only are reached, and their certificates are still
/// verified; under the real runtime client, which has its own list of what TLS may do.
@Tag("slow")
final class KeyGroupsTest {

  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final String TICK =
      "{\"detail-type\":\"Scheduled Event\",\"source\":\"aws.events\",\"detail\":{}}";

  @ParameterizedTest
  @ValueSource(strings = {"x25519", "secp256r1", "secp384r1"})
  void aServerThatKnowsOneGroupIsReached(String group) {
    try (LocalDsql dsql = LocalDsql.builder().keyGroups(group).start();
        RuntimeProcess process = start(dsql, dsql.trustStore(), "PT0.001S")) {
      // Each invocation connects anew, the second knowing how.
      for (int i = 0; i < 2; i++) {
        Success reply = assertInstanceOf(Success.class, process.invoke(TICK, LIMIT));
        assertEquals("alive", at(reply.body(), "outcome"));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"x25519", "secp256r1"})
  void aServerOfAnotherAuthorityIsNotTrusted(String group) {
    try (LocalDsql dsql = LocalDsql.builder().keyGroups(group).start();
        LocalDsql other = LocalDsql.start();
        RuntimeProcess process = start(dsql, other.trustStore(), "PT50M")) {
      FunctionError error = assertInstanceOf(FunctionError.class, process.invoke(TICK, LIMIT));
      assertEquals("certificate_untrusted", at(error.errorMessage(), "code"));
      assertEquals(0, dsql.logins().size());
      // A server that refuses the one group has its certificate looked at on a second connection.
      assertEquals(group.equals("x25519") ? 1 : 2, dsql.arrivals());
    }
  }

  private static RuntimeProcess start(LocalDsql dsql, Path trustStore, String lifetime) {
    Credentials credentials = dsql.credentials();
    Map<String, String> environment =
        new HashMap<>(
            LocalFunction.environment(
                dsql, Map.of("POOL_MAX_LIFETIME", lifetime, "RETRY_MAX_ATTEMPTS", "1")));
    environment.put("AWS_ACCESS_KEY_ID", credentials.accessKeyId());
    environment.put("AWS_SECRET_ACCESS_KEY", credentials.secretAccessKey());
    environment.put("AWS_SESSION_TOKEN", credentials.sessionToken());
    return RuntimeProcess.start(
        "dsql.lambda.Handler::handleRequest",
        environment,
        List.of(
            "-Djavax.net.ssl.trustStore=" + trustStore,
            "-Djavax.net.ssl.trustStorePassword=" + dsql.trustStorePassword()));
  }
}
