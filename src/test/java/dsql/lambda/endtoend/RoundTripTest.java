package dsql.lambda.endtoend;

import static dsql.JsonAssert.at;
import static dsql.JsonAssert.object;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dsql.RoundTrips;
import dsql.SharedDsql;
import dsql.Tables;
import dsql.lambda.LocalFunction;
import dsql.local.LocalDsql;
import dsql.local.fault.Failure;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// How often the network is crossed, counted on the wire.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class RoundTripTest {

  @Test
  void aWarmInsertAKeyedOneAndAQueryTakeOneRoundTripEach(LocalDsql dsql) throws Exception {
    Tables.fresh(dsql, "trip", "id uuid PRIMARY KEY DEFAULT gen_random_uuid(), a text");
    Tables.drop(dsql, "dsql_ledger");
    try (RoundTrips wire = new RoundTrips(dsql.port());
        LocalFunction function =
            new LocalFunction(dsql, Map.of("CLUSTER_ENDPOINT", "localhost:" + wire.port()))) {
      for (int warm = 0; warm < 12; warm++) {
        send(function, warm);
      }
      assertEquals(1, counted(wire, () -> function.invoke(insert(""))), "insert");
      assertEquals(1, counted(wire, () -> function.invoke(insert("fresh"))), "keyed insert");
      assertEquals(
          1,
          counted(wire, () -> function.invoke("{\"action\":\"query\",\"table\":\"trip\"}")),
          "query");
      String replay = function.invoke(insert("fresh"));
      assertEquals("true", at(replay, "replayed"));
    }
  }

  /// The driver asks the server to describe a prepared statement whose parameters' types it does
  /// not know, and has then to wait for BEGIN and for COMMIT.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "smallint|7",
        "integer|7",
        "bigint|7",
        "real|0.5",
        "double precision|0.5",
        "numeric(6,2)|1.25",
        "char(3)|\"abc\"",
        "varchar(9)|\"abc\"",
        "text|\"abc\"",
        "date|\"2024-02-29\"",
        "time|\"12:00:00\"",
        "timetz|\"12:00:00+02:00\"",
        "timestamp|\"2024-02-29T12:00:00\"",
        "timestamptz|\"2024-02-29T12:00:00Z\"",
        "boolean|true",
        "uuid|\"00000000-0000-0000-0000-00000000002a\"",
        "interval|\"P1D\"",
        "bytea|\"AAE=\"",
      })
  void aWarmQueryTakesOneRoundTripWhateverItComparesWith(String column, LocalDsql dsql)
      throws Exception {
    String type = column.substring(0, column.indexOf('|'));
    String value = column.substring(column.indexOf('|') + 1);
    Tables.fresh(dsql, "trip", "id integer PRIMARY KEY, v " + type);
    try (RoundTrips wire = new RoundTrips(dsql.port());
        LocalFunction function =
            new LocalFunction(dsql, Map.of("CLUSTER_ENDPOINT", "localhost:" + wire.port()))) {
      function.invoke(
          "{\"action\":\"insert\",\"table\":\"trip\",\"rows\":[{\"id\":1,\"v\":" + value + "}]}");
      String query = "{\"action\":\"query\",\"table\":\"trip\",\"where\":{\"v\":" + value + "}}";
      for (int warm = 0; warm < 12; warm++) {
        function.invoke(query);
      }
      assertEquals(
          1, counted(wire, () -> assertEquals("1", at(function.invoke(query), "page/count"))));
    }
  }

  /// From some execution of a statement on, the driver takes UUIDs in binary form, also those of a
  /// domain whose base type is unknown here.
  @Test
  void aUuidOfADeepDomainReadsTheSame(LocalDsql dsql) throws Exception {
    Tables.run(
        dsql,
        """
        DROP TABLE IF EXISTS public.deep;
        DROP DOMAIN IF EXISTS public.id4, public.id3, public.id2, public.id1;
        CREATE DOMAIN public.id1 AS uuid;
        CREATE DOMAIN public.id2 AS public.id1;
        CREATE DOMAIN public.id3 AS public.id2;
        CREATE DOMAIN public.id4 AS public.id3;
        CREATE TABLE public.deep (n integer PRIMARY KEY, id public.id4, t text);
        INSERT INTO public.deep VALUES (1, 'fedcba98-7654-3210-0123-456789abcdef', 'sixteen letters!');
        ALTER TABLE public.deep OWNER TO admin;
        """);
    try (LocalFunction function = new LocalFunction(dsql, Map.of())) {
      for (int i = 0; i < 12; i++) {
        assertEquals(
            "[{\"id\":\"fedcba98-7654-3210-0123-456789abcdef\",\"t\":\"sixteen letters!\"}]",
            object(
                    function.invoke(
                        "{\"action\":\"query\",\"table\":\"deep\",\"select\":[\"id\",\"t\"]}"))
                .get("rows")
                .toString(),
            "run " + i);
      }
    }
  }

  /// From some execution of a statement on, the driver takes UUIDs in binary form.
  @Test
  void uuidsReadTheSameHoweverOftenTheyAreAskedFor(LocalDsql dsql) throws Exception {
    String first = "00000000-0000-0000-0000-00000000002a";
    String second = "fedcba98-7654-3210-0123-456789abcdef";
    Tables.fresh(dsql, "trip", "id uuid PRIMARY KEY, other uuid, t text, n integer");
    String rows =
        "{\"id\":\"%s\",\"t\":\"sixteen letters!\"},{\"id\":\"%s\",\"other\":\"%s\",\"t\":\"x\"}"
            .formatted(first, second, first);
    String upsert =
        "{\"action\":\"insert\",\"table\":\"trip\",\"rows\":["
            + rows
            + "],\"returning\":[\"id\",\"other\",\"t\"],"
            + "\"onConflict\":{\"columns\":[\"id\"],\"do\":\"update\",\"set\":[\"t\"]}}";
    String expected =
        "[{\"id\":\"%s\",\"other\":null,\"t\":\"sixteen letters!\"},{\"id\":\"%s\",\"other\":\"%s\",\"t\":\"x\"}]"
            .formatted(first, second, first);
    String query =
        "{\"action\":\"query\",\"table\":\"trip\",\"select\":[\"id\",\"other\",\"t\"]%s}";
    try (LocalFunction function = new LocalFunction(dsql, Map.of())) {
      for (int i = 0; i < 12; i++) {
        assertEquals(expected, object(function.invoke(upsert)).get("rows").toString(), "run " + i);
        assertEquals(
            expected,
            object(function.invoke(query.formatted(""))).get("rows").toString(),
            "run " + i);
        String page = function.invoke(query.formatted(",\"limit\":1"));
        String next =
            function.invoke(
                query.formatted(",\"limit\":1,\"cursor\":\"" + at(page, "page/nextCursor") + "\""));
        assertEquals(
            second,
            object(next).getAsJsonArray("rows").get(0).getAsJsonObject().get("id").getAsString());
      }
    }
  }

  /// The endpoint prepares each statement anew, so that it must be told to refuse one.
  @Test
  void aStatementThatOutlivedItsTableIsMadeAnew(LocalDsql dsql) throws Exception {
    Tables.fresh(dsql, "trip", "id integer PRIMARY KEY, v integer");
    String insert =
        "{\"action\":\"insert\",\"table\":\"trip\",\"rows\":[{\"id\":%d}],\"returning\":[\"v\"]}";
    try (LocalFunction function = new LocalFunction(dsql, Map.of())) {
      function.invoke(insert.formatted(1));
      Tables.fresh(dsql, "trip", "id integer PRIMARY KEY, v text DEFAULT 'new'");
      dsql.faults().failStatements(1, Failure.STALE_STATEMENT);
      String inserted = function.invoke(insert.formatted(1));
      assertEquals("[{\"v\":\"new\"}]", object(inserted).get("rows").toString());
      assertEquals("2", at(inserted, "attempts"));
      String query = function.invoke("{\"action\":\"query\",\"table\":\"trip\"}");
      assertEquals("text", at(query, "columns/1/type"));
    }
  }

  private static void send(LocalFunction function, int i) {
    function.invoke(insert(""));
    function.invoke(insert("warm" + i));
    function.invoke("{\"action\":\"query\",\"table\":\"trip\"}");
  }

  private static String insert(String key) {
    return "{\"action\":\"insert\",\"table\":\"trip\",\"rows\":[{\"a\":\"x\"}],\"returning\":[\"id\"]"
        + (key.isEmpty() ? "" : ",\"idempotencyKey\":\"" + key + "\"")
        + "}";
  }

  private static int counted(RoundTrips wire, Runnable work) throws IOException {
    int before = wire.count();
    work.run();
    return wire.count() - before;
  }
}
