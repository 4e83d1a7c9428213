package dsql.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import dsql.local.Main;
import dsql.local.sam.Containers;
import dsql.local.sam.SamLocal;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/// The commands that the endpoint prints for `sam local`, run by SAM itself, which reads the
/// template and the variables; only the container is left out (see `.ci/sam_local.py`). The
/// property `sam.python` names a Python with aws-sam-cli, and `rie` its emulator's binary.
@Tag("slow")
@EnabledIfSystemProperty(named = "sam.python", matches = ".+")
@TestInstance(Lifecycle.PER_CLASS)
final class SamLocalTest {
  private Path scratch;
  private Path log;
  private Process endpoint;
  private BufferedReader printed;
  private final List<String> commands = new ArrayList<>();

  @BeforeAll
  void start(@TempDir Path directory) throws IOException {
    scratch = directory;
    log = directory.resolve("log");
    endpoint =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dsam=true",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    printed = endpoint.inputReader(UTF_8);
    String line;
    do {
      line = printed.readLine();
      assertNotNull(line, "The endpoint did not start.");
      if (line.startsWith("sam ")) {
        commands.add(line);
      }
    } while (!line.startsWith("sam local start-api"));
    Path root = Files.createDirectory(directory.resolve("client"));
    List<String> emulator = new ArrayList<>();
    emulator.add(Path.of(System.getProperty("rie")).toAbsolutePath().toString());
    emulator.addAll(RuntimeProcess.command(root, "", List.of()));
    emulator.removeLast();
    Files.writeString(directory.resolve("emulator.json"), new Gson().toJson(emulator));
  }

  @AfterAll
  void stop() throws IOException, InterruptedException {
    endpoint.getOutputStream().close();
    assertTrue(endpoint.waitFor(20, TimeUnit.SECONDS));
    printed.close();
  }

  @Test
  void everyEventIsAnswered() throws Exception {
    String invoke = commands.getFirst();
    for (Path file : ArtefactTest.events()) {
      String reply = run(invoke.replaceAll("--event \\S+", "--event events/" + file.getFileName()));
      String name = file.getFileName().toString();
      if (name.startsWith("bad")) {
        assertEquals("dsql.lambda.RequestRejected", object(reply).get("errorType").getAsString());
      } else {
        ArtefactTest.assertSucceeded(name, reply);
      }
    }
    assertEquals(4, commands.stream().filter(c -> c.startsWith("sam local invoke")).count());
  }

  /// SAM makes the event of an HTTP API itself.
  @Test
  void theHttpApiAnswers() throws Exception {
    int port = EmulatorTest.freePort();
    Process api = sam(commands.getLast() + " --port " + port, Redirect.appendTo(log.toFile()));
    try (HttpClient client = HttpClient.newHttpClient()) {
      EmulatorTest.awaitPort(api, port);
      URI uri = URI.create("http://127.0.0.1:" + port + "/");
      HttpResponse<String> created =
          post(
              client,
              uri,
              """
              {"action":"create","table":"sam","columns":[{"name":"id","type":"integer"}],
               "primaryKey":["id"]}\
              """);
      assertEquals(201, created.statusCode(), created::body);
      HttpResponse<String> inserted =
          post(client, uri, "{\"action\":\"insert\",\"table\":\"sam\",\"rows\":[{\"id\":1}]}");
      assertEquals(200, inserted.statusCode(), inserted::body);
      assertEquals("committed", object(inserted.body()).get("outcome").getAsString());
      HttpResponse<String> got =
          client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
      assertEquals(405, got.statusCode(), got::body);
      assertEquals("method_not_allowed", object(got.body()).get("code").getAsString());
    } finally {
      api.destroy();
      assertTrue(api.waitFor(20, TimeUnit.SECONDS));
    }
  }

  @Test
  void aTokenOfAnybodyElseIsRefused() throws Exception {
    Path variables = scratch.resolve("env.json");
    JsonObject environment = object(Files.readString(Path.of("target/sam-local/env.json")));
    environment.getAsJsonObject("Function").addProperty("AWS_SECRET_ACCESS_KEY", "another");
    Files.writeString(variables, environment.toString());
    String reply =
        run(commands.getFirst().replace("target/sam-local/env.json", variables.toString()));
    JsonObject error = object(reply);
    assertEquals("dsql.lambda.Unavailable", error.get("errorType").getAsString(), reply);
    assertEquals(
        "access_denied",
        object(error.get("errorMessage").getAsString()).get("code").getAsString(),
        reply);
  }

  /// What `sam build` made, with the parameters that name a cluster: they reach the function. That
  /// it then trusts no authority but a cluster's own is as it should be.
  @Test
  @EnabledIfSystemProperty(named = "artefact.dir", matches = ".+")
  void parametersNameACluster() throws Exception {
    Path template = Path.of(System.getProperty("artefact.dir")).resolveSibling("template.yaml");
    String invoke =
        "sam local invoke Function --template %s --event events/query.json --add-host %s:127.0.0.1 --parameter-overrides Architecture=%s"
            .formatted(template, Containers.HOST, SamLocal.architecture());
    run(invoke);
    String said = read(log);
    assertTrue(said.contains("sam local creates no cluster, so name one"), said);

    String endpoint =
        object(Files.readString(Path.of("target/sam-local/env.json")))
            .getAsJsonObject("Function")
            .get("CLUSTER_ENDPOINT")
            .getAsString();
    String reply =
        run(
            invoke
                + " ClusterEndpoint="
                + endpoint
                + " ClusterArn=arn:aws:dsql:us-east-1:123456789012:cluster/abc");
    assertTrue(reply.contains("certificate_untrusted"), reply);
  }

  private String run(String command) throws IOException, InterruptedException {
    Process sam = sam(command, Redirect.to(log.toFile()));
    String reply = new String(sam.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, sam.waitFor(), () -> read(log));
    return reply;
  }

  /// SAM, in a shell that has credentials and a schema of its own.
  private Process sam(String command, Redirect errors) throws IOException {
    List<String> words = new ArrayList<>();
    words.add(System.getProperty("sam.python"));
    words.add(".ci/sam_local.py");
    words.add(scratch.resolve("emulator.json").toString());
    words.addAll(List.of(command.substring("sam ".length()).split(" ", -1)));
    ProcessBuilder builder = new ProcessBuilder(words).redirectError(errors);
    builder.environment().put("AWS_ACCESS_KEY_ID", "AKIAELSEWHERE");
    builder.environment().put("AWS_SECRET_ACCESS_KEY", "elsewhere");
    builder.environment().put("AWS_DEFAULT_REGION", "eu-west-1");
    builder.environment().put("CLUSTER_SCHEMA", "elsewhere");
    builder.environment().put("SAM_CLI_TELEMETRY", "0");
    return builder.start();
  }

  private static HttpResponse<String> post(HttpClient client, URI uri, String action)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .header("content-type", "application/json")
            .POST(BodyPublishers.ofString(action))
            .build();
    return client.send(request, BodyHandlers.ofString());
  }

  private static JsonObject object(String json) {
    return new Gson().fromJson(json, JsonObject.class);
  }

  private static String read(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
