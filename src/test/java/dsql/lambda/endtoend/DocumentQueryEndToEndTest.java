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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Queries inside JSON documents, from event to reply.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class DocumentQueryEndToEndTest {

  private final LocalDsql dsql;
  private final LocalFunction function;

  DocumentQueryEndToEndTest(LocalDsql dsql) {
    this.dsql = dsql;
    this.function = new LocalFunction(dsql, Map.of());
  }

  @AfterEach
  void close() {
    function.close();
  }

  private void orders() throws SQLException {
    Tables.fresh(dsql, "orders", "id integer PRIMARY KEY, doc jsonb, raw json, note text");
    Tables.run(
        dsql,
        """
        INSERT INTO public.orders (id, doc) VALUES
         (1, '{"customer":{"id":42,"name":"Ann"},"total":9.90,"paid":true,"day":"2024-02-29",
               "at":"2024-02-29T12:00:00.000001+02:00","tags":["a","b"],"01":"jan","-1":"minus"}'),
         (2, '{"customer":{"id":7,"name":"Bob"},"total":10.5,"paid":false,"day":"2024-03-01",
               "at":"2024-02-29T10:00:00.000002Z","tags":["b"],"lines":[{"n":1},{"n":2}]}'),
         (3, '{"customer":{"id":42,"name":null},"total":100,"a/b":{"~c":"x"},"":"empty"}'),
         (4, '[10, 20, 30]'), (5, '"text"'), (6, NULL)
        """);
    Tables.run(dsql, "UPDATE public.orders SET raw = doc::text::json");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'doc':{'at':'/customer/id','eq':'42'}}|1 3",
        "{'doc':{'at':'/customer/id','type':'bigint','gt':7}}|1 3",
        "{'doc':{'at':'/customer/id','type':'integer','lt':7.5}}|2",
        "{'doc':{'at':'/total','type':'numeric','gte':'9.90'}}|1 2 3",
        "{'doc':{'at':'/total','type':'numeric','between':[10,100.0]}}|2 3",
        "{'doc':{'at':'/paid','type':'boolean','eq':true}}|1",
        "{'doc':{'at':'/paid','type':'boolean','ne':true}}|2",
        "{'doc':{'at':'/day','type':'date','gt':'2024-02-29'}}|2",
        "{'doc':{'at':'/at','type':'timestamptz','lte':'2024-02-29T10:00:00.000001Z'}}|1",
        "{'doc':{'at':'/customer/name','in':['Ann','Bob']}}|1 2",
        "{'doc':{'at':'/customer/name','notIn':['Ann']}}|2",
        "{'doc':{'at':'/customer/name','like':'_o%'}}|2",
        "{'doc':{'at':'/customer/name','ilike':'a%','ne':'x'}}|1",
        "{'doc':{'at':'/customer/name','isNull':true}}|3 4 5 6",
        "{'doc':{'at':'/customer/name','eq':null}}|3 4 5 6",
        "{'doc':{'at':'/customer/name','isNull':false}}|1 2",
        "{'doc':{'at':'/tags/1','eq':'b'}}|1",
        "{'doc':{'at':'/lines/1/n','type':'integer','eq':2}}|2",
        "{'doc':{'at':'/0','eq':'10'}}|4",
        "{'doc':{'at':'/-1','isNull':false}}|1",
        "{'doc':{'at':'/01','eq':'jan'}}|1",
        "{'doc':{'at':'/+1','isNull':false}}|",
        "{'doc':{'at':'/-','isNull':false}}|",
        "{'doc':{'at':'/ 1','isNull':false}}|",
        "{'doc':{'at':'/a~1b/~0c','eq':'x'}}|3",
        "{'doc':{'at':'/','eq':'empty'}}|3",
        "{'doc':{'at':'','eq':'text'}}|5",
        "{'raw':{'at':'/customer/id','eq':'42'}}|1 3",
        "{'raw':{'at':'/-1','eq':'minus'}}|1",
        "{'and':[{'doc':{'at':'/customer/id','eq':'42'}},{'doc':{'at':'/total','type':'numeric','lt':50}}]}|1",
        "{'not':{'doc':{'at':'/customer/id','eq':'42'}}}|2",
        "{'doc':{'contains':{'customer':{'id':42}}}}|1 3",
        "{'doc':{'contains':{'tags':['b']}}}|1 2",
        "{'doc':{'contains':10}}|4",
        "{'doc':{'contains':null}}|",
        "{'doc':{'contains':{'customer':{'name':null}}}}|3",
        "{'doc':{'has':'tags','at':null}}|1 2",
        "{'doc':{'has':'a/b'}}|3",
        "{'doc':{'has':'?'}}|",
        "{'not':{'doc':{'has':'tags'}},'doc':{'isNull':false}}|3 4 5",
      })
  void aFilterSeesMembersOfDocuments(String where, String ids) throws SQLException {
    orders();
    assertEquals(ids == null ? "" : ids, ids(query("'where':" + where)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'note':{'at':'/a','eq':'x'}}|/where/note/eq",
        "{'doc':{'at':'a','eq':'x'}}|/where/doc/at",
        "{'doc':{'at':'/a~2','eq':'x'}}|/where/doc/at",
        "{'doc':{'at':'/a~','eq':'x'}}|/where/doc/at",
        "{'doc':{'at':'/a\\u0000','eq':'x'}}|/where/doc/at",
        "{'doc':{'type':'bigint','eq':'x'}}|/where/doc/type",
        "{'doc':{'at':'/a','type':'jsonb','eq':'x'}}|/where/doc/type",
        "{'doc':{'at':'/a'}}|/where/doc",
        "{'doc':{'at':'/a','type':'bigint','eq':'x'}}|/where/doc/eq",
        "{'doc':{'at':'/a','type':'bigint','like':'x'}}|/where/doc/like",
        "{'doc':{'at':'/a','type':'timestamptz','gt':'2024-01-01T00:00:00'}}|/where/doc/gt",
        "{'doc':{'at':'/a','contains':{}}}|/where/doc/contains",
        "{'raw':{'contains':{}}}|/where/raw/contains",
        "{'raw':{'has':'a'}}|/where/raw/has",
        "{'note':{'has':'a'}}|/where/note/has",
      })
  void whatCannotBeSearchedSoIsAFault(String where, String pointer) throws SQLException {
    orders();
    JsonObject problem = problem(RequestRejected.class, () -> query("'where':" + where));
    assertEquals(
        pointer,
        faults(problem).stream()
            .map(fault -> fault.substring(0, fault.indexOf(" ")))
            .collect(Collectors.joining(" ")),
        problem::toString);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "bigint|\"x\"|1",
        "bigint|1.5|1",
        "integer|3000000000|1",
        "numeric|\"9,90\"|1",
        "boolean|\"maybe\"|true",
        "uuid|\"x\"|'00000000-0000-0000-0000-000000000000'",
        "date|\"today\"|'2024-01-01'",
        "date|\"now\"|'2024-01-01'",
        "date|\"infinity\"|'2024-01-01'",
        "date|\"01/02/2024\"|'2024-01-01'",
        "date|\"2024-02-30\"|'2024-01-01'",
        "date|\" today\"|'2024-01-01'",
        "date|\"2024-01-01\\n\"|'2024-01-01'",
        "timestamptz|\"now\"|'2024-01-01T00:00:00Z'",
        "timestamptz|\"tomorrow\"|'2024-01-01T00:00:00Z'",
        "timestamptz|\"-infinity\"|'2024-01-01T00:00:00Z'",
        "timestamptz|\"epoch\"|'2024-01-01T00:00:00Z'",
        "timestamptz|\"2024-01-01T00:00:00\"|'2024-01-01T00:00:00Z'",
        "timestamptz|\"2024-01-01T00:00:00.1234567Z\"|'2024-01-01T00:00:00Z'",
      })
  void aMemberThatDoesNotFitItsTypeIsAFaultOfItsCondition(String type, String member, String value)
      throws SQLException {
    Tables.fresh(dsql, "orders", "id integer PRIMARY KEY, doc jsonb");
    Tables.run(dsql, "INSERT INTO public.orders VALUES (1, '{\"a\":" + member + "}')");
    JsonObject problem =
        problem(
            RequestRejected.class,
            () -> query("'where':{'doc':{'at':'/a','type':'" + type + "','gte':" + value + "}}"));
    assertEquals("invalid_value", at(problem, "code"), problem::toString);
    assertEquals(List.of("/where/doc/gte invalid_value"), faults(problem));
    assertEquals(
        List.of("/select/0 invalid_value", "/orderBy/0/column invalid_value"),
        faults(
            problem(
                RequestRejected.class,
                () ->
                    query(
                        "'select':[{'column':'doc','at':'/a','type':'T'}],".replace("T", type)
                            + "'orderBy':[{'column':'doc','at':'/a','type':'T'}]"
                                .replace("T", type)))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2024-01-01T00:00:00Z",
        "2024-01-01T00:00Z",
        "2024-01-01 00:00:00.000+00",
        "2024-01-01t01:00:00.0000000+01:00",
      })
  void usualTimestampsAreTimestamps(String text) throws SQLException {
    Tables.fresh(dsql, "orders", "id integer PRIMARY KEY, doc jsonb");
    Tables.run(dsql, "INSERT INTO public.orders VALUES (1, '{\"a\":\"" + text + "\"}')");
    assertEquals(
        "1",
        ids(query("'where':{'doc':{'at':'/a','type':'timestamptz','eq':'2024-01-01T00:00:00Z'}}")));
  }

  @Test
  void membersAreSelectedWithTheirTypes() throws SQLException {
    orders();
    String reply =
        query(
            "'select':['id',{'column':'doc','at':'/customer/name'},"
                + "{'column':'doc','at':'/customer/id','type':'bigint','as':'customer'},"
                + "{'column':'doc','at':'/total','type':'numeric'},"
                + "{'column':'doc','at':'/paid','type':'boolean'},"
                + "{'column':'doc','at':'/at','type':'timestamptz'}],'limit':1");
    assertEquals(
        "[{\"id\":1,\"name\":\"Ann\",\"customer\":\"42\",\"total\":\"9.90\",\"paid\":true,"
            + "\"at\":\"2024-02-29T10:00:00.000001Z\"}]",
        at(reply, "rows"));
    assertEquals(
        "integer text bigint numeric boolean timestamptz",
        object(reply).getAsJsonArray("columns").asList().stream()
            .map(column -> column.getAsJsonObject().get("type").getAsString())
            .collect(Collectors.joining(" ")));
  }

  @Test
  void aMemberWithoutANameOfItsOwnNeedsAnother() throws SQLException {
    orders();
    for (String at : List.of("", "/", "/" + "x".repeat(64))) {
      JsonObject problem =
          problem(
              RequestRejected.class, () -> query("'select':[{'column':'doc','at':'" + at + "'}]"));
      assertEquals(List.of("/select/0 invalid_value"), faults(problem));
      assertTrue(problem.toString().contains("add \\\"as\\\""), problem::toString);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'column':'doc','at':'/total','type':'numeric','direction':'desc'}|4 5 6 3 2 1",
        "{'column':'doc','at':'/total','type':'numeric','direction':'desc','nulls':'last'}|3 2 1 4 5 6",
        "{'column':'doc','at':'/total','type':'numeric'}|1 2 3 4 5 6",
        "{'column':'doc','at':'/customer/id','type':'bigint','nulls':'first'},{'column':'doc','at':'/total','type':'numeric','direction':'desc'}|4 5 6 2 3 1",
        "{'column':'doc','at':'/at','type':'timestamptz','direction':'desc','nulls':'last'}|2 1 3 4 5 6",
        "{'column':'doc','at':'/customer/name'}|1 2 3 4 5 6",
        "{'column':'raw','at':'/customer/name','direction':'desc','nulls':'last'}|2 1 3 4 5 6",
      })
  void pagesFollowTheOrderOfMembers(String orderBy, String ids) throws SQLException {
    orders();
    for (int limit : List.of(1, 2, 5, 7)) {
      List<String> all = new ArrayList<>();
      String cursor = "null";
      do {
        String reply =
            query("'orderBy':[" + orderBy + "],'limit':" + limit + ",'cursor':" + cursor);
        if (!ids(reply).isEmpty()) {
          all.add(ids(reply));
        }
        cursor = object(reply).getAsJsonObject("page").get("nextCursor").toString();
      } while (!cursor.equals("null"));
      assertEquals(ids, String.join(" ", all), "limit " + limit);
    }
  }

  @Test
  void membersAreAggregated() throws SQLException {
    orders();
    assertEquals(
        "[{\"sum\":\"120.40\",\"max\":\"2024-02-29T10:00:00.000002Z\",\"n\":\"2\"}]",
        at(
            query(
                "'select':[{'sum':'doc','at':'/total','type':'numeric'},"
                    + "{'max':'doc','at':'/at','type':'timestamptz'},"
                    + "{'count':'doc','at':'/customer/id','distinct':true,'as':'n'}]"),
            "rows"));
  }

  private String query(String more) {
    return function.invoke(("{'action':'query','table':'orders'," + more + "}").replace('\'', '"'));
  }

  private static String ids(String reply) {
    return object(reply).getAsJsonArray("rows").asList().stream()
        .map(row -> row.getAsJsonObject().get("id").getAsString())
        .collect(Collectors.joining(" "));
  }
}
