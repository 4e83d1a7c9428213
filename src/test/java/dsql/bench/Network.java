package dsql.bench;

import dsql.RoundTrips;
import dsql.Tables;
import dsql.lambda.LocalFunction;
import dsql.local.LocalDsql;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.IntFunction;

/// Warm invocations where a round trip takes a millisecond longer than over loopback, as it may
/// between a function and a cluster.
final class Network implements Forked.Inner {

  private static final String TABLE = "bench_network";
  private static final String PAGE = "bench_network_page";
  private static final int ROWS = 100;

  @Override
  public List<Row> run(Settings settings, LocalDsql dsql) throws Exception {
    People.create(dsql, TABLE);
    People.create(dsql, PAGE, ROWS);
    Tables.drop(dsql, "usual_keys");
    Tables.fresh(dsql, "usual_keys", "key text PRIMARY KEY, reply text");
    List<Row> rows = new ArrayList<>();
    try (RoundTrips wire = new RoundTrips(dsql.port(), Duration.ofMillis(1))) {
      Map<String, String> far = Map.of("CLUSTER_ENDPOINT", "localhost:" + wire.port());
      try (LocalFunction ours = new LocalFunction(dsql, far);
          Usual usual = new Usual(dsql, far, 2, true)) {
        // The ledger is made at the first key.
        ours.invoke(People.keyed(TABLE, "first"));
        Contestant.Check written = Replies.having("\"written\":1", "\"rows\":[{\"id\":\"");
        Map<String, IntFunction<byte[]>> events =
            Map.of(
                "insert of one row", _ -> People.utf8(People.insert(TABLE)),
                "the same with a key",
                    _ -> People.utf8(People.keyed(TABLE, UUID.randomUUID() + "")),
                "query of 100 rows of 4 columns", _ -> People.utf8(People.query(PAGE, ROWS)));
        for (String what :
            List.of("insert of one row", "the same with a key", "query of 100 rows of 4 columns")) {
          IntFunction<byte[]> event = events.getOrDefault(what, _ -> new byte[0]);
          Contestant.Check check =
              what.startsWith("query") ? Replies.having("\"name\":\"John Doe 100\"") : written;
          List<Samples> samples =
              Contest.run(
                  settings.pick(2_000, 40),
                  settings.pick(10, 3),
                  settings.pick(100, 20),
                  List.of(
                      new Contestant(event, ours::invoke, check),
                      new Contestant(event, usual::invoke, check)));
          rows.add(
              new Row(
                  what + ", 1 ms a round trip",
                  "usual stack",
                  Samples.ratio("ms", samples.get(0), samples.get(1)),
                  Goal.NONE));
        }
      }
    }
    return rows;
  }
}
