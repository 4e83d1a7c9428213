package dsql.lambda.endtoend;

import static dsql.JsonAssert.at;
import static dsql.JsonAssert.object;
import static dsql.JsonAssert.problem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dsql.SharedDsql;
import dsql.Tables;
import dsql.db.jdbc.ReplyLimit;
import dsql.lambda.LocalFunction;
import dsql.lambda.RequestRejected;
import dsql.local.LocalDsql;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The query language, from event to reply.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class QueryEndToEndTest {

  private final LocalDsql dsql;
  private final LocalFunction function;

  QueryEndToEndTest(LocalDsql dsql) {
    this.dsql = dsql;
    this.function = new LocalFunction(dsql, Map.of());
  }

  @AfterEach
  void close() {
    function.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}|1 2 3 4 5 6",
        "{'name':'Ann'}|1",
        "{'name':null}|6",
        "{'name':{'ne':'Ann'}}|2 3 4 5",
        "{'name':{'ne':null},'total':{'gt':'10.00'}}|3 4",
        "{'total':{'gte':10,'lt':2e1}}|2 3",
        "{'total':{'lte':'NaN','gt':20}}|4",
        "{'name':{'in':['Ann','Zoë','nobody']}}|1 5",
        "{'id':{'in':[]}}|",
        "{'name':{'notIn':['Ann']}}|2 3 4 5",
        "{'name':{'like':'%o%'}}|2 5",
        "{'name':{'ilike':'B_B'}}|2",
        "{'name':{'like':'100\\\\%'}}|4",
        "{'day':{'between':['2024-02-29','2024-12-31']}}|2 3",
        "{'day':{'isNull':false}}|2 3 4",
        "{'flag':true}|1 3",
        "{'flag':{'ne':true}}|2",
        "{'not':{'flag':true}}|2",
        "{'or':[{'name':'Ann'},{'day':null,'total':null}]}|1 5 6",
        "{'or':[{'and':[{'id':{'gt':1}},{'id':{'lt':4}}]},{'not':{'id':{'lt':6}}}],'id':{'ne':3}}|2 6",
        "{'doc':{'eq':{'b':2,'a':[1.0]}}}|1",
      })
  void aFilterSelectsTheRowsThatSatisfyIt(String where, String ids) throws SQLException {
    people();
    assertEquals(ids == null ? "" : ids, ids(query("'where':" + where)));
  }

  private void people() throws SQLException {
    Tables.fresh(
        dsql,
        "person",
        "id integer PRIMARY KEY, name varchar(10), total numeric(8,2), day date, flag boolean,"
            + " doc jsonb");
    Tables.run(
        dsql,
        """
        INSERT INTO public.person VALUES
         (1, 'Ann', 5, NULL, true, '{"a":[1],"b":2}'), (2, 'bob', 10, '2024-02-29', false, 'null'),
         (3, 'Cy', 19.99, '2024-12-31', true, NULL), (4, '100%', 'NaN', 'infinity', NULL, '1'),
         (5, 'Zoë', NULL, NULL, NULL, NULL), (6, NULL, NULL, NULL, NULL, NULL)
        """);
  }

  private String query(String more) {
    return function.invoke(("{'action':'query','table':'person'," + more + "}").replace('\'', '"'));
  }

  private static String ids(String reply) {
    return object(reply).getAsJsonArray("rows").asList().stream()
        .map(row -> row.getAsJsonObject().get("id").getAsString())
        .collect(Collectors.joining(" "));
  }

  @Test
  void aggregatesAreComputedAndNamed() throws SQLException {
    people();
    String all =
        query(
            "'select':[{'count':'*','as':'n'},{'count':'total'},{'sum':'id'},{'min':'day'},"
                + "{'max':'name'},{'avg':'id','as':'mean'}],'where':{'id':{'ne':4}}");
    assertEquals(
        "[{\"n\":\"5\",\"count\":\"3\",\"sum\":\"17\",\"min\":\"2024-02-29\",\"max\":\"bob\","
            + "\"mean\":\"3.4000000000000000\"}]",
        at(all, "rows"));
    assertEquals(
        "[bigint, bigint, bigint, date, text, numeric]",
        object(all).getAsJsonArray("columns").asList().stream()
            .map(c -> c.getAsJsonObject().get("type").getAsString())
            .toList()
            .toString());
    String groups = "'select':['flag',{'count':'*','as':'n'}],'groupBy':['flag'],";
    assertEquals(
        "[{\"flag\":null,\"n\":\"3\"},{\"flag\":true,\"n\":\"2\"},{\"flag\":false,\"n\":\"1\"}]",
        at(query(groups + "'orderBy':[{'column':'n','direction':'desc'}]"), "rows"));
    assertEquals(
        "[{\"flag\":false,\"n\":\"1\"},{\"flag\":true,\"n\":\"2\"},{\"flag\":null,\"n\":\"3\"}]",
        at(query(groups + "'limit':3"), "rows"));
  }

  @Test
  void groupsComePageByPage() throws SQLException {
    people();
    List<String> pages = new ArrayList<>();
    String cursor = "null";
    do {
      String reply =
          query(
              "'select':[{'count':'*','as':'n'},'flag'],'groupBy':['flag'],'limit':1,"
                  + "'orderBy':[{'column':'n'}],'cursor':"
                  + cursor);
      pages.add(at(reply, "rows/0/flag") + at(reply, "page/hasMore"));
      cursor = object(reply).getAsJsonObject("page").get("nextCursor").toString();
    } while (!cursor.equals("null"));
    assertEquals(List.of("falsetrue", "truetrue", "nullfalse"), pages);
  }

  @Test
  void aliasesNameTheMembers() throws SQLException {
    people();
    String reply = query("'select':[{'column':'id','as':'who'},'id'],'limit':1");
    assertEquals("[{\"who\":1,\"id\":1}]", at(reply, "rows"));
    assertEquals("who integer", at(reply, "columns/0/name") + ' ' + at(reply, "columns/0/type"));
  }

  @Test
  void aCursorOfAnotherQueryIsRefusedAndOneOfThisGoesOnThroughAnyDoor() throws SQLException {
    people();
    String page = query("'orderBy':[{'column':'total','nulls':'first'}],'limit':3");
    assertEquals("5 6 1", ids(page));
    String cursor = at(page, "page/nextCursor");
    String next =
        "'orderBy':[{'column':'total','nulls':'first'}],'cursor':'" + cursor + "','select':['id']";
    assertEquals("2 3 4", ids(query(next)));
    JsonObject http =
        object(function.invoke(http("{'action':'query','table':'person'," + next + "}")));
    assertEquals("2 3 4", ids(at(http, "body")));
    for (String other :
        List.of(
            "'orderBy':[{'column':'total'}],'cursor':'" + cursor + "'",
            "'cursor':'" + cursor + "'",
            next + ",'where':{'id':1}",
            "'cursor':'" + cursor.substring(1) + "'",
            "'cursor':''")) {
      JsonObject problem = problem(RequestRejected.class, () -> query(other));
      assertEquals("cursor_mismatch 400", at(problem, "code") + ' ' + at(problem, "status"));
    }
  }

  private static String http(String body) {
    return """
    {"version":"2.0","headers":{"content-type":"application/json"},
     "requestContext":{"http":{"method":"POST","path":"/"}},"body":%s}\
    """
        .formatted(new Gson().toJson(body.replace('\'', '"')));
  }

  @Test
  void aHundredThousandRowsOfMixedWidthComeOnceEach() throws SQLException {
    Tables.fresh(dsql, "person", "a integer, id integer, t text, b bytea, PRIMARY KEY (a, id)");
    Tables.run(
        dsql,
        """
        INSERT INTO public.person SELECT i % 7, i,
         CASE WHEN i % 5000 = 0 THEN repeat('wide "quoted" ', 20000)
              WHEN i % 3 = 0 THEN NULL ELSE repeat('é"', i % 40) END,
         CASE WHEN i % 900 = 0 THEN decode(repeat('ff', i), 'hex') END
        FROM generate_series(0, 99999) i
        """);
    for (boolean http : List.of(false, true)) {
      List<Integer> seen = new ArrayList<>();
      String cursor = "null";
      do {
        String action =
            "{'action':'query','table':'person','limit':10000,"
                + "'orderBy':[{'column':'a','direction':'desc'}],'cursor':"
                + cursor
                + "}";
        String reply = function.invoke(http ? http(action) : action.replace('\'', '"'));
        int bytes = reply.getBytes(StandardCharsets.UTF_8).length;
        assertTrue(bytes <= ReplyLimit.LAMBDA_REPLY_BYTES, () -> bytes + " bytes");
        JsonObject page = object(http ? at(reply, "body") : reply);
        for (JsonElement row : page.getAsJsonArray("rows")) {
          seen.add(row.getAsJsonObject().get("id").getAsInt());
        }
        cursor = page.getAsJsonObject("page").get("nextCursor").toString();
      } while (!cursor.equals("null"));
      List<Integer> expected = new ArrayList<>();
      for (int a = 6; a >= 0; a--) {
        for (int id = a; id < 100_000; id += 7) {
          expected.add(id);
        }
      }
      assertEquals(expected, seen);
    }
  }

  @Test
  void rowsTooWideToHoldAllAtOnceAreReadInSteps() throws SQLException {
    Tables.fresh(dsql, "person", "id integer PRIMARY KEY, t text");
    // 60 MB: more than an answer may have, in rows few of which fit into a reply.
    Tables.run(
        dsql,
        "INSERT INTO public.person SELECT i, repeat('x', 1000000) FROM generate_series(1, 60) i");
    StringBuilder ids = new StringBuilder();
    String cursor = "null";
    do {
      String reply = query("'limit':100,'cursor':" + cursor);
      assertEquals(ids.length() < 150, at(reply, "page/truncatedBy").equals("bytes"));
      ids.append(ids(reply)).append(' ');
      cursor = object(reply).getAsJsonObject("page").get("nextCursor").toString();
    } while (!cursor.equals("null"));
    StringBuilder expected = new StringBuilder();
    for (int i = 1; i <= 60; i++) {
      expected.append(i).append(' ');
    }
    assertEquals(expected.toString(), ids.toString());
  }
}
