package dsql.lambda.endtoend;

import static dsql.JsonAssert.at;
import static dsql.JsonAssert.object;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import dsql.SharedDsql;
import dsql.Tables;
import dsql.lambda.FunctionError;
import dsql.lambda.LocalFunction;
import dsql.local.LocalDsql;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Events as large as Lambda takes them are refused quickly, and in few words.
@Tag("slow")
@ExtendWith(SharedDsql.class)
final class HugeEventsEndToEndTest {

  private static final int BYTES = 5_600_000;

  /// More than the widest problem has, far below what a door can carry.
  private static final int REPLY_BYTES = 64 * 1024;

  private static final String INSERT =
      "{\"action\":\"insert\",\"table\":\"huge\",\"rows\":[{\"id\":1}],";
  private static final String ROWS = "{\"action\":\"insert\",\"table\":\"huge\",\"rows\":";
  private static final String QUERY = "{\"action\":\"query\",\"table\":\"huge\",";
  private static final String CREATE =
      "{\"action\":\"create\",\"table\":\"huge_new\",\"primaryKey\":[\"id\"],"
          + "\"columns\":[{\"name\":\"id\",\"type\":\"int\"}";

  private final LocalDsql dsql;
  private final LocalFunction function;

  HugeEventsEndToEndTest(LocalDsql dsql) {
    this.dsql = dsql;
    this.function = new LocalFunction(dsql, Map.of());
  }

  @BeforeEach
  void freshTable() throws SQLException {
    Tables.fresh(dsql, "huge", "id int PRIMARY KEY, a int, b text, j jsonb");
  }

