package dsql.lambda.endtoend;

import static dsql.JsonAssert.at;
import static dsql.JsonAssert.faults;
import static dsql.JsonAssert.object;
import static dsql.JsonAssert.problem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import dsql.RoundTrips;
import dsql.SharedDsql;
import dsql.Tables;
import dsql.lambda.LocalFunction;
import dsql.lambda.RequestRejected;
import dsql.local.LocalDsql;
import dsql.local.wire.Refusal;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Totals, conditions on groups, distinct values, and several columns at once.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class TotalsEndToEndTest {

  private final LocalDsql dsql;
  private final LocalFunction function;

  TotalsEndToEndTest(LocalDsql dsql) {
    this.dsql = dsql;
    this.function = new LocalFunction(dsql, Map.of());
  }

  @AfterEach
  void close() {
    function.close();
  }

  private void events() throws SQLException {
    Tables.fresh(
        dsql,
        "event",
        "stream text, version integer, city text, n numeric(6,2), doc json, \"in\" integer,"
            + " PRIMARY KEY (stream, version)");
    Tables.run(
        dsql,
        """
        INSERT INTO public.event VALUES
         ('a', 1, 'Rome', 1.5, '{}', 1), ('a', 2, 'Oslo', 2, NULL, 2), ('a', 3, 'Rome', NULL, '1', 3),
         ('b', 1, NULL, 4, NULL, 4), ('b', 7, 'Rome', 5, NULL, NULL)
        """);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'limit':2|5",
        "'limit':2,'where':{'city':'Rome'}|3",
        "'where':{'city':'nowhere'}|0",
        "'select':['city',{'count':'*'}],'groupBy':['city'],'limit':1|3",
        "'select':['city',{'count':'*','as':'c'}],'groupBy':['city'],'having':{'c':{'gt':1}}|1",
        "'select':[{'count':'*'}]|1",
        "'select':[{'count':'*','as':'c'}],'having':{'c':0}|0",
      })
  void theTotalCountsTheRowsOfAllPages(String query, String total) throws SQLException {
    events();
    String reply = query(query + ",'total':true");
    assertEquals(total, object(reply).getAsJsonObject("page").get("total").toString());
    assertFalse(object(query(query)).getAsJsonObject("page").has("total"));
  }

  @Test
  void everyPageHasTheTotal() throws SQLException {
    events();
    String first = query("'limit':2,'total':true");
    String next = query("'limit':2,'total':true,'cursor':'" + at(first, "page/nextCursor") + "'");
    assertEquals("5", at(next, "page/total"));
    assertEquals("2", at(next, "page/count"));
  }

  @Test
  void theTotalTakesNoRoundTripOfItsOwn() throws Exception {
    events();
    try (RoundTrips wire = new RoundTrips(dsql.port());
        LocalFunction counted =
            new LocalFunction(dsql, Map.of("CLUSTER_ENDPOINT", "localhost:" + wire.port()))) {
      String query =
          "{\"action\":\"query\",\"table\":\"event\",\"total\":true,\"where\":{\"city\":\"Rome\"}}";
      for (int warm = 0; warm < 12; warm++) {
        counted.invoke(query);
      }
      int before = wire.count();
      counted.invoke(query);
      assertEquals(1, wire.count() - before);
    }
  }

  @Test
  void aTotalThatTakesTooLongIsToBeLeftOut() throws SQLException {
    events();
    query("'total':true");
    dsql.faults()
        .refuseStatements(1, Refusal.error("54000", "transaction age limit of 300s exceeded"));
    JsonObject problem = problem(RequestRejected.class, () -> query("'total':true"));
    assertEquals("invalid_request", at(problem, "code"));
    assertTrue(at(problem, "detail").contains("Leave \"total\" out"), problem::toString);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'c':{'gt':1}}|Rome",
        "{'c':1}|Oslo null",
        "{'sum':{'gte':'4.0'}}|Rome null",
        "{'sum':{'between':[1,3]}}|Oslo",
        "{'city':{'like':'R%'},'c':{'in':[1,2,3]}}|Rome",
        "{'or':[{'city':null},{'not':{'c':1}}]}|Rome null",
        "{'streams':2}|Rome",
        "{'sum':{'lt':'NaN'},'city':{'ne':null}}|Oslo Rome",
      })
  void havingSelectsGroups(String having, String cities) throws SQLException {
    events();
    String select =
        "'select':['city',{'count':'*','as':'c'},{'sum':'n'},"
            + "{'count':'stream','distinct':true,'as':'streams'}],'groupBy':['city'],'having':";
    for (int limit : List.of(1, 5)) {
      StringBuilder all = new StringBuilder();
      String cursor = "null";
      do {
        String reply =
            query(select + having + ",'orderBy':['city'],'limit':" + limit + ",'cursor':" + cursor);
        all.append(all.isEmpty() ? "" : " ")
            .append(
                object(reply).getAsJsonArray("rows").asList().stream()
                    .map(row -> row.getAsJsonObject().get("city").toString().replace("\"", ""))
                    .collect(Collectors.joining(" ")));
        cursor = object(reply).getAsJsonObject("page").get("nextCursor").toString();
      } while (!cursor.equals("null"));
      assertEquals(cities, all.toString());
    }
  }

  @Test
  void pagesOfGroupsByAnAggregateKeepTheirCondition() throws SQLException {
    events();
    String query =
        "'select':['stream','city',{'count':'*','as':'c'}],'groupBy':['stream','city'],"
            + "'having':{'c':{'lt':2}},'orderBy':['c'],'limit':1,'total':true,'cursor':";
    String cursor = "null";
    StringBuilder all = new StringBuilder();
    do {
      String reply = query(query + cursor);
      assertEquals("3", at(reply, "page/total"));
      all.append(at(reply, "rows/0/stream")).append(at(reply, "rows/0/city")).append(' ');
      cursor = object(reply).getAsJsonObject("page").get("nextCursor").toString();
    } while (!cursor.equals("null"));
    assertEquals("aOslo bRome bnull ", all.toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'in':{'columns':['stream','version'],'values':[['a',1],['b','7'],['b',2]]}}|a1 b7",
        "{'in':{'columns':['stream','version'],'values':[]}}|``",
        "{'in':{'columns':['version'],'values':[[1]]}}|a1 b1",
        "{'in':{'columns':['city','n'],'values':[['Rome','1.50']]}}|a1",
        "{'in':{'columns':['city','n'],'values':[['Rome',1.5]]},'stream':'b'}|``",
        "{'not':{'in':{'columns':['stream','version'],'values':[['a',1],['a',2]]}}}|a3 b1 b7",
        "{'or':[{'in':{'columns':['stream','version'],'values':[['a',1]]}},{'version':7}]}|a1 b7",
        "{'in':2}|a2",
        "{'in':{'in':[1,3]}}|a1 a3",
        "{'in':null}|b7",
      })
  void severalColumnsAreFoundAtOnce(String where, String found) throws SQLException {
    events();
    assertEquals(
        found,
        object(query("'where':" + where)).getAsJsonArray("rows").asList().stream()
            .map(row ->
                row.getAsJsonObject().get("stream").getAsString()
                    + row.getAsJsonObject().get("version"))
            .collect(Collectors.joining(" ")));
  }

  @Test
  void fiveThousandPairsAreFoundAtOnceAndNoMore() throws SQLException {
    events();
    String pairs = "['a',1]" + ",['x',9]".repeat(4_999);
    String where = "'where':{'in':{'columns':['stream','version'],'values':[%s]}},'total':true";
    String reply = query(where.formatted(pairs));
    assertEquals("1", at(reply, "page/count"));
    assertEquals("1", at(reply, "page/total"));
    assertEquals(
        List.of("/where invalid_value"),
        faults(problem(RequestRejected.class, () -> query(where.formatted(pairs + ",['x',9]")))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'where':{'in':{'columns':['stream'],'values':[['a',1]]}}|/where/in/values/0 invalid_value",
        "'where':{'in':{'columns':['stream'],'values':[[null]]}}|/where/in/values/0/0 wrong_type",
        "'where':{'in':{'columns':['stream'],'values':['a']}}|/where/in/values/0 wrong_type",
        "'where':{'in':{'columns':[],'values':[]}}|/where/in/columns invalid_value",
        "'where':{'in':{'columns':['stream']}}|/where/in/values missing",
        "'where':{'in':{'columns':['nope'],'values':[[1]]}}|/where/in/columns/0 unknown_column",
        "'where':{'in':{'columns':['doc'],'values':[[1]]}}|/where/in/columns/0 invalid_value",
        "'where':{'in':{'columns':['stream','version'],'values':[['a','x']]}}|/where/in/values/0/1 invalid_value",
        "'having':{'stream':'a'}|/having invalid_value",
        "'select':[{'count':'*'}],'having':{'stream':'a'}|/having/stream invalid_value",
        "'select':[{'count':'*'}],'having':{'count':'x'}|/having/count invalid_value",
        "'select':[{'count':'*'}],'having':{'in':{'columns':['count'],'values':[[1]]}}|/having/in invalid_value",
        "'select':[{'count':'*'}],'having':{'count':{'at':'/a','eq':'1'}}|/having/count/eq invalid_value",
        "'select':[{'count':'*','distinct':true}]|/select/0/distinct invalid_value",
        "'select':[{'count':'doc','distinct':true}]|/select/0 invalid_value",
        "'select':[{'sum':'n','distinct':true}]|/select/0/distinct unknown_field",
        "'total':'yes'|/total wrong_type",
      })
  void faultsAreTold(String query, String fault) throws SQLException {
    events();
    assertEquals(List.of(fault), faults(problem(RequestRejected.class, () -> query(query))));
  }

  private String query(String more) {
    return function.invoke(("{'action':'query','table':'event'," + more + "}").replace('\'', '"'));
  }
}
