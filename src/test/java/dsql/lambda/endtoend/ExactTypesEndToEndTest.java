package dsql.lambda.endtoend;

import static dsql.JsonAssert.at;
import static dsql.JsonAssert.faults;
import static dsql.JsonAssert.problem;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import dsql.SharedDsql;
import dsql.Tables;
import dsql.lambda.LocalFunction;
import dsql.lambda.RequestRejected;
import dsql.local.LocalDsql;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Columns whose types round what they are given: stored exactly or refused, however the type is
/// made up.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class ExactTypesEndToEndTest {

  private final LocalDsql dsql;
  private final LocalFunction function;

  ExactTypesEndToEndTest(LocalDsql dsql) {
    this.dsql = dsql;
    this.function = new LocalFunction(dsql, Map.of());
  }

  @BeforeEach
  void domains() throws SQLException {
    Tables.run(
        dsql,
        """
        DROP TABLE IF EXISTS public.exact;
        DROP DOMAIN IF EXISTS public.money4, public.money3, public.money2, public.money1;
        CREATE DOMAIN public.money1 AS numeric(5,2);
        CREATE DOMAIN public.money2 AS public.money1;
        CREATE DOMAIN public.money3 AS public.money2 CHECK (VALUE > -1000);
        CREATE DOMAIN public.money4 AS public.money3;
        """);
  }

  @AfterEach
  void close() throws SQLException {
    function.close();
    domains();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          numeric(5,2) | "1.005"
          public.money1 | "1.005"
          public.money2 | "1.005"
          public.money3 | "1.005"
          public.money4 | "1.005"
          public.money4 | "1.00"
          numeric(10,-2) | "149"
          numeric(10,-2) | "100"
          numeric(2,4) | "0.00123"
          numeric(10,0) | "0.5"
          interval(0) | "PT0.6S"
          interval second(3) | "PT0.0006S"
          interval day to second(0) | "PT0.6S"
          interval year to month | "P1DT1H"
          interval hour | "PT1H30M"
          time(0) | "10:00:00.6"
          timestamp(3) | "2026-02-28T10:00:00.0006"
          timestamptz(0) | "2026-02-28T10:00:00.6Z"
          bit varying(3) | "1010"
          "char" | "ab"
          name | "a name of more than sixty-three characters, which the server cuts off silently"
          money | "1.005"
          integer[] | "{1.5}"
          """)
  void whatWouldBeRoundedIsRefused(String type, String value) throws SQLException {
    for (String use : List.of("", "first")) {
      String table = "exact";
      Tables.fresh(dsql, table, "id integer PRIMARY KEY, v " + type);
      if (!use.isEmpty()) {
        function.invoke("{\"action\":\"query\",\"table\":\"exact\"}");
      }
      for (String more : List.of("", ",\"onConflict\":{\"columns\":[\"id\"],\"do\":\"update\"}")) {
        JsonObject problem =
            problem(
                RequestRejected.class,
                () ->
                    function.invoke(
                        "{\"action\":\"insert\",\"table\":\"exact\",\"rows\":[{\"id\":1,\"v\":"
                            + value
                            + "}]"
                            + more
                            + "}"));
        assertEquals(List.of("/rows/0/v invalid_value"), faults(problem), problem.toString());
      }
      assertEquals("0", Tables.value(dsql, "SELECT count(*) FROM public.exact"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"numeric(5,2)", "public.money1", "public.money2", "public.money3"})
  void whatFitsIsStored(String type) throws SQLException {
    Tables.fresh(dsql, "exact", "id integer PRIMARY KEY, v " + type);
    String reply =
        function.invoke(
            "{\"action\":\"insert\",\"table\":\"exact\",\"rows\":[{\"id\":1,\"v\":\"1.05\"}],\"returning\":[\"v\"]}");
    assertEquals("[{\"v\":\"1.05\"}]", at(reply, "rows"));
    assertEquals(
        "numeric(5,2)",
        at(function.invoke("{\"action\":\"query\",\"table\":\"exact\"}"), "columns/1/type"));
  }

  /// On DSQL a numeric without precision is a numeric(18,6), which rounds; here a trigger does so.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ",\"returning\":[\"v\",\"id\"]",
        ",\"idempotencyKey\":\"%s\"",
        ",\"idempotencyKey\":\"%s\",\"returning\":[\"v\"]",
        ",\"idempotencyKey\":\"%s\",\"atomicity\":\"chunk\"",
      })
  void aNumericWithoutPrecisionIsComparedWithWhatIsStored(String more) throws SQLException {
    for (boolean rounds : List.of(false, true)) {
      Tables.fresh(dsql, "exact", "id integer PRIMARY KEY, v numeric");
      if (rounds) {
        Tables.run(
            dsql,
            """
            CREATE OR REPLACE FUNCTION public.rounds() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN NEW.v = round(NEW.v, 6); RETURN NEW; END $$;
            CREATE TRIGGER rounds BEFORE INSERT ON public.exact FOR EACH ROW
            EXECUTE FUNCTION public.rounds();\
            """);
      }
      String event =
          "{\"action\":\"insert\",\"table\":\"exact\",\"rows\":[%s]"
              + more.formatted(more.length() + "" + rounds);
      String fits = "{\"id\":1,\"v\":\"123456789012.123456\"},{\"id\":2},{\"v\":-0.5,\"id\":3}";
      function.invoke((event + "}").formatted(fits).replace("Key\":\"", "Key\":\"fits"));
      String finer =
          "{\"id\":4,\"v\":1},{\"v\":null,\"id\":5},{\"id\":6,\"v\":1.23456789},{\"id\":7}";
      if (rounds) {
        JsonObject problem =
            problem(RequestRejected.class, () -> function.invoke((event + "}").formatted(finer)));
        assertEquals(List.of("/rows/2/v invalid_value"), faults(problem), problem.toString());
        assertEquals("3", Tables.value(dsql, "SELECT count(*) FROM public.exact"));
      } else {
        assertEquals("4", at(function.invoke((event + "}").formatted(finer)), "counts/written"));
        assertEquals("1.23456789", Tables.value(dsql, "SELECT v FROM public.exact WHERE id = 6"));
      }
    }
    Tables.run(dsql, "DROP FUNCTION public.rounds CASCADE");
  }

  /// What cannot be written can be read, and be NULL.
  @ParameterizedTest
  @ValueSource(
      strings = {"numeric(10,-2)|100", "interval day to second(0)|PT1S", "public.money4|1.00"})
  void anUnknownTypeIsReadAsText(String typeAndText) throws SQLException {
    String type = typeAndText.substring(0, typeAndText.indexOf('|'));
    String text = typeAndText.substring(typeAndText.indexOf('|') + 1);
    Tables.fresh(dsql, "exact", "id integer PRIMARY KEY, v " + type);
    Tables.run(dsql, "INSERT INTO public.exact VALUES (1, '" + text + "')");
    function.invoke(
        "{\"action\":\"insert\",\"table\":\"exact\",\"rows\":[{\"id\":2,\"v\":null},{\"id\":3}]}");
    String reply =
        function.invoke(
            "{\"action\":\"query\",\"table\":\"exact\",\"where\":{\"v\":\"" + text + "\"}}");
    assertEquals("[{\"id\":1,\"v\":\"" + text + "\"}]", at(reply, "rows"));
    assertEquals(
        "3", at(function.invoke("{\"action\":\"query\",\"table\":\"exact\"}"), "page/count"));
  }
}
