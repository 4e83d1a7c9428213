package dsql.bench;

import dsql.RoundTrips;
import dsql.bench.Measure.Absolute;
import dsql.lambda.LocalFunction;
import dsql.local.LocalDsql;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.IntFunction;

/// Network round trips of warm invocations, counted on the wire.
final class Trips implements Forked.Inner {

  private static final String TABLE = "bench_trips";

  @Override
  public List<Row> run(Settings settings, LocalDsql dsql) throws Exception {
    People.create(dsql, TABLE, 100);
    List<Row> rows = new ArrayList<>();
    try (RoundTrips wire = new RoundTrips(dsql.port());
        LocalFunction function =
            new LocalFunction(dsql, Map.of("CLUSTER_ENDPOINT", "localhost:" + wire.port()))) {
      Map<String, IntFunction<String>> events =
          Map.of(
              "insert", _ -> People.insert(TABLE),
              "keyed insert", n -> People.keyed(TABLE, "trip-" + n + UUID.randomUUID()),
              "query", _ -> People.query(TABLE, 100));
      for (int warm = 0; warm < 12; warm++) {
        for (IntFunction<String> event : events.values()) {
          function.invoke(event.apply(warm));
        }
      }
      for (String name : List.of("insert", "keyed insert", "query")) {
        int before = wire.count();
        function.invoke(events.getOrDefault(name, _ -> "").apply(12));
        rows.add(
            new Row(
                "round trips of a warm " + name,
                "",
                new Absolute("", wire.count() - before),
                Goal.atMost(1)));
      }
    }
    return rows;
  }
}
