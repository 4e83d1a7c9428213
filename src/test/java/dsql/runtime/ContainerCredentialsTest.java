package dsql.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.runtime.ContainerCredentials.Credentials;
import dsql.runtime.Reply.FunctionError;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/// The credentials endpoint, asked by the SDK's default chain under the real runtime.
@Tag("slow")
@EnabledOnOs(OS.LINUX)
class ContainerCredentialsTest {

  private static Credentials credentials(String accessKeyId, Duration left) {
    return new Credentials(accessKeyId, "secret", "token", Instant.now().plus(left));
  }

  private static RuntimeProcess identity(Map<String, String> environment) {
    return RuntimeProcess.start(
        Echo.Identity.class.getName(), environment, List.of(), List.of(TaskRoot.testClasses()));
  }

  private static Reply ask(RuntimeProcess process) {
    return process.invoke("", Duration.ofSeconds(30));
  }

  @Test
  void credentialsWithLittleTimeLeftAreAskedForAgain() throws IOException {
    // The SDK picks a moment between 15 and 2 minutes before the end by chance, and asks again at
    // its next use.
    try (var endpoint = new ContainerCredentials(credentials("FIRST", Duration.ofSeconds(100)));
        RuntimeProcess process = identity(endpoint.environment())) {
      assertEquals("FIRST", ask(process).body());
      endpoint.rotate(credentials("SECOND", Duration.ofHours(6)));
      assertEquals("SECOND", ask(process).body());
      int served = endpoint.served();
      endpoint.rotate(credentials("THIRD", Duration.ofHours(6)));
      assertEquals("SECOND", ask(process).body());
      assertEquals(served, endpoint.served());
    }
  }

  @Test
  void wrongAuthorizationIsRefused() throws IOException {
    try (var endpoint = new ContainerCredentials(credentials("FIRST", Duration.ofHours(6)))) {
      Map<String, String> environment = new HashMap<>(endpoint.environment());
      environment.put("AWS_CONTAINER_AUTHORIZATION_TOKEN", "wrong");
      environment.put("AWS_EC2_METADATA_DISABLED", "true");
      try (RuntimeProcess process = identity(environment)) {
        assertInstanceOf(FunctionError.class, ask(process));
        assertEquals(0, endpoint.served());
        assertTrue(endpoint.refused() > 0);
      }
    }
  }
}
