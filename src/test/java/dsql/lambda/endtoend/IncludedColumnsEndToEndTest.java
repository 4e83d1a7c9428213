package dsql.lambda.endtoend;

import static dsql.JsonAssert.at;
import static dsql.JsonAssert.object;
import static dsql.JsonAssert.problem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import dsql.SharedDsql;
import dsql.Tables;
import dsql.lambda.LocalFunction;
import dsql.lambda.RequestRejected;
import dsql.local.LocalDsql;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Base64;
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

/// The index of a primary key holds every other column of its table; only its key is the key.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class IncludedColumnsEndToEndTest {

  private static final String TABLE =
      "\"columns\":[{\"name\":\"note\",\"type\":\"text\"},{\"name\":\"b\",\"type\":\"integer\"},"
          + "{\"name\":\"doc\",\"type\":\"json\"},{\"name\":\"a\",\"type\":\"uuid\"},"
          + "{\"name\":\"c\",\"type\":\"varchar(9)\"}],\"primaryKey\":[\"a\",\"b\"]";

  /// Bytes before the values of a cursor.
  private static final int CURSOR_HEAD = 13;

  private final LocalDsql dsql;
  private final LocalFunction function;

  IncludedColumnsEndToEndTest(LocalDsql dsql) {
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
  @ValueSource(
      strings = {
        TABLE,
        TABLE + ",\"unique\":[[\"c\"],[\"b\",\"c\"]]",
        TABLE + ",\"indexes\":[{\"name\":\"x\",\"columns\":[\"c\",\"note\"]}]",
        TABLE
            + ",\"unique\":[[\"c\",\"b\"]],\"indexes\":[{\"name\":\"x\",\"columns\":[\"b\"]}]"
            + ",\"wait\":true",
        "\"columns\":[{\"name\":\"id\",\"type\":\"bigint\",\"identity\":{\"cache\":1}}],"
            + "\"primaryKey\":[\"id\"]"
      })
  void aSecondCreateIsUnchanged(String table) {
    assertEquals("created", at(create(table), "outcome"));
    assertEquals("unchanged []", outcome(create(table)));
  }

  @Test
  void moreColumnsThanAnIndexOfPostgresqlHoldsAreNoneOfTheKey() {
    String columns =
        IntStream.range(0, 60)
            .mapToObj(i -> "{\"name\":\"c" + i + "\",\"type\":\"text\"}")
            .collect(Collectors.joining(","));
    String table = "\"columns\":[" + columns + "],\"primaryKey\":[\"c41\",\"c3\"]";
    assertEquals("created", at(create(table), "outcome"));
    assertEquals("unchanged []", outcome(create(table)));
    insert("{\"c41\":\"k\",\"c3\":\"l\",\"c0\":\"m\"},{\"c41\":\"k\",\"c3\":\"m\",\"c9\":\"n\"}");
    assertEquals("[\"k\",\"l\"]", position(query(",\"limit\":1")));
  }

  @Test
  void aKeyInAnotherOrderOrOfOtherColumnsDiffers() {
    create(TABLE);
    for (String other : new String[] {"\"b\",\"a\"", "\"a\"", "\"a\",\"b\",\"c\""}) {
      JsonObject problem =
          problem(
              RequestRejected.class,
              () ->
                  create(TABLE.replace("\"primaryKey\":[\"a\",\"b\"", "\"primaryKey\":[" + other)));
      assertEquals("schema_mismatch", at(problem, "code"), problem.toString());
    }
  }

  /// A column that was added since is in the index too.
  @Test
  void anAddedColumnIsNoneOfTheKey() throws SQLException {
    create(TABLE);
    dsql.change("ALTER TABLE names.item ADD COLUMN added text");
    String grown =
        TABLE.replace("],\"primaryKey", ",{\"name\":\"added\",\"type\":\"text\"}],\"primaryKey");
    assertEquals("unchanged []", outcome(create(grown)));
    insert(row(1, "x") + "," + row(2, "y"));
    assertEquals(
        "[\"00000000-0000-0000-0000-000000000001\",\"1\"]", position(query(",\"limit\":1")));
  }

  @Test
  void anIndexThatHoldsMoreThanWasAskedForDiffers() throws SQLException {
    create(TABLE);
    run("CREATE INDEX x ON names.item (c) INCLUDE (note)");
    JsonObject problem =
        problem(
            RequestRejected.class,
            () -> create(TABLE + ",\"indexes\":[{\"name\":\"x\",\"columns\":[\"c\"]}]"));
    assertTrue(
        problem.toString().contains("requested to include [], found [note]"), problem.toString());
  }

  @Test
  void aCursorHoldsTheOrderAndTheKeyAndNothingElse() {
    create(TABLE);
    String wide = "w".repeat(100_000);
    insert(row(1, wide) + "," + row(2, wide) + "," + row(3, wide));
    String first = query(",\"select\":[\"b\"],\"limit\":1");
    assertEquals("[\"00000000-0000-0000-0000-000000000001\",\"1\"]", position(first));
    assertEquals(76, at(first, "page/nextCursor").length());
    String byName = query(",\"orderBy\":[\"c\"],\"limit\":2");
    assertEquals("[\"c2\",\"00000000-0000-0000-0000-000000000002\",\"2\"]", position(byName));
    String last =
        query(
            ",\"orderBy\":[\"c\"],\"limit\":2,\"cursor\":\""
                + at(byName, "page/nextCursor")
                + "\"");
    assertEquals("1", at(last, "page/count"));
    assertEquals("3", at(last, "rows/0/b"));
    assertFalse(object(last).get("page").getAsJsonObject().get("hasMore").getAsBoolean());
  }

  private static String position(String reply) {
    byte[] cursor = Base64.getUrlDecoder().decode(at(reply, "page/nextCursor"));
    return new String(
        Arrays.copyOfRange(cursor, CURSOR_HEAD, cursor.length), StandardCharsets.UTF_8);
  }

  private static String row(int n, String note) {
    return "{\"a\":\"00000000-0000-0000-0000-00000000000%1$d\",\"b\":%1$d,\"c\":\"c%1$d\",\"doc\":[%1$d],\"note\":\"%2$s\"}"
        .formatted(n, note);
  }

  private static String outcome(String reply) {
    return at(reply, "outcome") + " " + at(reply, "steps");
  }

  private String create(String rest) {
    return function.invoke("{\"action\":\"create\",\"table\":\"item\"," + rest + "}");
  }

  private void insert(String rows) {
    function.invoke("{\"action\":\"insert\",\"table\":\"item\",\"rows\":[" + rows + "]}");
  }

  private String query(String more) {
    return function.invoke("{\"action\":\"query\",\"table\":\"item\"" + more + "}");
  }

  private void run(String sql) throws SQLException {
    Tables.run(dsql, sql);
  }
}