  @AfterEach
  void close() {
    function.close();
    Tables.awaitNoSessions(dsql);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"action\":\"%s\"}",
        "{\"action\":\"query\",\"table\":\"%s\"}",
        "{\"action\":\"query\",\"table\":\"huge\",\"%s\":1}",
        QUERY + "\"select\":[\"%s\"]}",
        QUERY + "\"select\":[{\"column\":\"a\",\"as\":\"%s\"}]}",
        QUERY + "\"select\":[{\"%s\":\"a\"}]}",
        QUERY + "\"where\":{\"%s\":1}}",
        QUERY + "\"where\":{\"a\":{\"%s\":1}}}",
        QUERY + "\"where\":{\"a\":\"%s\"}}",
        QUERY + "\"where\":{\"%1$s\":{\"%1$s\":{\"%1$s\":1}}}}",
        QUERY + "\"orderBy\":[{\"column\":\"%s\"}]}",
        QUERY + "\"orderBy\":[{\"column\":\"a\",\"direction\":\"%s\"}]}",
        QUERY + "\"groupBy\":[\"%s\"],\"select\":[\"a\"]}",
        QUERY + "\"cursor\":\"%s\"}",
        ROWS + "[{\"%s\":1}]}",
        ROWS + "[{\"%1$s\":1,\"%1$s\":2}]}",
        ROWS + "[{\"id\":\"%s\"}]}",
        ROWS + "\"%s\"}",
        INSERT + "\"returning\":[\"%s\"]}",
        INSERT + "\"idempotencyKey\":\"%s\"}",
        INSERT + "\"atomicity\":\"%s\"}",
        INSERT + "\"onConflict\":{\"columns\":[\"%s\"],\"do\":\"nothing\"}}",
        INSERT + "\"onConflict\":{\"columns\":[\"id\"],\"do\":\"%s\"}}",
        CREATE + ",{\"name\":\"%s\",\"type\":\"int\"}]}",
        CREATE + ",{\"name\":\"a\",\"type\":\"%s\"}]}",
        CREATE + ",{\"name\":\"a\",\"type\":\"uuid\",\"default\":\"%s\"}]}",
        CREATE + "],\"indexes\":[{\"name\":\"%s\",\"columns\":[\"id\"]}]}",
        CREATE + "],\"unique\":[[\"%s\"]]}",
        CREATE + "],\"ifExists\":\"%s\"}"
      })
  void aLongTextIsNotRepeated(String event) {
    int times = event.contains("%1$s") ? event.split("%1\\$s", -1).length - 1 : 1;
    for (String piece : new String[] {"x", "\\\"", "\\u0001", "é", "~", "/"}) {
      String text = piece.repeat(BYTES / times / piece.getBytes(StandardCharsets.UTF_8).length);
      assertRefusedInFewWords(event.formatted(text));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        QUERY + "\"select\":[\"a\"],\"groupBy\":[%s]}",
        QUERY + "\"orderBy\":[%s]}",
        QUERY + "\"where\":{\"a\":{\"in\":[%s]}}}",
        QUERY + "\"where\":{\"a\":{\"notIn\":[%s]}}}",
        QUERY + "\"where\":{\"and\":[%s]}}",
        ROWS + "[%s]}",
        INSERT + "\"returning\":[%s]}",
        INSERT + "\"onConflict\":{\"columns\":[%s],\"do\":\"nothing\"}}",
        INSERT + "\"onConflict\":{\"columns\":[\"id\"],\"do\":\"update\",\"set\":[%s]}}",
        CREATE + ",%s]}",
        CREATE + "],\"unique\":[[%s]]}",
        CREATE + "],\"unique\":[%s]}",
        CREATE + "],\"indexes\":[%s]}",
        CREATE + "],\"indexes\":[{\"name\":\"i\",\"columns\":[%s]}]}"
      })
  void aLongListIsRefusedQuickly(String event) {
    String names =
        IntStream.range(0, 400_000).mapToObj(i -> "\"c" + i + '"').collect(Collectors.joining(","));
    assertRefusedInFewWords(event.formatted(names));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{%s}",
        QUERY + "\"x\":1,%s}",
        QUERY + "\"where\":{%s}}",
        QUERY + "\"where\":{\"a\":{%s}}}",
        ROWS + "[{%s}]}",
        ROWS + "[{\"id\":{%s}}]}",
        INSERT + "\"onConflict\":{%s}}",
        CREATE + ",{%s}]}"
      })
  void anObjectOfManyMembersIsRefusedQuickly(String event) {
    String members =
        IntStream.range(0, 400_000)
            .mapToObj(i -> "\"c" + i + "\":1")
            .collect(Collectors.joining(","));
    assertRefusedInFewWords(event.formatted(members));
  }

  @Test
  void anEventOfTooManyValuesIsRefusedThroughEveryDoor() {
    String numbers = "1,".repeat(2_799_999) + "1";
    String event = ROWS + "[{\"id\":1,\"j\":[" + numbers + "]}]}";
    for (String sent : new String[] {event, post(event), scheduled(event), text(event)}) {
      JsonObject problem = object(refused(sent));
      assertEquals("request_too_large", at(problem, "code"));
      assertEquals("413", at(problem, "status"));
      assertTrue(at(problem, "detail").contains("1,000,000 values"), problem::toString);
    }
  }

  private void assertRefusedInFewWords(String event) {
    for (String sent : new String[] {event, post(event)}) {
      String told = assertTimeout(Duration.ofSeconds(5), () -> refused(sent));
      int bytes = told.getBytes(StandardCharsets.UTF_8).length;
      assertTrue(bytes < REPLY_BYTES, () -> bytes + " bytes to " + sent.substring(0, 200));
    }
  }

  /// The problem as it leaves through the event's door. Unobserved: who looks at such an event
  /// needs far longer than the function.
  private String refused(String event) {
    try {
      String reply =
          new String(
              function.invoke(event.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);
      assertTrue(reply.length() < REPLY_BYTES, () -> reply.substring(0, 200));
      return at(reply, "body");
    } catch (FunctionError e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static String post(String body) {
    return "{\"version\":\"2.0\",\"requestContext\":{\"http\":{\"method\":\"POST\"}},\"body\":"
        + new Gson().toJson(body)
        + "}";
  }

  private static String scheduled(String detail) {
    return "{\"id\":\"i\",\"detail-type\":\"Scheduled Event\",\"source\":\"aws.events\",\"detail\":"
        + detail
        + "}";
  }

  private static String text(String detail) {
    return scheduled(new Gson().toJson(detail));
  }
}
