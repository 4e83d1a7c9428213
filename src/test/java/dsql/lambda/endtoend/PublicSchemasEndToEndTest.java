package dsql.lambda.endtoend;

import static dsql.JsonAssert.object;
import static dsql.JsonAssert.problem;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dsql.SharedDsql;
import dsql.Tables;
import dsql.lambda.LocalFunction;
import dsql.lambda.RequestRejected;
import dsql.local.LocalDsql;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Well-known schemas, created by actions with their keys, checks and indexes, filled, and asked
/// their usual questions. A line of a file is an action with what its reply, or its problem, holds
/// at some JSON pointers. Each create is sent a second time and finds what it made.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class PublicSchemasEndToEndTest {

  private final LocalDsql dsql;
  private final LocalFunction function;

  PublicSchemasEndToEndTest(LocalDsql dsql) {
    this.dsql = dsql;
    this.function = new LocalFunction(dsql, Map.of("CLUSTER_SCHEMA", "names"));
  }

  @BeforeEach
  void freshSchema() throws SQLException {
    Tables.freshSchema(dsql, "names");
  }

  @AfterEach
  void dropSchema() throws SQLException {
    function.close();
    Tables.awaitNoSessions(dsql);
    Tables.dropSchema(dsql, "names");
  }

  @ParameterizedTest
  @ValueSource(strings = {"chinook", "northwind", "pagila", "pgbench", "petclinic", "event_store"})
  void aPublicSchemaWorks(String name) throws IOException {
    for (String line : lines("/dsql/schemas/" + name + ".jsonl")) {
      JsonObject step = object(line);
      String event = step.get("send").toString();
      if (step.has("fails")) {
        check(
            step.getAsJsonObject("fails"),
            problem(RequestRejected.class, () -> function.invoke(event)),
            event);
        continue;
      }
      check(step.getAsJsonObject("expect"), object(function.invoke(event)), event);
      if (event.startsWith("{\"action\":\"create\"")) {
        JsonObject again = object(function.invoke(event));
        assertEquals("unchanged", again.get("outcome").getAsString(), event);
        assertEquals(new JsonArray(), again.get("steps"), event);
      }
    }
  }

  private static void check(JsonObject expected, JsonObject reply, String event) {
    expected
        .entrySet()
        .forEach(member ->
            assertEquals(
                member.getValue().toString(),
                String.valueOf(at(reply, member.getKey())),
                () -> member.getKey() + " of " + reply + " to " + event));
  }

  private static JsonElement at(JsonElement reply, String pointer) {
    JsonElement found = reply;
    for (String token : pointer.substring(1).split("/", -1)) {
      found =
          found.isJsonArray()
              ? found.getAsJsonArray().get(Integer.parseInt(token))
              : found.getAsJsonObject().get(token);
    }
    return found;
  }

  private static List<String> lines(String file) throws IOException {
    try (var stream = PublicSchemasEndToEndTest.class.getResourceAsStream(file)) {
      byte[] bytes = Objects.requireNonNull(stream).readAllBytes();
      return new String(bytes, StandardCharsets.UTF_8).lines().toList();
    }
  }
}
