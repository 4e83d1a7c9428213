package dsql.lambda;

import static dsql.lambda.JsonAssert.at;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dsql.SharedDsql;
import dsql.Tables;
import dsql.local.LocalDsql;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// How often the network is crossed, counted on the wire.
@ExtendWith(SharedDsql.class)
final class RoundTripTest {

  @Test
  void aWarmInsertAKeyedOneAndAQueryTakeOneEach(LocalDsql dsql) throws Exception {
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
