package dsql.lambda;

import static dsql.JsonAssert.at;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dsql.SharedDsql;
import dsql.local.LocalDsql;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.crac.Core;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;

/// What the hook before a checkpoint logs, and what it leaves behind in its JVM.
@Tag("endToEnd")
@EnabledOnOs(OS.LINUX)
@ExtendWith(SharedDsql.class)
final class SnapStartHookTest {

  private final LocalDsql dsql;

  SnapStartHookTest(LocalDsql dsql) {
    this.dsql = dsql;
  }

  @Test
  void primingWithoutPermissionLogsOneLine() {
    Map<String, String> environment =
        LocalFunction.environment(dsql, Map.of("HTTP_ACTIONS", "query"));
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(log, true, StandardCharsets.UTF_8);
    new SnapStart(App.start(environment, out), environment, out)
        .beforeCheckpoint(Core.getGlobalContext());
    List<String> lines = log.toString(StandardCharsets.UTF_8).lines().toList();
    assertEquals(1, lines.size(), lines::toString);
    assertFalse(lines.getFirst().contains("problem"), lines::toString);
    assertEquals("INFO", at(lines.getFirst(), "level"));
  }

  @Test
  void noTlsSessionOutlivesTheHook() throws Exception {
    Map<String, String> environment = LocalFunction.environment(dsql, Map.of());
    PrintStream out = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
    new SnapStart(App.start(environment, out), environment, out)
        .beforeCheckpoint(Core.getGlobalContext());
    assertFalse(
        SSLContext.getDefault().getClientSessionContext().getIds().hasMoreElements(),
        "whoever is restored would go on with it");
  }
}
