package dsql.lambda.endtoend;

import static dsql.JsonAssert.at;
import static dsql.JsonAssert.problem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import dsql.JsonAssert;
import dsql.SharedDsql;
import dsql.Tables;
import dsql.lambda.LocalFunction;
import dsql.lambda.RequestRejected;
import dsql.lambda.Unavailable;
import dsql.local.LocalDsql;
import dsql.local.auth.Login;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever a server's sessions begin with, values come out alike; and where the server refuses the
/// settings that are asked for, the function does without.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class StartValuesEndToEndTest {

  private static final List<String> INTERVALS =
      List.of(
          "PT0S",
          "P1Y2M3DT4H5M6.123456S",
          "P10M3DT-3H-55M-6.5S",
          "P-1Y-2M-3DT-4H-5M-6.5S",
          "P1M-1D",
          "P-1DT-0.000001S",
          "PT-0.5S",
          "P178956970Y7M2147483647DT2562047788H54.775807S",
          "P-178956970Y-8M-2147483648DT-2562047788H-54.775807S",
          "PT36H");

  private static final List<String> BYTES =
      List.of("", "AA==", "3q2+7w==", "XFx4MDA=", "XHgwMA==", "AP8nIlwKfyA=");

  private static final List<String> DOUBLES =
      List.of("0.1", "0.30000000000000004", "1.7976931348623157e+308", "5e-324", "-0", "1e-07");

  private static final List<String> REALS = List.of("0.1", "1e-45", "1.0000001", "3.4028235e+38");

  private final LocalDsql dsql;

  StartValuesEndToEndTest(LocalDsql dsql) {
    this.dsql = dsql;
  }

  @BeforeEach
  void freshTables() throws SQLException {
    Tables.fresh(
        dsql,
        "started",
        "id integer PRIMARY KEY, i interval, b bytea, d float8, r real, t timestamptz, a date");
    Tables.drop(dsql, "started_new");
    Tables.drop(dsql, "dsql_ledger");
  }

  @AfterEach
  void asBefore() throws SQLException {
    dsql.faults().clear();
    Tables.run(dsql, "ALTER ROLE admin RESET ALL");
    Tables.awaitNoSessions(dsql);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          intervalstyle | sql_standard
          intervalstyle | postgres_verbose
          intervalstyle | postgres
          bytea_output | escape
          extra_float_digits | 0
          extra_float_digits | -15
          datestyle | SQL, DMY
          datestyle | German
          timezone | Asia/Kolkata
          """)
  void valuesReadTheSameWhateverTheRolesSettings(String name, String value) throws SQLException {
    Tables.run(dsql, "ALTER ROLE admin SET " + name + " = '" + value + "'");
    assertValues();
  }

  @ParameterizedTest
  @ValueSource(strings = {"intervalstyle", "extra_float_digits"})
  void aServerThatRefusesTheSettingsIsReachedWithout(String name) throws SQLException {
    Tables.run(dsql, "ALTER ROLE admin SET bytea_output = 'escape'");
    dsql.faults().refuseSettings(name);
    int before = dsql.logins().size();
    try (LocalFunction function =
        new LocalFunction(dsql, Map.of("POOL_MAX_LIFETIME", "PT0.001S"))) {
      for (int i = 0; i < 3; i++) {
        String reply = function.invoke("{\"action\":\"query\",\"table\":\"started\"}");
        assertEquals("0", at(reply, "page/count"));
      }
    }
    // The first connection is opened twice; from then on it is known.
    List<Login> logins = dsql.logins().subList(before, dsql.logins().size());
    assertEquals(4, logins.size(), logins::toString);
    assertValues();
  }

  /// What is refused whatever is asked for is no setting's refusal.
  @Test
  void aServerThatRefusesEverythingIsAskedTwice() {
    dsql.faults().refuseSettings("intervalstyle", "application_name");
    int before = dsql.logins().size();
    try (LocalFunction function = new LocalFunction(dsql, Map.of())) {
      JsonObject told =
          problem(
              Unavailable.class,
              () -> function.invoke("{\"action\":\"query\",\"table\":\"started\"}"));
      assertEquals("access_denied false", at(told, "code") + " " + at(told, "retryable"));
    }
    assertEquals(before + 2, dsql.logins().size());
  }

  /// Entries that earlier versions have written hold intervals in the server's own style.
  @Test
  void aLedgerInTheOtherStylesIsRead() throws SQLException {
    String event =
        """
        {"action":"insert","table":"started","idempotencyKey":"old","returning":["i","b"],
         "rows":[{"id":1,"i":"P1Y-2M3DT-4H-5M-6.5S","b":"AP8nIlwKfyA="}]}\
        """;
    try (LocalFunction function = new LocalFunction(dsql, Map.of())) {
      String first = function.invoke(event);
      String iso = "P10M3DT-4H-5M-6.5S";
      assertEquals(iso, at(first, "rows/0/i"));
      String kept = Tables.value(dsql, "SELECT returned FROM public.dsql_ledger");
      assertTrue(kept.contains(iso), kept);
      Tables.run(
          dsql,
          "UPDATE public.dsql_ledger SET returned = jsonb_build_array(jsonb_build_array("
              + "'10 mons 3 days -04:05:06.5', '\\000\\377''\"\\\\\\012\\177 '))");
      assertEquals(
          first.replace("\"replayed\":false", "\"replayed\":true"), function.invoke(event));
    }
  }

  private void assertValues() throws SQLException {
    try (LocalFunction function = new LocalFunction(dsql, Map.of())) {
      int id = 0;
      for (List<String> column :
          List.of(
              named("i", INTERVALS), named("b", BYTES), plain("d", DOUBLES), plain("r", REALS))) {
        for (String member : column) {
          assertValue(function, ++id, member);
        }
      }
      assertValue(function, ++id, "\"t\":\"2026-02-03T04:05:06.123456Z\"");
      assertValue(function, ++id, "\"a\":\"2026-02-03\"");
      assertOrder(function);
      assertDefaults(function);
    }
  }

  private static List<String> named(String column, List<String> values) {
    return plain(column, values.stream().map(value -> '"' + value + '"').toList());
  }

  private static List<String> plain(String column, List<String> values) {
    return values.stream().map(value -> '"' + column + "\":" + value).toList();
  }

  private static void assertValue(LocalFunction function, int id, String member) {
    String column = member.substring(1, 2);
    String insert =
        "{\"action\":\"insert\",\"table\":\"started\",\"rows\":[{\"id\":%d,%s}],\"returning\":[\"%s\"]%s}";
    String rows = "\"rows\":[{" + member + "}]";
    String plain = function.invoke(insert.formatted(id, member, column, ""));
    assertTrue(plain.contains(rows), plain);
    String keyed = insert.formatted(-id, member, column, ",\"idempotencyKey\":\"s" + id + "\"");
    for (int again = 0; again < 2; again++) {
      String reply = function.invoke(keyed);
      assertTrue(reply.contains(rows), reply);
    }
    String found =
        function.invoke(
            "{\"action\":\"query\",\"table\":\"started\",\"select\":[\"%s\"],\"where\":{\"id\":%d,%s}}"
                .formatted(column, id, member));
    assertTrue(found.contains(rows), found);
  }

  /// Positions are texts of the server's, too.
  private static void assertOrder(LocalFunction function) {
    for (String column : List.of("i", "b", "d", "r", "t", "a")) {
      String query =
          "{\"action\":\"query\",\"table\":\"started\",\"select\":[\"id\"],\"orderBy\":[{\"column\":\""
              + column
              + "\"}],\"limit\":";
      List<String> all = ids(function.invoke(query + "1000}"));
      List<String> paged = new ArrayList<>();
      String page = function.invoke(query + "3}");
      paged.addAll(ids(page));
      while (at(page, "page/hasMore").equals("true")) {
        page = function.invoke(query + "3,\"cursor\":\"" + at(page, "page/nextCursor") + "\"}");
        paged.addAll(ids(page));
      }
      assertEquals(all, paged, column);
    }
  }

  private static List<String> ids(String reply) {
    return JsonAssert.object(reply).getAsJsonArray("rows").asList().stream()
        .map(Object::toString)
        .toList();
  }

  /// The catalog prints defaults by the same settings.
  private static void assertDefaults(LocalFunction function) {
    String create =
        """
        {"action":"create","table":"started_new","primaryKey":["id"],"columns":[
         {"name":"id","type":"integer"},
         {"name":"i","type":"interval","default":{"value":"P1Y-2M3DT-4H-5M-6.5S"}},
         {"name":"b","type":"bytea","default":{"value":"AP8nIlwKfyA="}},
         {"name":"d","type":"double precision","default":{"value":0.30000000000000004}},
         {"name":"t","type":"timestamptz","default":{"value":"2026-02-03T04:05:06.5Z"}},
         {"name":"a","type":"date","default":{"value":"2026-02-03"}}]}\
        """;
    assertEquals("created", at(function.invoke(create), "outcome"));
    assertEquals("unchanged", at(function.invoke(create), "outcome"));
    assertEquals(
        "schema_mismatch",
        at(
            problem(RequestRejected.class, () -> function.invoke(create.replace("-6.5S", "-6.4S"))),
            "code"));
  }
}
