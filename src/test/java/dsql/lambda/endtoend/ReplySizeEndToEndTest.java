package dsql.lambda.endtoend;

import static dsql.JsonAssert.at;
import static dsql.JsonAssert.object;
import static dsql.JsonAssert.problem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import dsql.SharedDsql;
import dsql.Tables;
import dsql.db.jdbc.ReplyLimit;
import dsql.lambda.LocalFunction;
import dsql.lambda.RequestRejected;
import dsql.local.LocalDsql;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// No reply is larger than Lambda returns, and none is cut without saying so.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class ReplySizeEndToEndTest {

  private static final String QUERY =
      "{\"action\":\"query\",\"table\":\"wide\",\"limit\":10000,\"orderBy\":[{\"column\":\"id\"}]}";

  private final LocalDsql dsql;
  private final LocalFunction function;

  ReplySizeEndToEndTest(LocalDsql dsql) {
    this.dsql = dsql;
    this.function = new LocalFunction(dsql, Map.of());
  }

  @AfterEach
  void close() {
    function.close();
  }

  @Test
  void aPageEndsAtARowBoundaryBeforeTheLimitAndSaysSo() throws SQLException {
    wide("SELECT i, repeat('x', 1000) FROM generate_series(1, 8000) i");
    String reply = function.invoke(QUERY);
    assertTruncated(object(reply), reply);
    assertEquals("null", at(function.invoke(QUERY.replace("10000", "5000")), "page/truncatedBy"));
  }

  @Test
  void anHttpBodyCountsItsEscapes() throws SQLException {
    wide("SELECT i, repeat('\"\\', 500) FROM generate_series(1, 8000) i");
    String reply =
        function.invoke(
            """
            {"version":"2.0","headers":{"content-type":"application/json"},
             "requestContext":{"http":{"method":"POST","path":"/"}},"body":%s}\
            """
                .formatted(new Gson().toJson(QUERY)));
    assertTruncated(object(at(reply, "body")), reply);
  }

  @Test
  void aRowThatNoReplyCanHoldIsAProblem() throws SQLException {
    wide("SELECT i, repeat('x', 7000000) FROM generate_series(1, 2) i");
    JsonObject problem = problem(RequestRejected.class, () -> function.invoke(QUERY));
    assertEquals("row_too_large 413", at(problem, "code") + " " + at(problem, "status"));
    assertEquals(
        "{\"action\":\"tick\",\"outcome\":\"alive\",\"pool\":{\"total\":1,\"idle\":1,\"opened\":1,\"closed\":0},\"ledger\":{\"pruned\":0}}",
        function.invoke(
            "{\"detail-type\":\"Scheduled Event\",\"source\":\"aws.events\",\"detail\":{}}"),
        "the connection was rolled back and kept");
  }

  @Test
  void returnedRowsThatNoReplyCanHoldAreNotCommitted() throws SQLException {
    wide("SELECT 0, ''");
    // Control characters take six bytes each in JSON, so the reply outgrows the event.
    String text = "\u0001".repeat(100_000);
    StringBuilder rows = new StringBuilder();
    for (int i = 1; i <= 11; i++) {
      rows.append(i == 1 ? "" : ",").append("{\"id\":%d,\"t\":".formatted(i));
      rows.append(new Gson().toJson(text)).append('}');
    }
    String event = "{\"action\":\"insert\",\"table\":\"wide\",\"rows\":[" + rows + "]%s}";
    JsonObject problem =
        problem(
            RequestRejected.class,
            () -> function.invoke(event.formatted(",\"returning\":[\"t\"]")));
    assertEquals("row_too_large", at(problem, "code"));
    assertEquals("1", at(function.invoke(QUERY), "page/count"));

    assertEquals("11", at(function.invoke(event.formatted("")), "counts/written"));
  }

  @Test
  void returnedRowsThatTheFunctionCannotHoldAreNotCommitted() throws SQLException {
    Tables.fresh(dsql, "wide", "id integer PRIMARY KEY, t text DEFAULT repeat('x', 1000000)");
    String rows =
        IntStream.range(0, 20).mapToObj(i -> "{\"id\":" + i + "}").collect(Collectors.joining(","));
    String event =
        "{\"action\":\"insert\",\"table\":\"wide\",\"rows\":["
            + rows
            + "],\"returning\":[\"t\"]%s}";
    for (String key : List.of("", ",\"idempotencyKey\":\"not held\"")) {
      JsonObject problem =
          problem(RequestRejected.class, () -> function.invoke(event.formatted(key)));
      assertEquals("row_too_large", at(problem, "code"));
      assertEquals("0", at(function.invoke(QUERY), "page/count"));
    }
  }

  private static void assertTruncated(JsonObject result, String reply) {
    int bytes = reply.getBytes(StandardCharsets.UTF_8).length;
    assertTrue(bytes <= ReplyLimit.LAMBDA_REPLY_BYTES, "bytes: " + bytes);
    assertTrue(bytes > ReplyLimit.LAMBDA_REPLY_BYTES - 20_000, "bytes: " + bytes);
    assertEquals("bytes true", at(result, "page/truncatedBy") + " " + at(result, "page/hasMore"));
    int count = Integer.parseInt(at(result, "page/count"));
    assertEquals(count, result.getAsJsonArray("rows").size());
    assertEquals(Integer.toString(count), at(result, "rows/" + (count - 1) + "/id"));
  }

  private void wide(String select) throws SQLException {
    try (Connection connection = dsql.superuser().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("DROP TABLE IF EXISTS public.wide");
      statement.execute("CREATE TABLE public.wide (id integer PRIMARY KEY, t text)");
      statement.execute("ALTER TABLE public.wide OWNER TO admin");
      statement.execute("INSERT INTO public.wide " + select);
    }
  }
}
