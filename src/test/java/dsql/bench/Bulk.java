package dsql.bench;

import dsql.Tables;
import dsql.bench.Measure.Ratio;
import dsql.bench.peer.RawDriver;
import dsql.lambda.LocalFunction;
import dsql.local.Endpoints;
import dsql.local.LocalDsql;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// Many rows in one event.
final class Bulk implements Forked.Inner {

  private static final String TABLE = "bench_bulk";
  private static final int ROWS = 3_000;

  @Override
  public List<Row> run(Settings settings, LocalDsql dsql) throws Exception {
    Tables.fresh(
        dsql, TABLE, "id integer PRIMARY KEY, name text, city text, telephone varchar(20)");
    try (LocalFunction function = new LocalFunction(dsql, Map.of());
        Connection connection = Endpoints.connect(dsql)) {
      return List.of(
          againstCopy(settings, dsql, function, new RawDriver(connection)),
          tenfold(settings, dsql, function));
    }
  }

  private static Row againstCopy(
      Settings settings, LocalDsql dsql, LocalFunction function, RawDriver raw) throws Exception {
    byte[] event = People.utf8(event(ROWS, ""));
    byte[] text = People.utf8(text(ROWS));
    Contestant.Reset empty = () -> Tables.run(dsql, "TRUNCATE public." + TABLE);
    Contestant ours =
        new Contestant(_ -> event, function::invoke, Replies.having("\"written\":" + ROWS), empty);
    Contestant copy =
        new Contestant(
            _ -> text,
            rows -> People.utf8(raw.copy(TABLE, "id, name, city, telephone", rows) + " rows"),
            Replies.having(ROWS + " rows"),
            empty);
    List<Samples> samples =
        Contest.run(
            settings.pick(300, 20), settings.pick(15, 3), settings.pick(8, 5), List.of(ours, copy));
    return new Row(
        "insert of 3,000 rows of 4 columns",
        "COPY FROM STDIN",
        Samples.ratio("ms", samples.get(0), samples.get(1)),
        Goal.atMost(1.6));
  }

  /// Full chunks only: with a key, 2,999 rows and their ledger row are a transaction.
  private static Row tenfold(Settings settings, LocalDsql dsql, LocalFunction function)
      throws Exception {
    Contestant.Reset empty = () -> Tables.run(dsql, "TRUNCATE public." + TABLE);
    int chunk = ROWS - 1;
    Contestant ten = chunks(function, 10 * chunk, empty);
    Contestant one = chunks(function, chunk, empty);
    List<Samples> samples =
        Contest.run(
            settings.pick(20, 2), settings.pick(15, 4), settings.pick(3, 1), List.of(ten, one));
    Ratio ratio = Samples.ratio("ms", samples.get(0), samples.get(1));
    return new Row(
        "29,990 rows in ten chunks, with a key", "2,999 rows in one", ratio, Goal.atMost(10.5));
  }

  private static Contestant chunks(LocalFunction function, int rows, Contestant.Reset empty) {
    return new Contestant(
        _ ->
            People.utf8(
                event(
                    rows,
                    ",\"atomicity\":\"chunk\",\"idempotencyKey\":\"" + UUID.randomUUID() + "\"")),
        function::invoke,
        Replies.having("\"written\":" + rows, "\"outcome\":\"committed\""),
        empty);
  }

  private static String event(int rows, String more) {
    StringBuilder event = new StringBuilder("{\"action\":\"insert\",\"table\":\"" + TABLE + "\"");
    event.append(more).append(",\"rows\":[");
    for (int i = 0; i < rows; i++) {
      event.append(i == 0 ? "" : ",").append("{\"id\":").append(i);
      event.append(",\"name\":\"John Doe ").append(i).append("\",\"city\":\"Anytown\"");
      event.append(",\"telephone\":\"555-555-1999\"}");
    }
    return event.append("]}").toString();
  }

  private static String text(int rows) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < rows; i++) {
      text.append(i).append("\tJohn Doe ").append(i).append("\tAnytown\t555-555-1999\n");
    }
    return text.toString();
  }
}
