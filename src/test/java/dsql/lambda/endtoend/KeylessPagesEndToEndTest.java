package dsql.lambda.endtoend;

import static dsql.JsonAssert.at;
import static dsql.JsonAssert.faults;
import static dsql.JsonAssert.object;
import static dsql.JsonAssert.problem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import dsql.SharedDsql;
import dsql.Tables;
import dsql.lambda.LocalFunction;
import dsql.lambda.RequestRejected;
import dsql.local.LocalDsql;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Pages of views and of tables without a primary key.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class KeylessPagesEndToEndTest {

  private final LocalDsql dsql;
  private final LocalFunction function;

  KeylessPagesEndToEndTest(LocalDsql dsql) {
    this.dsql = dsql;
    this.function = new LocalFunction(dsql, Map.of());
  }

  @AfterEach
  void close() throws SQLException {
    function.close();
    Tables.run(dsql, "DROP VIEW IF EXISTS public.seen");
  }

  @Test
  void withoutAKeyTheFirstRowsAreAnswered() throws SQLException {
    Tables.fresh(dsql, "loose", "id integer");
    Tables.run(dsql, "INSERT INTO public.loose SELECT generate_series(1, 3)");
    String cut = query("'orderBy':['id'],'limit':2");
    assertEquals("1 2", ids(cut));
    assertEquals(
        "{\"count\":2,\"hasMore\":true,\"nextCursor\":null,\"truncatedBy\":\"noKey\"}",
        at(cut, "page"));
    String whole = query("'orderBy':[{'column':'id'}],'limit':3");
    assertEquals("1 2 3", ids(whole));
    assertEquals(
        "{\"count\":3,\"hasMore\":false,\"nextCursor\":null,\"truncatedBy\":null}",
        at(whole, "page"));
    assertEquals("3", at(query("'select':[{'count':'*'}]"), "rows/0/count"));
  }

  @Test
  void withoutAKeyAPageIsCutByBytesToo() throws SQLException {
    Tables.fresh(dsql, "loose", "id integer, fill text");
    Tables.run(
        dsql,
        "INSERT INTO public.loose SELECT n, repeat('x', 1000000) FROM generate_series(1, 9) AS n");
    String cut = query("'orderBy':['id']");
    assertEquals("1 2 3 4 5 6", ids(cut));
    assertEquals("noKey", at(cut, "page/truncatedBy"));
    assertEquals("null", at(cut, "page/nextCursor"));
    String keyed = query("'key':['id']");
    assertEquals("1 2 3 4 5 6", ids(keyed));
    assertEquals("bytes", at(keyed, "page/truncatedBy"));
    assertEquals("7 8 9", ids(query("'key':['id'],'cursor':'" + cursor(keyed) + "'")));
  }

  /// The function reads them in one step, and in a smaller one once the answer was too large.
  @Test
  void moreThanTheFunctionCanHoldIsCutByBytes() throws SQLException {
    Tables.fresh(dsql, "loose", "id integer, fill text");
    Tables.run(
        dsql,
        "INSERT INTO public.loose SELECT n, repeat('x', 1000000) FROM generate_series(1, 40) AS n");
    String page = query("'key':['id'],'select':['id'],'orderBy':['fill']");
    List<String> ids = new ArrayList<>(List.of(ids(page)));
    while (!at(page, "page/nextCursor").equals("null")) {
      page =
          query("'key':['id'],'select':['id'],'orderBy':['fill'],'cursor':'" + cursor(page) + "'");
      ids.add(ids(page));
    }
    assertEquals(
        IntStream.rangeClosed(1, 40).mapToObj(Integer::toString).collect(Collectors.joining(" ")),
        String.join(" ", ids));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 10})
  void aDeclaredKeyLetsAViewBeReadPageByPage(int limit) throws SQLException {
    Tables.fresh(dsql, "loose", "id integer, name text");
    Tables.run(
        dsql,
        "INSERT INTO public.loose VALUES (3, 'a'), (1, 'b'), (2, 'a'), (NULL, 'c'), (5, NULL)");
    Tables.run(dsql, "CREATE VIEW public.seen AS SELECT * FROM public.loose");
    Tables.run(dsql, "ALTER VIEW public.seen OWNER TO admin");
    assertEquals("1 2 3 5 null", walk("'key':['id'],'limit':" + limit));
    assertEquals("2 3 1 null 5", walk("'key':['id'],'orderBy':['name'],'limit':" + limit));
    assertEquals(
        "5 3 2 1 null",
        walk(
            "'key':['name','id'],'orderBy':[{'column':'id','direction':'desc','nulls':'last'}],"
                + "'limit':"
                + limit));
  }

  private String walk(String query) {
    List<String> all = new ArrayList<>();
    String cursor = "null";
    do {
      String page =
          function.invoke(
              ("{'action':'query','table':'seen'," + query + ",'cursor':" + cursor + "}")
                  .replace('\'', '"'));
      String ids = ids(page);
      if (!ids.isEmpty()) {
        all.add(ids);
      }
      cursor = object(page).getAsJsonObject("page").get("nextCursor").toString();
      assertEquals(
          !cursor.equals("null"),
          object(page).getAsJsonObject("page").get("hasMore").getAsBoolean());
    } while (!cursor.equals("null"));
    return String.join(" ", all);
  }

  /// Also where the server takes for equal what it writes differently.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "integer|1|1",
        "integer|NULL|NULL",
        "text|'a'|'a'",
        "numeric|1.0|1.00",
        "numeric|0|0.000",
        "numeric|'NaN'|'NaN'",
        "numeric|1e30|1000000000000000000000000000000",
        "real|'-0'|0",
        "double precision|0|'-0'",
        "bpchar|'a'|'a '",
        "date|'infinity'|'infinity'",
      })
  void aPageNeverEndsBetweenRowsThatShareTheirKey(String type, String one, String other)
      throws SQLException {
    Tables.fresh(dsql, "loose", "id " + type);
    Tables.run(dsql, "INSERT INTO public.loose VALUES (" + one + "), (" + other + ")");
    JsonObject problem = problem(RequestRejected.class, () -> query("'key':['id'],'limit':1"));
    assertEquals("invalid_request", at(problem, "code"));
    assertEquals(List.of("/key invalid_value"), faults(problem));
    assertTrue(problem.toString().contains("change \\\"limit\\\""), problem::toString);
    assertEquals("2", at(query("'key':['id'],'limit':2"), "page/count"));
  }

  @Test
  void aKeyOfATableWithAPrimaryKeyLosesNothing() throws SQLException {
    Tables.fresh(dsql, "loose", "id integer PRIMARY KEY, n integer");
    Tables.run(dsql, "INSERT INTO public.loose VALUES (3, 1), (1, 1), (2, 0)");
    String first = query("'key':['n'],'limit':2");
    assertEquals("2 1", ids(first));
    assertEquals("3", ids(query("'key':['n'],'limit':2,'cursor':'" + cursor(first) + "'")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'key':['nope']|/key/0 unknown_column",
        "'key':['doc']|/key/0 invalid_value",
        "'key':[]|/key invalid_value",
        "'key':['id','id']|/key/1 invalid_value",
        "'key':'id'|/key wrong_type",
        "'key':['id'],'select':[{'count':'*'}]|/key invalid_value",
      })
  void aFaultyKeyIsRefused(String query, String fault) throws SQLException {
    Tables.fresh(dsql, "loose", "id integer, doc jsonb");
    assertEquals(List.of(fault), faults(problem(RequestRejected.class, () -> query(query))));
  }

  @Test
  void aCursorBelongsToItsKey() throws SQLException {
    Tables.fresh(dsql, "loose", "id integer, n integer");
    Tables.run(dsql, "INSERT INTO public.loose VALUES (1, 1), (2, 2)");
    String cursor = cursor(query("'key':['id'],'limit':1"));
    for (String other : List.of("'key':['n']", "'key':['id','n']", "'orderBy':['id']")) {
      assertEquals(
          "cursor_mismatch",
          at(
              problem(
                  RequestRejected.class,
                  () -> query(other + ",'limit':1,'cursor':'" + cursor + "'")),
              "code"));
    }
  }

  private static String cursor(String reply) {
    return at(reply, "page/nextCursor");
  }

  private String query(String more) {
    return function.invoke(("{'action':'query','table':'loose'," + more + "}").replace('\'', '"'));
  }

  private static String ids(String reply) {
    return object(reply).getAsJsonArray("rows").asList().stream()
        .map(row -> row.getAsJsonObject().get("id").toString())
        .collect(Collectors.joining(" "));
  }
}
