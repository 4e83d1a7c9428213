package dsql.lambda.endtoend;

import static dsql.JsonAssert.at;
import static dsql.JsonAssert.faults;
import static dsql.JsonAssert.object;
import static dsql.JsonAssert.problem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dsql.SharedDsql;
import dsql.Tables;
import dsql.action.Query;
import dsql.lambda.LocalFunction;
import dsql.lambda.RequestRejected;
import dsql.local.LocalDsql;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a member of the rows is called has no say in which rows come, in what order and on which
/// page, also where it is called like another column.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class AliasesEndToEndTest {

  private final LocalDsql dsql;
  private final LocalFunction function;

  AliasesEndToEndTest(LocalDsql dsql) {
    this.dsql = dsql;
    this.function = new LocalFunction(dsql, Map.of());
  }

  /// `a` rises with the key, `b` falls, `c` is NULL in every third row, and `t` is called as the
  /// statements call the table.
  @BeforeEach
  void table() throws SQLException {
    Tables.fresh(
        dsql, "aliased", "id integer PRIMARY KEY, a integer, b integer, c integer, t text");
    Tables.run(
        dsql,
        """
        INSERT INTO public.aliased
        SELECT i, i, 100 - i, CASE WHEN i % 3 > 0 THEN i % 5 END, 'x' || i % 4
        FROM generate_series(1, 20) i
        """);
  }

  @AfterEach
  void close() throws SQLException {
    function.close();
    Tables.drop(dsql, "aliased");
  }

  /// The rows of all pages, three a page, against those of one.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[{'column':'a','as':'b'},{'column':'b','as':'a'}]|'orderBy':[{'column':'a'}]",
        "[{'column':'a','as':'b'},{'column':'b','as':'a'}]|'orderBy':[{'column':'b'}]",
        "[{'column':'a','as':'b'},{'column':'b','as':'a'}]|'orderBy':['a'],'where':{'a':{'gt':5}}",
        "[{'column':'b','as':'id'}]|'limit':3",
        "[{'column':'b','as':'id'},{'column':'id','as':'b'}]|'limit':3",
        "[{'column':'b','as':'id'}]|'orderBy':[{'column':'c'}]",
        "[{'column':'b','as':'id'}]|'orderBy':[{'column':'c','direction':'desc'}]",
        "[{'column':'b','as':'c'},{'column':'id','as':'a'}]|'orderBy':[{'column':'c','nulls':'first'}]",
        "[{'column':'b','as':'c'},{'column':'c','as':'id'}]|'orderBy':[{'column':'c','direction':'desc','nulls':'last'}]",
        "[{'column':'id','as':'t'},{'column':'t','as':'id'}]|'orderBy':['t']",
        "[{'column':'b','as':'a'}]|'where':{'a':{'between':[3,12]},'not':{'c':null},'b':{'in':[90,91,92,97]}}",
        "[{'column':'a','as':'t'}]|'where':{'t':{'like':'x%'}}",
      })
  void rowsComeOnceEachInOrder(String select, String more) {
    String ids = all("[{'column':'id','as':'who'}]", more);
    assertEquals(ids(more), ids, "in the order of the table's columns");
    assertEquals(valuesOf(select, ids), all(select, more));
  }

  /// The rows' keys by SQL of this test's own.
  private String ids(String more) {
    String where =
        more.contains("'between'")
            ? "a BETWEEN 3 AND 12 AND c IS NOT NULL AND b IN (90, 91, 92, 97)"
            : more.contains("'gt'") ? "a > 5" : "true";
    String order =
        !more.contains("orderBy")
            ? "id"
            : more.contains("'c'")
                ? "c"
                    + (more.contains("desc") ? " DESC" : "")
                    + (more.contains("first") ? " NULLS FIRST" : "")
                    + (more.contains("last") ? " NULLS LAST" : "")
                : more.replaceAll(".*orderBy':\\[[^']*(?:'column':)?'(\\w)'.*", "$1");
    try {
      return Tables.value(
          dsql,
          "SELECT string_agg(id::text, ' ' ORDER BY %s, id) FROM public.aliased WHERE %s"
              .formatted(order, where));
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  /// What the select answers of rows with those keys.
  private String valuesOf(String select, String ids) {
    List<String> columns = new ArrayList<>();
    for (JsonElement member : array(select)) {
      columns.add(member.getAsJsonObject().get("column").getAsString());
    }
    try {
      return Tables.value(
          dsql,
          "SELECT string_agg(concat_ws(' ', %s), ' ' ORDER BY n) FROM public.aliased, unnest('{%s}'::int[]) WITH ORDINALITY AS k(k, n) WHERE id = k"
              .formatted(
                  columns.stream()
                      .map(column -> "coalesce(" + column + "::text, 'null')")
                      .collect(Collectors.joining(", ")),
                  ids.replace(' ', ',')));
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  private static JsonArray array(String json) {
    return object("{\"a\":" + json.replace('\'', '"') + "}").getAsJsonArray("a");
  }

  /// The values of all pages, row by row.
  private String all(String select, String more) {
    String limit = more.contains("'limit'") ? "" : ",'limit':3";
    StringBuilder values = new StringBuilder();
    String cursor = "null";
    int pages = 0;
    do {
      assertTrue(pages++ < 30, "the pages come to an end");
      JsonObject reply =
          object(query("'select':" + select + ',' + more + limit + ",'cursor':" + cursor));
      for (JsonElement row : reply.getAsJsonArray("rows")) {
        for (Map.Entry<String, JsonElement> member : row.getAsJsonObject().entrySet()) {
          JsonElement value = member.getValue();
          values.append(values.isEmpty() ? "" : " ");
          values.append(value.isJsonNull() ? "null" : value.getAsString());
        }
      }
      cursor = reply.getAsJsonObject("page").get("nextCursor").toString();
    } while (!cursor.equals("null"));
    return values.toString();
  }

  private String query(String more) {
    return function.invoke(
        ("{'action':'query','table':'aliased'," + more + "}").replace('\'', '"'));
  }

  /// Groups whose members are called like columns, ordered by columns and aggregates.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[{'column':'t','as':'a'},{'max':'a','as':'t'}]|'groupBy':['t']"
            + "|SELECT t, max(a) FROM g GROUP BY t ORDER BY t",
        "[{'column':'t','as':'c'},{'column':'c','as':'t'},{'count':'*','as':'a'}]|'groupBy':['t','c'],'orderBy':['c']"
            + "|SELECT t, c, count(*) FROM g GROUP BY t, c ORDER BY c, t",
        "[{'column':'t','as':'c'},{'column':'c','as':'t'},{'sum':'a','as':'a'}]|'groupBy':['t','c'],'orderBy':[{'column':'a','direction':'desc'}]"
            + "|SELECT t, c, sum(a) FROM g GROUP BY t, c ORDER BY sum(a) DESC, t, c",
        "[{'column':'c','as':'id'},{'min':'b','as':'c'}]|'groupBy':['c'],'orderBy':['c'],'where':{'c':{'ne':2}}"
            + "|SELECT c, min(b) FROM g WHERE c <> 2 GROUP BY c ORDER BY min(b), c",
        "[{'min':'b','as':'a'},{'max':'a','as':'b'}]|'where':{'a':{'gt':5}}"
            + "|SELECT min(b), max(a) FROM g WHERE a > 5",
      })
  void groupsComeOnceEachInOrder(String select, String more, String sql) throws SQLException {
    String expected =
        Tables.value(
            dsql,
            "SELECT string_agg(replace(replace(trim(v::text, '()'), ',', ' '), '\"', ''), ' ') FROM (%s) AS v"
                .formatted(sql.replace("FROM g", "FROM public.aliased")));
    // A composite's text has nothing for NULL.
    assertEquals(
        expected.replaceAll(" (?= |$)", " null").replaceAll("^ ", "null "),
        all(select, more + (more.contains("groupBy") ? ",'limit':2" : ",'limit':1")));
  }

  @Test
  void whatIsAppendedForThePositionMayBeCalledLikeAMember() {
    // The appended id, and the member id, under UNION ALL: the columns count, not their names.
    String reply =
        query("'select':[{'column':'b','as':'id'}],'orderBy':[{'column':'c','nulls':'first'}]");
    assertEquals("[{\"id\":97},{\"id\":94}", at(reply, "rows").substring(0, 20));
    assertEquals("1", String.valueOf(object(reply).getAsJsonArray("columns").size()));
  }

  /// `t.count` is `count(t)` where the table has no such column.
  @ParameterizedTest
  @ValueSource(strings = {"count", "rank", "lead", "to_json", "row_to_json", "num_nulls", "concat"})
  void aColumnThatIsGoneIsNotTakenForAFunction(String name) throws SQLException {
    Tables.run(dsql, "ALTER TABLE public.aliased ADD COLUMN " + name + " integer");
    List<String> queries =
        List.of(
            "'select':['" + name + "']",
            "'select':['id'],'where':{'" + name + "':1}",
            "'select':['id'],'orderBy':['" + name + "']",
            "'select':[{'count':'" + name + "'}]",
            "'select':[{'count':'*'}],'groupBy':['" + name + "']");
    for (String query : queries) {
      query(query);
    }
    Tables.run(dsql, "ALTER TABLE public.aliased DROP COLUMN " + name);
    for (String query : queries) {
      JsonObject problem = problem(RequestRejected.class, () -> query(query));
      assertTrue(faults(problem).getFirst().endsWith(" unknown_column"), problem.toString());
      // The next one knows it of an environment that has seen the column.
      Tables.run(dsql, "ALTER TABLE public.aliased ADD COLUMN " + name + " integer");
      query(query);
      Tables.run(dsql, "ALTER TABLE public.aliased DROP COLUMN " + name);
    }
  }

  /// ON CONFLICT calls the row that could not be inserted EXCLUDED.
  @Test
  void aTableMayBeCalledLikeWhatStatementsCallRows() throws SQLException {
    for (String table : List.of("excluded", "t", "pieces", "ins")) {
      Tables.fresh(dsql, table, "id integer PRIMARY KEY, v integer");
      try {
        for (int v : List.of(1, 2)) {
          for (String key : List.of("", ",'idempotencyKey':'%s %d'".formatted(table, v))) {
            String reply =
                function.invoke(
                    ("{'action':'insert','table':'%s','rows':[{'id':1,'v':%d}],'returning':['v'],"
                            + "'onConflict':{'columns':['id'],'do':'update'}%s}")
                        .formatted(table, v, key)
                        .replace('\'', '"'));
            assertEquals("[{\"v\":" + v + "}]", at(reply, "rows"));
          }
        }
        String reply =
            function.invoke(
                ("{'action':'query','table':'" + table + "','orderBy':['v']}").replace('\'', '"'));
        assertEquals("[{\"id\":1,\"v\":2}]", at(reply, "rows"));
      } finally {
        Tables.drop(dsql, table);
      }
    }
  }

  /// As many members as a row may have, beside the most columns that an order needs.
  @Test
  void aRowHasSoManyMembersAtMost() {
    assertEquals(
        1,
        object(query(members(Query.MAX_SELECTED) + ",'limit':1"))
            .get("page")
            .getAsJsonObject()
            .get("count")
            .getAsInt());
    JsonObject problem =
        problem(RequestRejected.class, () -> query(members(Query.MAX_SELECTED + 1)));
    assertEquals(List.of("/select invalid_value"), faults(problem));
  }

  private static String members(int count) {
    StringBuilder select = new StringBuilder("'orderBy':['c','b','a'],'select':[");
    for (int i = 0; i < count; i++) {
      select.append(i == 0 ? "" : ",").append("{'column':'t','as':'m").append(i).append("'}");
    }
    return select.append(']').toString();
  }
}
