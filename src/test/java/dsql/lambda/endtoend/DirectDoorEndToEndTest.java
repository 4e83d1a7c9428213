package dsql.lambda.endtoend;

import static dsql.JsonAssert.at;
import static dsql.JsonAssert.faults;
import static dsql.JsonAssert.object;
import static dsql.JsonAssert.problem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import dsql.SharedDsql;
import dsql.lambda.FunctionError;
import dsql.lambda.LocalFunction;
import dsql.lambda.RequestRejected;
import dsql.lambda.Unavailable;
import dsql.local.LocalDsql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Action objects through the direct door, to real rows.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class DirectDoorEndToEndTest {

  private final LocalDsql dsql;
  private final LocalFunction function;

  DirectDoorEndToEndTest(LocalDsql dsql) {
    this.dsql = dsql;
    this.function = new LocalFunction(dsql, Map.of());
  }

  @BeforeEach
  void freshTable() throws SQLException {
    sql("DROP TABLE IF EXISTS public.owner");
    sql(
        "CREATE TABLE public.owner (id uuid PRIMARY KEY DEFAULT gen_random_uuid(),"
            + " name varchar(30) NOT NULL, city varchar(80) NOT NULL, telephone varchar(20),"
            + " visits integer DEFAULT 7, UNIQUE (name, city))");
    sql("ALTER TABLE public.owner OWNER TO admin");
  }

  @AfterEach
  void close() {
    function.close();
    assertEquals(0, dsql.openSessions(), "a closed pool leaves no session behind");
  }

  @Test
  void aRowGoesInAndComesOut() {
    String inserted =
        function.invoke(
            """
            {"action":"insert","table":"owner","returning":["id","visits"],
             "rows":[{"name":"John Doe","city":"Anytown","telephone":"555-555-1999"}]}\
            """);

    assertEquals("committed", at(inserted, "outcome"));
    assertEquals("{\"received\":1,\"written\":1,\"skipped\":0}", at(inserted, "counts"));
    assertEquals("7", at(inserted, "rows/0/visits"));
    String id = at(inserted, "rows/0/id");
    assertEquals(
        """
        {"action":"query","table":"owner","columns":[{"name":"id","type":"uuid"},\
        {"name":"name","type":"varchar(30)"},{"name":"city","type":"varchar(80)"},\
        {"name":"telephone","type":"varchar(20)"},{"name":"visits","type":"integer"}],\
        "rows":[{"id":"%s","name":"John Doe","city":"Anytown","telephone":"555-555-1999",\
        "visits":7}],"page":{"count":1,"hasMore":false,"nextCursor":null,"truncatedBy":null}}\
        """
            .formatted(id),
        function.invoke("{\"action\":\"query\",\"table\":\"owner\"}"));
  }

  @Test
  void anAbsentFieldTakesTheDefaultAndNullIsNull() throws SQLException {
    String reply =
        function.invoke(
            """
            {"action":"insert","table":"owner","returning":["name","visits"],"rows":[
             {"name":"absent","city":"a"},
             {"city":"a","visits":null,"name":"null"},
             {"visits":3,"name":"given","city":"a"}]}\
            """);

    assertEquals(
        "[{\"name\":\"absent\",\"visits\":7},{\"name\":\"null\",\"visits\":null},"
            + "{\"name\":\"given\",\"visits\":3}]",
        at(reply, "rows"));
    assertEquals("3", sql("SELECT count(*) FROM public.owner"));
  }

  @Test
  void skippedRowsComeBackAsNullInTheirPlaces() {
    insert("taken");
    String reply =
        function.invoke(
            """
            {"action":"insert","table":"owner","returning":["name"],
             "onConflict":{"columns":["name","city"],"do":"nothing"},"rows":[
             {"name":"first","city":"Anytown"},{"name":"taken","city":"Anytown"},
             {"city":"Anytown","name":"last"},{"name":"first","city":"Anytown"}]}\
            """);

    assertEquals("[{\"name\":\"first\"},null,{\"name\":\"last\"},null]", at(reply, "rows"));
    assertEquals("{\"received\":4,\"written\":2,\"skipped\":2}", at(reply, "counts"));
  }

  @Test
  void onConflictUpdateSetsWhatEachRowGives() throws SQLException {
    insert("taken");
    String reply =
        function.invoke(
            """
            {"action":"insert","table":"owner","returning":["name","telephone","visits"],
             "onConflict":{"columns":["name","city"],"do":"update"},"rows":[
             {"name":"taken","city":"Anytown","visits":1},
             {"name":"taken","city":"Anytown","telephone":"2"}]}\
            """);

    assertEquals(
        "[{\"name\":\"taken\",\"telephone\":null,\"visits\":1},"
            + "{\"name\":\"taken\",\"telephone\":\"2\",\"visits\":1}]",
        at(reply, "rows"));
    assertEquals("1", sql("SELECT count(*) FROM public.owner"));

    function.invoke(
        """
        {"action":"insert","table":"owner",
         "onConflict":{"columns":["name","city"],"do":"update","set":["visits"]},
         "rows":[{"name":"taken","city":"Anytown","visits":9,"telephone":"ignored"}]}\
        """);
    assertEquals("2 9", sql("SELECT telephone || ' ' || visits FROM public.owner"));
  }

  @Test
  void aFailingRowTakesAllRowsWithIt() throws SQLException {
    insert("taken");
    for (String onConflict :
        List.of("", "\"onConflict\":{\"columns\":[\"id\"],\"do\":\"nothing\"},")) {
      JsonObject problem =
          problem(
              RequestRejected.class,
              () ->
                  function.invoke(
                      """
                      {"action":"insert","table":"owner",%s
                       "rows":[{"name":"new","city":"Anytown"},{"name":"taken","city":"Anytown"}]}\
                      """
                          .formatted(onConflict)));

      assertEquals("unique_violation", at(problem, "code"));
      assertEquals("23505", at(problem, "sqlstate"));
      assertEquals("not_committed", at(problem, "outcome"));
      assertTrue(at(problem, "detail").contains("owner_name_city_key"), problem.toString());
      assertFalse(problem.toString().contains("Anytown"), "no values of other rows");
      assertEquals("1", sql("SELECT count(*) FROM public.owner"));
    }
    assertEquals("1", tick("opened"), "the connection is clean again and was kept");
  }

  @Test
  void anExactTransactionFitsAndOneRowMoreIsRefusedBeforeTheDatabase() throws SQLException {
    String reply = function.invoke(rows(3000));
    assertEquals("{\"received\":3000,\"written\":3000,\"skipped\":0}", at(reply, "counts"));
    assertEquals("row 0", at(reply, "rows/0/name"));
    assertEquals("row 2999", at(reply, "rows/2999/name"));

    int logins = dsql.logins().size();
    try (LocalFunction fresh = new LocalFunction(dsql, Map.of())) {
      JsonObject problem = problem(RequestRejected.class, () -> fresh.invoke(rows(3001)));
      assertEquals("transaction_too_large", at(problem, "code"));
    }
    assertEquals(logins, dsql.logins().size());
    assertEquals("3000", sql("SELECT count(*) FROM public.owner"));
  }

  @Test
  void queriesFilterByEqualityAndNullAndObeyOrderAndLimit() {
    function.invoke(
        """
        {"action":"insert","table":"owner","rows":[
         {"name":"a","city":"X","telephone":"1"},{"name":"b","city":"X","telephone":null},
         {"name":"c","city":"Y","telephone":"3"},{"name":"B","city":"X","telephone":"2"}]}\
        """);

    assertEquals("B a b", names("\"where\":{\"city\":\"X\"},\"orderBy\":[{\"column\":\"name\"}]"));
    assertEquals("b", names("\"where\":{\"telephone\":null,\"city\":\"X\"}"));
    assertEquals(
        "b c B a", names("\"orderBy\":[{\"column\":\"telephone\",\"direction\":\"desc\"}]"));
    assertEquals(
        "c B a b",
        names(
            "\"orderBy\":[{\"column\":\"telephone\",\"direction\":\"desc\",\"nulls\":\"last\"}]"));
    String page =
        function.invoke(
            "{\"action\":\"query\",\"table\":\"owner\",\"limit\":3,\"select\":[\"name\"],"
                + "\"orderBy\":[{\"column\":\"name\"}]}");
    assertEquals(
        "3 true null",
        at(page, "page/count")
            + ' '
            + at(page, "page/hasMore")
            + ' '
            + at(page, "page/truncatedBy"));
    assertEquals("[{\"name\":\"B\"},{\"name\":\"a\"},{\"name\":\"b\"}]", at(page, "rows"));
  }

  @Test
  void namesAndValuesOfTheRequestAreCheckedAgainstTheTableAllAtOnce() {
    JsonObject problem =
        problem(
            RequestRejected.class,
            () ->
                function.invoke(
                    """
                    {"action":"insert","table":"owner","returning":["nope"],"rows":[
                     {"name":"x","city":"y","visits":"many"},{"name":"x","colour":"red"},
                     {"name":"%s","city":7}]}\
                    """
                        .formatted("n".repeat(31))));

    assertEquals("invalid_request", at(problem, "code"));
    assertEquals(
        List.of(
            "/returning/0 unknown_column",
            "/rows/1/colour unknown_column",
            "/rows/0/visits invalid_value",
            "/rows/2/name invalid_value",
            "/rows/2/city invalid_value"),
        faults(problem));

    JsonObject query =
        problem(
            RequestRejected.class,
            () ->
                function.invoke(
                    """
                    {"action":"query","table":"owner","select":["nope"],
                     "where":{"no":1,"visits":"many"},"orderBy":[{"column":"not"}]}\
                    """));
    assertEquals(
        List.of(
            "/select/0 unknown_column",
            "/where/no unknown_column",
            "/where/visits invalid_value",
            "/orderBy/0/column unknown_column"),
        faults(query));
  }

  @Test
  void aTableThatChangedIsReadAnew() throws SQLException {
    insert("before");
    sql("ALTER TABLE public.owner ADD COLUMN colour text");
    sql("ALTER TABLE public.owner DROP COLUMN telephone");

    String reply =
        function.invoke(
            """
            {"action":"insert","table":"owner","returning":["colour"],
             "rows":[{"name":"after","city":"x","colour":"red"}]}\
            """);
    assertEquals("red", at(reply, "rows/0/colour"));

    sql("ALTER TABLE public.owner RENAME COLUMN colour TO hue");
    assertEquals(
        "hue", at(function.invoke("{\"action\":\"query\",\"table\":\"owner\"}"), "columns/4/name"));
    assertEquals("1", tick("opened"));
  }

  @Test
  void aTableThatIsNotThereIsSaidSo() throws SQLException {
    JsonObject problem =
        problem(
            RequestRejected.class,
            () -> function.invoke("{\"action\":\"query\",\"table\":\"nowhere\"}"));
    assertEquals("table_not_found", at(problem, "code"));
    assertEquals("1", at(problem, "attempts"), "also of a failure that is not the database's own");
    assertEquals("404", at(problem, "status"));

    insert("x");
    sql("DROP TABLE public.owner");
    assertEquals(
        "table_not_found",
        at(
            problem(
                RequestRejected.class,
                () -> function.invoke("{\"action\":\"query\",\"table\":\"owner\"}")),
            "code"));
  }

  @Test
  void constraintsAreNamedByTheirCodes() throws SQLException {
    sql("ALTER TABLE public.owner ADD CONSTRAINT visits_check CHECK (visits > 0)");
    String event = "{\"action\":\"insert\",\"table\":\"owner\",\"rows\":[%s]}";
    JsonObject missing =
        problem(RequestRejected.class, () -> function.invoke(event.formatted("{\"name\":\"x\"}")));
    assertEquals("not_null_violation 422", at(missing, "code") + " " + at(missing, "status"));
    assertTrue(at(missing, "detail").contains("city"), missing.toString());
    JsonObject check =
        problem(
            RequestRejected.class,
            () -> function.invoke(event.formatted("{\"name\":\"x\",\"city\":\"y\",\"visits\":0}")));
    assertEquals("check_violation 422", at(check, "code") + " " + at(check, "status"));
    assertTrue(at(check, "detail").contains("visits_check"), check.toString());
    JsonObject conflict =
        problem(
            RequestRejected.class,
            () ->
                function.invoke(
                    """
                    {"action":"insert","table":"owner","rows":[{"name":"x","city":"y"}],
                     "onConflict":{"columns":["telephone"],"do":"nothing"}}\
                    """));
    assertEquals("invalid_request 42P10", at(conflict, "code") + " " + at(conflict, "sqlstate"));
  }

  @Test
  void hostileNamesAndValuesStayNamesAndValues() throws SQLException {
    String name = "x\\\"; DROP TABLE owner; -- ?";
    function.invoke(
        """
        {"action":"create","table":"%s","columns":[{"name":"%s","type":"text",
         "default":{"value":"'); DROP TABLE public.owner; --"}}]}\
        """
            .formatted(name, name));
    String reply =
        function.invoke(
            """
            {"action":"insert","table":"%s","rows":[{},{"%s":"'; DROP TABLE public.owner; --"}],
             "returning":["%s"]}\
            """
                .formatted(name, name, name));

    assertEquals(
        "'); DROP TABLE public.owner; --",
        object(reply)
            .getAsJsonArray("rows")
            .get(0)
            .getAsJsonObject()
            .entrySet()
            .iterator()
            .next()
            .getValue()
            .getAsString());
    assertEquals("0", sql("SELECT count(*) FROM public.owner"));
    sql("DROP TABLE public.\"x\"\"; DROP TABLE owner; -- ?\"");
  }

  @Test
  void withNoTimeLeftNothingIsTouched() {
    int logins = dsql.logins().size();
    JsonObject problem =
        problem(
            Unavailable.class,
            () ->
                function.invoke(
                    "{\"action\":\"query\",\"table\":\"owner\"}", Duration.ofMillis(400)));

    assertEquals("deadline_exceeded 504", at(problem, "code") + " " + at(problem, "status"));
    assertEquals(logins, dsql.logins().size());
  }

  @Test
  void eachDoorDoesOnlyWhatItMay() {
    try (LocalFunction reader = new LocalFunction(dsql, Map.of("DIRECT_ACTIONS", "query"))) {
      JsonObject problem =
          problem(
              RequestRejected.class,
              () -> reader.invoke("{\"action\":\"insert\",\"table\":\"owner\",\"rows\":0}"));
      assertEquals("action_not_allowed 403", at(problem, "code") + " " + at(problem, "status"));
      assertEquals("insert", at(problem, "action"));
      assertEquals(
          "0", at(reader.invoke("{\"action\":\"query\",\"table\":\"owner\"}"), "page/count"));
    }
  }

  @Test
  void anErrorOfAnyKindCarriesItsCategoryAndNoTrace() {
    JsonObject unknown = problem(RequestRejected.class, () -> function.invoke("{\"a\":1}"));
    assertEquals("unknown_event", at(unknown, "code"));
    assertEquals("urn:dsql:problem:unknown_event", at(unknown, "type"));
    JsonObject malformed = problem(RequestRejected.class, () -> function.invoke("{\"action\":"));
    assertEquals("malformed_json", at(malformed, "code"));
    assertTrue(at(malformed, "requestId").startsWith("local-"));
    try {
      function.invoke("[]");
    } catch (FunctionError e) {
      assertEquals(0, e.getStackTrace().length);
      assertEquals(null, e.getCause());
    }
  }

  private static String rows(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "{\"name\":\"row " + i + "\",\"city\":\"c\"}")
        .collect(
            Collectors.joining(
                ",",
                "{\"action\":\"insert\",\"table\":\"owner\",\"returning\":[\"name\"],\"rows\":[",
                "]}"));
  }

  private void insert(String name) {
    function.invoke(
        "{\"action\":\"insert\",\"table\":\"owner\",\"rows\":[{\"name\":\"%s\",\"city\":\"Anytown\"}]}"
            .formatted(name));
  }

  private String names(String clauses) {
    JsonObject reply =
        object(
            function.invoke(
                "{\"action\":\"query\",\"table\":\"owner\",\"select\":[\"name\"],"
                    + clauses
                    + "}"));
    return reply.getAsJsonArray("rows").asList().stream()
        .map(row -> row.getAsJsonObject().get("name").getAsString())
        .collect(Collectors.joining(" "));
  }

  private String tick(String figure) {
    return at(
        function.invoke(
            "{\"detail-type\":\"Scheduled Event\",\"source\":\"aws.events\",\"detail\":{}}"),
        "pool/" + figure);
  }

  /// Runs a statement behind the endpoint's back and gives the first column of its first row.
  private String sql(String text) throws SQLException {
    try (Connection connection = dsql.superuser().getConnection();
        Statement statement = connection.createStatement()) {
      if (!statement.execute(text)) {
        return "";
      }
      try (ResultSet row = statement.getResultSet()) {
        row.next();
        return String.valueOf(row.getString(1));
      }
    }
  }
}
