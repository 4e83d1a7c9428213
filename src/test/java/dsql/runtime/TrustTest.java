package dsql.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.SharedDsql;
import dsql.local.LocalDsql;
import dsql.runtime.Reply.FunctionError;
import dsql.runtime.Reply.Success;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Whom the function trusts, with a trust store named and, as in Lambda, without.
@Tag("slow")
@EnabledOnOs(OS.LINUX)
@ExtendWith(SharedDsql.class)
final class TrustTest {

  private static final Duration LIMIT = Duration.ofSeconds(29);
  private static final String TICK =
      """
      {"source":"aws.events","detail-type":"Scheduled Event","id":"1","detail":{}}\
      """;

  private final LocalDsql dsql;

  TrustTest(LocalDsql dsql) {
    this.dsql = dsql;
  }

  @Test
  void aServerOfThePackagedRootsIsTrusted(@TempDir Path directory) throws Exception {
    Path root = TaskRoot.ofProject(directory);
    Trust.packaged(root, dsql);
    try (RuntimeProcess process = start(root, List.of())) {
      Reply reply = process.invoke(TICK, LIMIT);
      assertTrue(assertInstanceOf(Success.class, reply, reply::body).body().contains("alive"));
    }
  }

  @Test
  void aServerThatTheJvmTrustsIsTrusted(@TempDir Path directory, @TempDir Path store)
      throws Exception {
    try (RuntimeProcess process =
        start(TaskRoot.ofProject(directory), Trust.inStore(store, dsql))) {
      Reply reply = process.invoke(TICK, LIMIT);
      assertTrue(assertInstanceOf(Success.class, reply, reply::body).body().contains("alive"));
    }
  }

  @Test
  void aServerThatNobodyVouchesForIsNotTrusted(@TempDir Path directory) throws Exception {
    try (RuntimeProcess process = start(TaskRoot.ofProject(directory), List.of())) {
      Reply reply = process.invoke(TICK, LIMIT);
      FunctionError error = assertInstanceOf(FunctionError.class, reply, reply::body);
      assertEquals("dsql.lambda.Unavailable", error.errorType(), reply.body());
      assertTrue(
          process.output().toString().contains("SSLHandshakeException"),
          process.output()::toString);
    }
  }

  private RuntimeProcess start(Path root, List<String> flags) {
    return RuntimeProcess.startBuilt(
        root,
        "dsql.lambda.Handler::handleRequest",
        Map.of(
            "CLUSTER_ENDPOINT", dsql.endpoint(),
            "CLUSTER_USER", "admin",
            "CLUSTER_REGION", dsql.region(),
            "AWS_ACCESS_KEY_ID", dsql.credentials().accessKeyId(),
            "AWS_SECRET_ACCESS_KEY", dsql.credentials().secretAccessKey(),
            "AWS_SESSION_TOKEN", dsql.credentials().sessionToken()),
        flags);
  }
}
