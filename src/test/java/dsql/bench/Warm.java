package dsql.bench;

import dsql.Tables;
import dsql.bench.peer.RawDriver;
import dsql.lambda.LocalFunction;
import dsql.local.Endpoints;
import dsql.local.LocalDsql;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/// Warm invocations, from the event's bytes to the reply's, one thread.
final class Warm implements Forked.Inner {

  private static final String TABLE = "bench_warm";
  private static final String PAGE = "bench_page";
  private static final int ROWS = 100;

  @Override
  public List<Row> run(Settings settings, LocalDsql dsql) throws Exception {
    People.create(dsql, TABLE);
    People.create(dsql, PAGE, ROWS);
    Tables.drop(dsql, "usual_keys");
    Tables.fresh(dsql, "usual_keys", "key text PRIMARY KEY, reply text");
    List<Row> rows = new ArrayList<>();
    try (LocalFunction ours = new LocalFunction(dsql, Map.of());
        @Nullable Earlier earlier =
            settings.before().isEmpty() ? null : new Earlier(Path.of(settings.before()), dsql);
        Usual usual = new Usual(dsql, 2, false);
        Usual strict = new Usual(dsql, 2, true);
        Connection connection = Endpoints.connect(dsql)) {
      RawDriver raw = new RawDriver(connection);
      Contestant.Check written = Replies.having("\"written\":1", "\"rows\":[{\"id\":\"");
      // The ledger is made at the first key.
      ours.invoke(People.keyed(TABLE, "first"));
      byte[] insert = People.utf8(People.insert(TABLE));
      rows.addAll(
          rows(
              settings,
              "insert of one row",
              1.20,
              List.of(
                  new Contestant(_ -> insert, ours::invoke, written),
                  new Contestant(_ -> insert, _ -> raw.insert(TABLE), written),
                  new Contestant(_ -> insert, usual::invoke, written)),
              earlier));
      IntFunction<byte[]> keyed = _ -> People.utf8(People.keyed(TABLE, UUID.randomUUID() + ""));
      IntFunction<byte[]> key = _ -> People.utf8(UUID.randomUUID() + "");
      rows.addAll(
          rows(
              settings,
              "the same with a key",
              1.35,
              List.of(
                  new Contestant(keyed, ours::invoke, written),
                  new Contestant(
                      key,
                      text -> raw.keyed(TABLE, new String(text, StandardCharsets.UTF_8)),
                      written),
                  new Contestant(keyed, usual::invoke, written)),
              earlier));
      byte[] query = People.utf8(People.query(PAGE, ROWS));
      byte[] page = raw.people(PAGE, ROWS);
      Contestant.Check last = Replies.having("\"name\":\"John Doe 100\"");
      rows.addAll(
          rows(
              settings,
              "query of 100 rows of 4 columns",
              1.20,
              List.of(
                  new Contestant(_ -> query, ours::invoke, Replies.exactly(page)),
                  new Contestant(_ -> query, _ -> raw.people(PAGE, ROWS), Replies.exactly(page)),
                  new Contestant(_ -> query, strict::invoke, last),
                  new Contestant(_ -> query, usual::invoke, last)),
              earlier));
    }
    return rows;
  }

  /// @param contestants ours, the raw driver, the usual stack; of a query also the usual stack
  ///   without the read-only transaction that the others have
  /// @param earlier takes part in ours' place as well
  private static List<Row> rows(
      Settings settings,
      String what,
      double goal,
      List<Contestant> contestants,
      @Nullable Earlier earlier)
      throws Exception {
    int perBlock = 200;
    List<Contestant> all = new ArrayList<>(contestants);
    if (earlier != null) {
      Contestant ours = contestants.getFirst();
      all.add(new Contestant(ours.event(), earlier::invoke, ours.check()));
    }
    List<Samples> samples =
        Contest.run(settings.pick(12_000, 1_000), settings.pick(25, 4), perBlock, all);
    Samples ours = samples.get(0);
    List<Row> rows = new ArrayList<>();
    rows.add(
        new Row(
            what + ", median",
            "raw driver",
            Samples.ratio("ms", ours, samples.get(1)),
            Goal.atMost(goal)));
    rows.add(
        new Row(
            what + ", 99 of 100",
            "raw driver",
            Samples.ratio("ms", ours, samples.get(1), 0.99),
            Goal.atMost(1.3)));
    rows.add(
        new Row(
            what + ", median",
            "usual stack",
            Samples.ratio("ms", ours, samples.get(2)),
            Goal.atMost(1)));
    if (earlier != null) {
      rows.add(
          new Row(
              what + ", median",
              "earlier commit",
              Samples.ratio("ms", ours, samples.getLast()),
              Goal.NONE));
    }
    if (contestants.size() > 3) {
      rows.add(
          new Row(
              what + ", median",
              "usual stack, no transaction",
              Samples.ratio("ms", ours, samples.get(3)),
              Goal.NONE));
    }
    return rows;
  }
}
