package dsql.bench;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dsql.Tables;
import dsql.bench.Measure.Missing;
import dsql.lambda.LocalFunction;
import dsql.local.LocalDsql;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A walk over a large table, page by page: late pages cost what early ones do.
final class Growth implements Forked.Inner {

  private static final String TABLE = "bench_walk";
  private static final int PAGE = 1_000;

  @Override
  public List<Row> run(Settings settings, LocalDsql dsql) throws Exception {
    int rows = settings.pick(1_000_000, 200_000);
    Tables.fresh(dsql, TABLE, "id bigint PRIMARY KEY, name text, city text");
    Tables.run(
        dsql,
        "INSERT INTO public."
            + TABLE
            + " SELECT i, 'John Doe ' || i, 'Anytown' FROM generate_series(1, "
            + rows
            + ") i");
    Tables.run(dsql, "VACUUM ANALYZE public." + TABLE);
    String tenth =
        "page 10 of a walk over " + (rows == 1_000_000 ? "1,000,000" : "200,000") + " rows";
    String hundredth = tenth.replace("10 of", "100 of");
    Goal goal = Goal.atMost(1.1);
    try (LocalFunction function = new LocalFunction(dsql, Map.of())) {
      List<String> events = walk(function, 100);
      if (events.size() < 100) {
        Missing missing = new Missing("no nextCursor on page " + events.size());
        return List.of(new Row(tenth, "", missing, goal), new Row(hundredth, "", missing, goal));
      }
      List<Contestant> pages = new ArrayList<>();
      for (int page : new int[] {1, 10, 100}) {
        byte[] event = People.utf8(events.get(page - 1));
        int last = page * PAGE;
        Contestant.Check check =
            Replies.having("\"id\":\"" + (last - PAGE + 1) + "\"", "\"id\":\"" + last + "\"");
        pages.add(new Contestant(_ -> event, function::invoke, check));
      }
      List<Samples> samples = Contest.run(settings.pick(500, 100), settings.pick(20, 4), 25, pages);
      return List.of(
          new Row(tenth, "page 1", Samples.ratio("ms", samples.get(1), samples.get(0)), goal),
          new Row(hundredth, "page 1", Samples.ratio("ms", samples.get(2), samples.get(0)), goal));
    }
  }

  /// The events of that many pages, or of those up to one without a cursor.
  private static List<String> walk(LocalFunction function, int pages) {
    List<String> events = new ArrayList<>();
    String cursor = "null";
    while (true) {
      events.add(
          "{\"action\":\"query\",\"table\":\""
              + TABLE
              + "\",\"orderBy\":[{\"column\":\"id\"}],\"limit\":"
              + PAGE
              + ",\"cursor\":"
              + cursor
              + "}");
      if (events.size() == pages) {
        return events;
      }
      byte[] reply = function.invoke(People.utf8(events.getLast()));
      JsonObject page =
          new Gson()
              .fromJson(new String(reply, StandardCharsets.UTF_8), JsonObject.class)
              .getAsJsonObject("page");
      JsonElement next = page.get("nextCursor");
      if (next == null || next.isJsonNull()) {
        return events;
      }
      cursor = next.toString();
    }
  }
}
