package dsql.lambda.endtoend;

import static dsql.JsonAssert.at;
import static dsql.JsonAssert.problem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dsql.SharedDsql;
import dsql.lambda.LocalFunction;
import dsql.lambda.RequestRejected;
import dsql.local.LocalDsql;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Tables and indexes, created and found again.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class CreateEndToEndTest {

  private static final String COLUMNS =
      """
      "columns":[{"name":"id","type":"uuid","default":"gen_random_uuid()"},
       {"name":"name","type":"character varying(30)","nullable":false},
       {"name":"price","type":"decimal(12,2)","default":{"value":9.90}},
       {"name":"made","type":"timestamptz","default":"now()"},
       {"name":"code","type":"char"}],
      "primaryKey":["id"],"unique":[["name","code"]]\
      """;

  private final LocalDsql dsql;
  private final LocalFunction function;

  CreateEndToEndTest(LocalDsql dsql) {
    this.dsql = dsql;
    this.function = new LocalFunction(dsql, Map.of());
  }

  @BeforeEach
  void noTable() throws SQLException {
    try (Connection connection = dsql.superuser().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("DROP TABLE IF EXISTS public.item, public.types, public.counted");
    }
  }

  @AfterEach
  void close() {
    function.close();
  }

  @Test
  void createdOnceThenUnchangedThenGivenWhatItLacks() {
    String created =
        create(COLUMNS + ",\"indexes\":[{\"name\":\"item_name\",\"columns\":[\"name\"]}]");
    assertEquals("created", at(created, "outcome"));
    assertEquals("committed", at(created, "steps/0/outcome"));
    assertEquals("building", at(created, "steps/1/outcome"));
    assertTrue(at(created, "steps/1/jobId").matches("[a-z2-7]{26}"), created);

    String again =
        create(COLUMNS + ",\"indexes\":[{\"name\":\"item_name\",\"columns\":[\"name\"]}]");
    assertEquals("unchanged", at(again, "outcome"));
    assertEquals("[]", at(again, "steps"));

    String more =
        create(
            COLUMNS
                + ",\"wait\":true,\"indexes\":[{\"name\":\"item_name\",\"columns\":[\"name\"]},"
                + "{\"name\":\"item_code\",\"columns\":[\"code\",\"made\"]}]");
    assertEquals("unchanged", at(more, "outcome"));
    assertEquals("completed", at(more, "steps/0/outcome"));
    assertTrue(at(more, "steps/0/statement").contains("\"item_code\""), more);

    String row =
        function.invoke(
            """
            {"action":"insert","table":"item","rows":[{"name":"a"}],"returning":["price","code"]}\
            """);
    assertEquals("{\"price\":\"9.90\",\"code\":null}", at(row, "rows/0"));
  }

  @Test
  void aTableThatDiffersIsRefusedWithEveryDifference() {
    create(COLUMNS + ",\"indexes\":[{\"name\":\"item_name\",\"columns\":[\"name\"]}]");

    JsonObject problem =
        problem(
            RequestRejected.class,
            () ->
                create(
                    """
                    "columns":[{"name":"id","type":"bigint","identity":{"cache":1}},
                     {"name":"name","type":"varchar(31)"},{"name":"price","type":"numeric(12,2)"},
                     {"name":"made","type":"timestamptz","default":"now()"},
                     {"name":"extra","type":"text"}],
                     "primaryKey":["id","name"],"unique":[["made"]],
                     "indexes":[{"name":"item_name","columns":["made"]}]\
                    """));

    assertEquals("schema_mismatch 409", at(problem, "code") + " " + at(problem, "status"));
    assertEquals(
        """
        ["column id: requested bigint, found uuid",\
        "column id: has no identity",\
        "column id: has a default",\
        "column name: requested varchar(31), found varchar(30)",\
        "column price: has a default",\
        "column extra: missing",\
        "column code: exists but was not requested",\
        "primary key: requested [id, name], found [id]",\
        "unique [made]: missing",\
        "index item_name: requested [made], found [name]",\
        "unique [name, code]: exists but was not requested"]\
        """,
        at(problem, "differences"));
  }

  private static final String DEFAULTS =
      """
      "columns":[{"name":"id","type":"uuid","default":"gen_random_uuid()"},
       {"name":"a","type":"varchar(20)","default":{"value":"it's \\\\ (\\"x\\")::text"}},
       {"name":"b","type":"numeric(8,3)","default":{"value":"-1.50"}},
       {"name":"c","type":"bigint","default":{"value":-5}},
       {"name":"d","type":"boolean","default":{"value":true}},
       {"name":"e","type":"timestamptz","default":{"value":"2024-02-29T12:00:00+02:00"}},
       {"name":"f","type":"jsonb","default":{"value":{"k":[1,"'"]}}},
       {"name":"g","type":"bytea","default":{"value":"AP8="}},
       {"name":"h","type":"interval","default":{"value":"P1DT2H"}},
       {"name":"i","type":"date","default":"current_date"},
       {"name":"j","type":"text","default":"current_date"},
       {"name":"k","type":"timestamp","default":"now()"},
       {"name":"l","type":"time","default":"current_time"},
       {"name":"m","type":"double precision","default":{"value":"NaN"}},
       {"name":"n","type":"json","default":{"value":{"k": 1.0}}},
       {"name":"o","type":"text","default":{"value":null}},
       {"name":"p","type":"varchar(3)","default":{"value":null}},
       {"name":"q","type":"char(3)","default":{"value":"a"}},
       {"name":"r","type":"smallint","default":{"value":7}},
       {"name":"s","type":"real","default":{"value":0.1}}],"primaryKey":["id"]\
      """;

  @Test
  void defaultsAreComparedByTheirValues() {
    assertEquals("created", at(create(DEFAULTS), "outcome"));
    assertEquals("unchanged", at(create(DEFAULTS), "outcome"));
    String otherWords =
        DEFAULTS
            .replace("\"-1.50\"", "-1.5")
            .replace("2024-02-29T12:00:00+02:00", "2024-02-29T10:00:00Z")
            .replace("P1DT2H", "P1DT120M")
            .replace("\"now()\"", "\"current_timestamp\"");
    assertEquals("unchanged", at(create(otherWords), "outcome"));
    String others =
        DEFAULTS
            .replace("it's", "its")
            .replace("-1.50", "-1.51")
            .replace("{\"value\":-5}", "{\"value\":-6}")
            .replace("{\"value\":true}", "{\"value\":false}")
            .replace("+02:00", "+03:00")
            .replace("[1,", "[2,")
            .replace("AP8=", "AP4=")
            .replace("DT2H", "DT3H")
            .replace("\"date\",\"default\":\"current_date\"", "\"date\",\"default\":\"now()\"")
            .replace(
                "\"text\",\"default\":\"current_date\"", "\"text\",\"default\":{\"value\":\"x\"}")
            .replace("\"NaN\"", "0")
            .replace("1.0}}", "2.0}}")
            .replace(
                "\"text\",\"default\":{\"value\":null}", "\"text\",\"default\":{\"value\":\"\"}")
            .replace("\"default\":{\"value\":7}", "\"nullable\":true");
    JsonObject problem = problem(RequestRejected.class, () -> create(others));
    assertEquals(
        "a b c d e f g h i j m n: another default; o: no default; r: a default",
        problem.getAsJsonArray("differences").asList().stream()
                .map(JsonElement::getAsString)
                .filter(d -> d.endsWith(": has another default"))
                .map(d -> d.replaceAll("column (.).*", "$1"))
                .collect(Collectors.joining(" "))
            + ": another default; "
            + problem.getAsJsonArray("differences").asList().stream()
                .map(JsonElement::getAsString)
                .filter(d -> !d.endsWith(": has another default"))
                .map(d -> d.replaceAll("column (.): has ", "$1: "))
                .collect(Collectors.joining("; ")));
  }

  @Test
  void aUniqueConstraintThatWasNotAskedForIsADifference() {
    create(COLUMNS);
    JsonObject problem =
        problem(
            RequestRejected.class,
            () -> create(COLUMNS.replace(",\"unique\":[[\"name\",\"code\"]]", "")));
    assertEquals(
        "[\"unique [name, code]: exists but was not requested\"]", at(problem, "differences"));
  }

  @Test
  void aStandingTableCanBeAnError() {
    create(COLUMNS);
    JsonObject problem =
        problem(RequestRejected.class, () -> create(COLUMNS + ",\"ifExists\":\"error\""));
    assertEquals("already_exists 409", at(problem, "code") + " " + at(problem, "status"));
  }

  @Test
  void anIdentityColumnCountsUp() {
    function.invoke(
        """
        {"action":"create","table":"counted","primaryKey":["id"],"columns":[
         {"name":"id","type":"bigint","identity":{"cache":65536}},{"name":"a","type":"int4"}]}\
        """);
    String reply =
        function.invoke(
            "{\"action\":\"insert\",\"table\":\"counted\",\"rows\":[{\"a\":1},{\"a\":2}],\"returning\":[\"id\"]}");
    assertEquals("[{\"id\":\"1\"},{\"id\":\"2\"}]", at(reply, "rows"));
  }

  @Test
  void everyTypeIsCreatedFoundUnchangedAndGivesBackWhatWentIn() {
    String create =
        """
        {"action":"create","table":"types","primaryKey":["k"],"columns":[{"name":"k","type":"int"},
         {"name":"smallint","type":"int2"},{"name":"bigint","type":"int8"},
         {"name":"real","type":"float4"},{"name":"double","type":"double precision"},
         {"name":"numeric","type":"numeric(20,5)"},{"name":"char","type":"char(3)"},
         {"name":"bpchar","type":"bpchar"},{"name":"text","type":"text"},
         {"name":"date","type":"date"},{"name":"time","type":"time(3)"},
         {"name":"timetz","type":"time with time zone"},
         {"name":"timestamp","type":"timestamp(0) without time zone"},
         {"name":"timestamptz","type":"timestamptz"},{"name":"interval","type":"interval"},
         {"name":"boolean","type":"bool"},{"name":"bytea","type":"bytea"},
         {"name":"uuid","type":"uuid"},{"name":"json","type":"json"},
         {"name":"jsonb","type":"jsonb"}]}\
        """;
    assertEquals("created", at(function.invoke(create), "outcome"));
    assertEquals("unchanged", at(function.invoke(create), "outcome"));

    String row =
        """
        {"k":1,"smallint":-32768,"bigint":"9223372036854775807","real":1.5,"double":-2.5e-300,\
        "numeric":"123456789012345.12345","char":"abc","bpchar":"de","text":"é😀\\n\\"",\
        "date":"2024-02-29","time":"23:59:59.123","timetz":"12:00:00.000001+02:00",\
        "timestamp":"2026-11-23T05:06:07","timestamptz":"2026-11-23T05:06:07.123456Z",\
        "interval":"P1Y2M3DT4H5M6.5S","boolean":true,"bytea":"AAECAw==",\
        "uuid":"00000000-0000-0000-0000-00000000000a",\
        "json":{"b":1.10,"a":[1e400]},"jsonb":"a \\"string\\""}\
        """;
    // Six times over, for the driver turns to a server-side statement at the fifth.
    for (int k = 1; k <= 6; k++) {
      String numbered = row.replace("\"k\":1,", "\"k\":" + k + ",");
      String reply =
          function.invoke(
              """
              {"action":"insert","table":"types","rows":[%s],"returning":["k","smallint","bigint",
               "real","double","numeric","char","bpchar","text","date","time","timetz","timestamp",
               "timestamptz","interval","boolean","bytea","uuid","json","jsonb"]}\
              """
                  .formatted(numbered));
      assertTrue(reply.contains("\"rows\":[" + numbered + "]"), reply);
      String query =
          function.invoke(
              "{\"action\":\"query\",\"table\":\"types\",\"where\":{\"k\":%d}}".formatted(k));
      assertTrue(query.contains("\"rows\":[" + numbered + "]"), query);
    }
    String types = at(function.invoke("{\"action\":\"query\",\"table\":\"types\"}"), "columns");
    assertTrue(types.contains("\"numeric(20,5)\""), types);
    assertTrue(types.contains("\"timestamp(0)\"") && types.contains("\"time(3)\""), types);
  }

  private String create(String rest) {
    return function.invoke("{\"action\":\"create\",\"table\":\"item\"," + rest + "}");
  }
}
