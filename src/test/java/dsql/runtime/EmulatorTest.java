package dsql.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import dsql.SharedDsql;
import dsql.Tables;
import dsql.lambda.LocalFunction;
import dsql.local.LocalDsql;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// What is deployed (see [ArtefactTest]) under AWS's own runtime interface emulator, the part of
/// `sam local` that runs in its container. The property `rie` names its binary, which comes with
/// aws-sam-cli: `samcli/local/rapid/aws-lambda-rie-x86_64`.
@Tag("slow")
@EnabledIfSystemProperty(named = "rie", matches = ".+")
@ExtendWith(SharedDsql.class)
@TestInstance(Lifecycle.PER_CLASS)
final class EmulatorTest {
  private static final Duration LIMIT = Duration.ofSeconds(40);

  private final LocalDsql dsql;
  private final HttpClient client = HttpClient.newHttpClient();
  private Process emulator;
  private URI function;

  EmulatorTest(LocalDsql dsql) {
    this.dsql = dsql;
  }

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    Tables.drop(dsql, "owner");
    Path scratch = Files.createDirectory(directory.resolve("scratch"));
    Path root = ArtefactTest.taskRoot(Files.createDirectory(directory.resolve("task")));
    int api = freePort();
    int front = freePort();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("rie")).toAbsolutePath().toString());
    command.addAll(List.of("--runtime-api-address", "127.0.0.1:" + api));
    command.addAll(List.of("--runtime-interface-emulator-address", "127.0.0.1:" + front));
    command.addAll(
        RuntimeProcess.command(
            scratch,
            "dsql.lambda.Handler::handleRequest",
            List.of(
                "-Djavax.net.ssl.trustStore=" + dsql.trustStore(),
                "-Djavax.net.ssl.trustStorePassword=" + dsql.trustStorePassword())));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(root.toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile());
    Map<String, String> variables = builder.environment();
    variables.clear();
    variables.putAll(LocalFunction.environment(dsql, Map.of()));
    variables.putAll(
        new HashMap<>(
            Map.of(
                "LAMBDA_TASK_ROOT", root.toString(),
                "AWS_LAMBDA_FUNCTION_TIMEOUT", "29",
                "AWS_ACCESS_KEY_ID", dsql.credentials().accessKeyId(),
                "AWS_SECRET_ACCESS_KEY", dsql.credentials().secretAccessKey(),
                "AWS_SESSION_TOKEN", dsql.credentials().sessionToken())));
    emulator = builder.start();
    function =
        URI.create("http://127.0.0.1:" + front + "/2015-03-31/functions/function/invocations");
    awaitPort(emulator, front);
  }

  @AfterAll
  void stop() throws InterruptedException, SQLException {
    List<ProcessHandle> children = emulator.descendants().toList();
    emulator.destroyForcibly().waitFor();
    // The emulator ends without its runtime.
    children.forEach(ProcessHandle::destroyForcibly);
    children.forEach(child -> child.onExit().join());
    Tables.drop(dsql, "owner");
  }

  @Test
  void everyEventIsAnswered() throws Exception {
    for (Path file : ArtefactTest.events()) {
      String reply = invoke(Files.readString(file));
      String name = file.getFileName().toString();
      if (name.startsWith("bad")) {
        JsonObject error = new Gson().fromJson(reply, JsonObject.class);
        assertEquals("dsql.lambda.RequestRejected", error.get("errorType").getAsString());
      } else {
        ArtefactTest.assertSucceeded(name, reply);
      }
    }
  }

  private String invoke(String event) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(function)
            .timeout(LIMIT)
            .POST(BodyPublishers.ofString(event))
            .build();
    return client.send(request, BodyHandlers.ofString()).body();
  }

  /// Waits until the process, or one that it started, listens on the port.
  static void awaitPort(Process server, int port) {
    long end = System.nanoTime() + LIMIT.toNanos();
    // Asked of the system, for a connection that says nothing would be taken for a request.
    while (Stream.concat(Stream.of(server.toHandle()), server.descendants())
        .noneMatch(process -> Sockets.localPorts(process.pid()).contains(port))) {
      assertTrue(server.isAlive() && System.nanoTime() < end, "nobody listens");
      Thread.onSpinWait();
    }
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
