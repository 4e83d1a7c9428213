package dsql.lambda.endtoend;

import static dsql.JsonAssert.at;
import static dsql.JsonAssert.object;
import static dsql.JsonAssert.problem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dsql.RoundTrips;
import dsql.SharedDsql;
import dsql.Tables;
import dsql.lambda.LocalFunction;
import dsql.lambda.RequestRejected;
import dsql.local.LocalDsql;
import java.io.IOException;
import java.sql.SQLException;
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

/// Replies that turn out large, and requests that turn out long.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class SizesEndToEndTest {

  private static final String TICK =
      "{\"detail-type\":\"Scheduled Event\",\"source\":\"aws.events\",\"detail\":{}}";

  private final LocalDsql dsql;
  private final LocalFunction function;

  SizesEndToEndTest(LocalDsql dsql) {
    this.dsql = dsql;
    this.function = new LocalFunction(dsql, Map.of());
  }

  @BeforeEach
  @AfterEach
  void drop() throws SQLException {
    Tables.run(dsql, "DROP VIEW IF EXISTS public.through");
    Tables.drop(dsql, "sized");
    Tables.drop(dsql, "dsql_ledger");
  }

  @AfterEach
  void close() {
    function.close();
    Tables.awaitNoSessions(dsql);
  }

  /// A view's columns have no defaults of their own, and the table's come into force.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ",\"idempotencyKey\":\"k\"",
        ",\"idempotencyKey\":\"c\",\"atomicity\":\"chunk\"",
      })
  void whatAViewReturnsIsCountedBeforeItIsCommitted(String more) throws SQLException {
    Tables.fresh(dsql, "sized", "id integer PRIMARY KEY, t text DEFAULT repeat('x', 1000000)");
    Tables.run(
        dsql,
        "CREATE VIEW public.through AS SELECT * FROM public.sized;"
            + "ALTER VIEW public.through OWNER TO admin");
    for (int rows : new int[] {1, 10, 20}) {
      assertTooLargeOrWhole("through", rows, more.replace("Key\":\"", "Key\":\"" + rows));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ",\"idempotencyKey\":\"k\"",
        ",\"idempotencyKey\":\"c\",\"atomicity\":\"chunk\"",
        ",\"onConflict\":{\"columns\":[\"id\"],\"do\":\"update\"}",
      })
  void aDefaultThatGrewSinceTheTableWasSeenIsCountedToo(String more) throws SQLException {
    for (int rows : new int[] {1, 10, 20}) {
      Tables.fresh(dsql, "sized", "id integer PRIMARY KEY, t text DEFAULT 'x'");
      function.invoke(insert("sized", 1, ""));
      Tables.run(
          dsql,
          "DELETE FROM public.sized;"
              + "ALTER TABLE public.sized ALTER COLUMN t SET DEFAULT repeat('x', 1000000)");
      assertTooLargeOrWhole("sized", rows, more.replace("Key\":\"", "Key\":\"" + rows));
    }
  }

  /// DO UPDATE returns the columns of the row that was there, too.
  @Test
  void aRowThatWasThereIsCountedAsWell() throws SQLException {
    Tables.fresh(dsql, "sized", "id integer PRIMARY KEY, n integer, t text DEFAULT 'x'");
    Tables.run(
        dsql,
        "INSERT INTO public.sized SELECT i, i, repeat('x', 1000000) FROM generate_series(0, 9) i");
    JsonObject problem =
        problem(
            RequestRejected.class,
            () ->
                function.invoke(
                    insert(
                        "sized",
                        10,
                        ",\"onConflict\":{\"columns\":[\"id\"],\"do\":\"update\",\"set\":[\"id\"]}")));
    assertEquals("row_too_large", at(problem, "code"));
  }

  private void assertTooLargeOrWhole(String table, int rows, String more) throws SQLException {
    String event = insert(table, rows, more);
    if (rows == 1 && more.isEmpty()) {
      assertEquals("committed", at(function.invoke(event), "outcome"));
    } else if (rows > 1) {
      JsonObject problem = problem(RequestRejected.class, () -> function.invoke(event));
      assertEquals(
          "row_too_large not_committed", at(problem, "code") + " " + at(problem, "outcome"));
      assertEquals("0", Tables.value(dsql, "SELECT count(*) FROM public.sized"));
    }
    Tables.run(dsql, "DELETE FROM public.sized");
  }

  private static String insert(String table, int rows, String more) {
    return "{\"action\":\"insert\",\"table\":\"%s\",\"returning\":[\"id\",\"t\"],\"rows\":%s%s}"
        .formatted(
            table,
            IntStream.range(0, rows)
                .mapToObj(i -> "{\"id\":" + i + "}")
                .collect(Collectors.joining(",", "[", "]")),
            more);
  }

  /// Rows of other columns in turn share round trips.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ",\"idempotencyKey\":\"k\"",
        ",\"idempotencyKey\":\"c\",\"atomicity\":\"chunk\""
      })
  void alternatingRowsTakeFewRoundTrips(String more) throws SQLException, IOException {
    Tables.fresh(dsql, "sized", "id integer PRIMARY KEY, a integer DEFAULT 7, b text");
    Tables.run(
        dsql, "INSERT INTO public.sized SELECT i, -1, 'was' FROM generate_series(0, 2900, 100) i");
    String rows =
        IntStream.range(0, 2901)
            .mapToObj(i ->
                switch (i % 3) {
                  case 0 -> "{\"id\":" + i + "}";
                  case 1 -> "{\"id\":" + i + ",\"b\":\"new\"}";
                  default -> "{\"a\":" + i + ",\"id\":" + i + "}";
                })
            .collect(Collectors.joining(","));
    String event =
        "{\"action\":\"insert\",\"table\":\"sized\",\"rows\":["
            + rows
            + "],\"onConflict\":{\"columns\":[\"id\"],\"do\":\"nothing\"},\"returning\":[\"id\",\"a\",\"b\"]"
            + more
            + "}";
    try (RoundTrips wire = new RoundTrips(dsql.port());
        LocalFunction counted =
            new LocalFunction(dsql, Map.of("CLUSTER_ENDPOINT", "localhost:" + wire.port()))) {
      counted.invoke(
          insert(
                  "sized",
                  1,
                  ",\"idempotencyKey\":\"w\",\"onConflict\":{\"columns\":[\"id\"],\"do\":\"nothing\"}")
              .replace("\"t\"", "\"b\""));
      int before = wire.count();
      JsonObject reply = object(counted.invoke(event));
      assertEquals("{\"received\":2901,\"written\":2871,\"skipped\":30}", at(reply, "counts"));
      JsonArray returned = reply.getAsJsonArray("rows");
      for (int i = 0; i < 2901; i++) {
        String expected =
            i % 100 == 0
                ? "null"
                : "{\"id\":%d,\"a\":%d,\"b\":%s}"
                    .formatted(i, i % 3 == 2 ? i : 7, i % 3 == 1 ? "\"new\"" : "null");
        assertEquals(expected, returned.get(i).toString());
      }
      int trips = wire.count() - before;
      assertTrue(trips < 60, trips + " round trips");
    }
  }

  /// So do rows of one kind, whatever they return: in a batch the driver would wait for each text.
  @Test
  void returnedTextsTakeFewRoundTrips() throws SQLException, IOException {
    Tables.fresh(dsql, "sized", "id integer PRIMARY KEY, a integer, t text");
    String rows =
        IntStream.range(0, 200)
            .mapToObj(i -> "{\"id\":" + i + ",\"t\":\"t" + i + "\"}")
            .collect(Collectors.joining(","));
    String event =
        "{\"action\":\"insert\",\"table\":\"sized\",\"rows\":["
            + rows
            + "],\"onConflict\":{\"columns\":[\"id\"],\"do\":\"update\"},\"returning\":[\"t\"]}";
    try (RoundTrips wire = new RoundTrips(dsql.port());
        LocalFunction counted =
            new LocalFunction(dsql, Map.of("CLUSTER_ENDPOINT", "localhost:" + wire.port()))) {
      String first = counted.invoke(event);
      int before = wire.count();
      assertEquals(at(first, "rows"), at(counted.invoke(event), "rows"));
      assertEquals(4, wire.count() - before);
    }
  }

  /// The protocol counts 65,535 parameters, and the key's row has some of them.
  @ParameterizedTest
  @ValueSource(strings = {"381 172", "382 171", "257 255"})
  void asManyValuesAsAStatementTakesGoInUnderAKey(String rowsAndColumns) throws SQLException {
    int all = Integer.parseInt(rowsAndColumns.substring(0, 3));
    int columns = Integer.parseInt(rowsAndColumns.substring(4));
    Tables.fresh(
        dsql,
        "sized",
        IntStream.range(0, columns)
                .mapToObj(i -> "c" + i + " integer")
                .collect(Collectors.joining(","))
            + ", PRIMARY KEY (c0)");
    // The last row's members are in another order, so that it is no array a column.
    String rows =
        IntStream.range(0, all)
            .mapToObj(row ->
                IntStream.range(0, columns)
                    .map(i -> row == all - 1 ? columns - 1 - i : i)
                    .mapToObj(i -> "\"c" + i + "\":" + row)
                    .collect(Collectors.joining(",", "{", "}")))
            .collect(Collectors.joining(","));
    String event =
        "{\"action\":\"insert\",\"table\":\"sized\",\"idempotencyKey\":\"wide\",\"rows\":["
            + rows
            + "]}";
    assertEquals(Integer.toString(all), at(function.invoke(event), "counts/written"));
    assertEquals("true", at(function.invoke(event), "replayed"));
  }

  /// A small answer and a large one of the same columns, in turn.
  @Test
  void whatWasLearntOfWideRowsIsNotForgottenForNarrowOnes() throws SQLException {
    Tables.fresh(dsql, "sized", "id integer PRIMARY KEY, t text");
    Tables.run(
        dsql,
        "INSERT INTO public.sized SELECT i, repeat('x', CASE WHEN i > 5000 THEN 10000 ELSE 1 END)"
            + " FROM generate_series(1, 8000) i");
    String query =
        "{\"action\":\"query\",\"table\":\"sized\",\"where\":{\"id\":{\"%s\":5000}},\"limit\":10000}";
    function.invoke(query.formatted("gt"));
    int opened = Integer.parseInt(at(function.invoke(TICK), "pool/opened"));
    for (int i = 0; i < 4; i++) {
      assertEquals("5000", at(function.invoke(query.formatted("lte")), "page/count"));
      assertEquals("bytes", at(function.invoke(query.formatted("gt")), "page/truncatedBy"));
    }
    assertEquals(opened, Integer.parseInt(at(function.invoke(TICK), "pool/opened")));
  }

  @Test
  void aPageOfATableWithoutAKeyHoldsWhatFits() throws SQLException {
    Tables.fresh(
        dsql,
        "sized",
        IntStream.range(0, 25)
            .mapToObj(i -> "c" + i + " integer")
            .collect(Collectors.joining(",")));
    Tables.run(
        dsql, "INSERT INTO public.sized (c0, c24) SELECT i, -i FROM generate_series(1, 9000) i");
    JsonObject reply =
        object(function.invoke("{\"action\":\"query\",\"table\":\"sized\",\"limit\":10000}"));
    assertEquals("9000 false", at(reply, "page/count") + " " + at(reply, "page/hasMore"));
    Tables.run(dsql, "ALTER TABLE public.sized ADD COLUMN w text DEFAULT repeat('x', 3000)");
    JsonObject first =
        object(function.invoke("{\"action\":\"query\",\"table\":\"sized\",\"limit\":10000}"));
    assertEquals(
        "true null noKey",
        at(first, "page/hasMore")
            + " "
            + at(first, "page/nextCursor")
            + " "
            + at(first, "page/truncatedBy"));
    int count = Integer.parseInt(at(first, "page/count"));
    assertTrue(count > 100 && count < 9000, () -> count + " rows");
  }
}
