package dsql.lambda.endtoend;

import static dsql.JsonAssert.at;
import static dsql.JsonAssert.object;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import dsql.SharedDsql;
import dsql.lambda.LocalFunction;
import dsql.local.Endpoints;
import dsql.local.LocalDsql;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// That `docs/deploy.md` tells the truth, as far as it can be told without AWS: its SQL maps the
/// role, its requests get its replies, and its commands are bash.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class DeployGuideTest {

  private static final String ROLE =
      "arn:aws:iam::123456789012:role/dsql-lambda-FunctionRole-EXAMPLE";

  /// A fenced block: its language, its name where it has one, and its text.
  private static final Pattern FENCE =
      Pattern.compile("^```(\\w+)(?: (\\S+))?\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);

  private static final Pattern MAP_ROLE_SQL =
      Pattern.compile(
          "^ +MapRoleSql:\\n.*?\\|-\\n((?: +[A-Z].*;\\n)+)", Pattern.MULTILINE | Pattern.DOTALL);

  private record Block(String language, String name, String text) {}

  private final List<Block> blocks;

  DeployGuideTest() throws IOException {
    blocks =
        FENCE
            .matcher(Files.readString(Path.of("docs/deploy.md")))
            .results()
            .map(match ->
                new Block(
                    match.group(1), match.group(2) == null ? "" : match.group(2), match.group(3)))
            .toList();
  }

  @Test
  void theMappingIsTheTemplates() throws IOException {
    String sql =
        MAP_ROLE_SQL
            .matcher(Files.readString(Path.of("template.yaml")))
            .results()
            .findFirst()
            .orElseThrow()
            .group(1)
            .replaceAll("(?m)^ +", "")
            .replace("${ClusterUser}", "orders_app")
            .replace("${Schema}", "orders")
            .replace("${FunctionRole.Arn}", ROLE);

    assertEquals(sql, only("sql"));
  }

  @Test
  void theRequestsGetTheirReplies(LocalDsql dsql) throws SQLException {
    try (Connection admin = Endpoints.connect(dsql);
        Statement statement = admin.createStatement()) {
      for (String sql : only("sql").split(";\n", -1)) {
        if (!sql.isBlank()) {
          statement.execute(sql);
        }
      }
    }
    List<Block> json = blocks.stream().filter(b -> b.language().equals("json")).toList();
    assertEquals(
        List.of(
            "create.json", "reply", "insert.json", "reply", "query.json", "reply", "daily.json"),
        json.stream().map(Block::name).toList());
    Map<String, String> variables =
        Map.of(
            "CLUSTER_USER",
            "orders_app",
            "CLUSTER_SCHEMA",
            "orders",
            "HTTP_ACTIONS",
            "insert,query");
    try (LocalFunction function = new LocalFunction(dsql, variables)) {
      String created = function.invoke(json.get(0).text());
      assertEquals(object(json.get(1).text()), object(withoutJobs(created)));
      assertEquals("unchanged", at(function.invoke(json.get(0).text()), "outcome"));
      assertEquals("403", at(post(function, json.get(0)), "statusCode"));
      assertReply(json.get(3), "200", post(function, json.get(2)));
      JsonObject again = object(json.get(3).text());
      again.addProperty("replayed", true);
      assertEquals(again, body(post(function, json.get(2))));
      assertEquals(object(json.get(5).text()), object(function.invoke(json.get(4).text())));
      for (String time : List.of("2026-11-23T05:00:00Z", "2026-11-24T05:00:00Z")) {
        String event = json.get(6).text().replace("<aws.scheduler.scheduled-time>", time);
        assertEquals("false", at(function.invoke(event), "replayed"));
        assertEquals("true", at(function.invoke(event), "replayed"));
      }
      assertEquals(
          "3",
          at(
              function.invoke(
                  "{\"action\":\"query\",\"table\":\"orders\",\"select\":[\"customer\"]}"),
              "page/count"));
    }
  }

  @Test
  void theCommandsAreBash() throws IOException, InterruptedException {
    for (Block block : blocks) {
      if (block.language().equals("bash")) {
        Process bash = new ProcessBuilder("bash", "-n").redirectErrorStream(true).start();
        try (Writer input = bash.outputWriter(StandardCharsets.UTF_8)) {
          input.write(block.text());
        }
        String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals("", said, block.text());
        assertEquals(0, bash.waitFor(), block.text());
      }
    }
  }

  private String only(String language) {
    List<Block> found = blocks.stream().filter(b -> b.language().equals(language)).toList();
    assertEquals(1, found.size());
    return found.getFirst().text();
  }

  private static JsonObject post(LocalFunction function, Block request) {
    Map<String, Object> event =
        Map.of(
            "version",
            "2.0",
            "headers",
            Map.of("content-type", "application/json"),
            "requestContext",
            Map.of("http", Map.of("method", "POST", "path", "/")),
            "body",
            request.text(),
            "isBase64Encoded",
            false);
    return object(function.invoke(new Gson().toJson(event)));
  }

  private static void assertReply(Block expected, String status, JsonObject response) {
    assertEquals(status, at(response, "statusCode"));
    assertEquals(object(expected.text()), body(response));
  }

  /// A response's body, without the names of jobs.
  private static JsonObject body(JsonObject response) {
    return object(withoutJobs(at(response, "body")));
  }

  private static String withoutJobs(String result) {
    return result.replaceAll("\"jobId\":\"\\w+\"", "\"jobId\":\"…\"");
  }
}
