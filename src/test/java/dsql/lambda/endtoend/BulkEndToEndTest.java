package dsql.lambda.endtoend;

import static dsql.JsonAssert.at;
import static dsql.JsonAssert.problem;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import dsql.SharedDsql;
import dsql.Tables;
import dsql.lambda.LocalFunction;
import dsql.lambda.RequestRejected;
import dsql.local.LocalDsql;
import dsql.local.fault.Unproven;
import dsql.local.wire.Refusal;
import java.sql.SQLException;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Many rows at once, which go as arrays where the server takes them.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class BulkEndToEndTest {

  private static final String COLUMNS =
      "id integer PRIMARY KEY, a varchar(9), b char(4), c text, d numeric(30,8), e real,"
          + " f double precision, g boolean, h date, i time, j timetz, k timestamp, l timestamptz,"
          + " m interval, n bytea, o uuid, p json, q jsonb, r bigint";

  private static final String ROW =
      """
      {"id":%d,"a":"x\\"\\\\,{}","b":"ab","c":"NULL","d":"-1234567890.00000001","e":0.1,"f":"NaN",\
      "g":true,"h":"-0043-03-15","i":"24:00:00","j":"12:00:00.5-03:30","k":"infinity",\
      "l":"2024-02-29T12:00:00.000001+02:00","m":"P-1Y2M-3DT4H-5M6.5S","n":"XFx4AP8=",\
      "o":"A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11","p":{"k":[1.0,"\\""],"k2":null},\
      "q":{"k":"\\\\"},"r":"-9223372036854775808"}\
      """;

  private final LocalDsql dsql;
  private final LocalFunction function;

  BulkEndToEndTest(LocalDsql dsql) {
    this.dsql = dsql;
    this.function = new LocalFunction(dsql, Map.of());
  }

  @BeforeEach
  void fresh() throws SQLException {
    Tables.fresh(dsql, "bulk", COLUMNS);
    Tables.drop(dsql, "dsql_ledger");
  }

  @AfterEach
  void close() {
    function.close();
  }

  @Test
  void arraysStoreWhatValuesDo() throws SQLException {
    written(120, insert(0, 120, ""));
    String values = insert(1000, 1120, ",\"returning\":[\"id\"]");
    written(120, values);
    String all = "a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p::text, q, r";
    assertEquals(
        "1 240",
        Tables.value(
            dsql,
            "SELECT count(DISTINCT ("
                + all
                + ")::text) || ' ' || count(*) FROM public.bulk WHERE id >= 0"));
  }

  @Test
  void nullsAreNull() throws SQLException {
    written(
        150,
        "{\"action\":\"insert\",\"table\":\"bulk\",\"rows\":["
            + IntStream.range(0, 150)
                .mapToObj(i -> "{\"id\":" + i + ",\"c\":" + (i % 2 == 0 ? "null" : "\"\"") + "}")
                .collect(Collectors.joining(","))
            + "]}");
    assertEquals(
        "75 75",
        Tables.value(
            dsql,
            "SELECT count(*) FILTER (WHERE c IS NULL) || ' ' || count(*) FILTER (WHERE c = '')"
                + " FROM public.bulk"));
  }

  @Test
  void aKeyGoesWithThemInOneStatement() throws SQLException {
    String event = insert(0, 2999, ",\"idempotencyKey\":\"k\"");
    written(2999, event);
    assertEquals("true 2999", at(function.invoke(event), "replayed") + " " + count());
  }

  @Test
  void aRowThatIsRefusedTakesAllWithIt() throws SQLException {
    Tables.run(dsql, "INSERT INTO public.bulk (id) VALUES (77)");
    JsonObject problem = problem(RequestRejected.class, () -> function.invoke(insert(0, 200, "")));
    assertEquals("unique_violation", at(problem, "code"));
    assertEquals("1", count());
  }

  @Test
  void aServerThatTakesNoArraysGetsValues() throws SQLException {
    refuseArrays();
    try {
      written(200, insert(0, 200, ""));
      written(200, insert(200, 400, ",\"idempotencyKey\":\"k\""));
      String chunks = ",\"idempotencyKey\":\"c\",\"atomicity\":\"chunk\"";
      written(4000, insert(400, 4400, chunks));
    } finally {
      dsql.faults().clear();
    }
    assertEquals("4400", count());
  }

  @Test
  void eachKindOfInsertFindsOutByItself() throws SQLException {
    refuseArrays();
    try {
      written(200, insert(0, 200, ",\"idempotencyKey\":\"k\""));
      try (LocalFunction another = new LocalFunction(dsql, Map.of())) {
        String event = insert(200, 3400, ",\"idempotencyKey\":\"c\",\"atomicity\":\"chunk\"");
        assertEquals("3200", at(another.invoke(event), "counts/written"));
      }
    } finally {
      dsql.faults().clear();
    }
    assertEquals("3400", count());
  }

  private void refuseArrays() {
    dsql.faults()
        .answers()
        .refuse(Unproven.BOUND_ARRAYS, Refusal.error("42883", "no such function"));
  }

  private String count() throws SQLException {
    return Tables.value(dsql, "SELECT count(*) FROM public.bulk");
  }

  private void written(int rows, String event) {
    assertEquals(Integer.toString(rows), at(function.invoke(event), "counts/written"));
  }

  /// @param to the id after the last
  private static String insert(int from, int to, String more) {
    return "{\"action\":\"insert\",\"table\":\"bulk\",\"rows\":["
        + IntStream.range(from, to).mapToObj(ROW::formatted).collect(Collectors.joining(","))
        + "]"
        + more
        + "}";
  }
}
