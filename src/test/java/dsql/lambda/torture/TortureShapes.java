package dsql.lambda.torture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dsql.Tables;
import dsql.lambda.LocalFunction;
import dsql.lambda.torture.TortureShape.Column;
import dsql.lambda.torture.TortureShape.Probe;
import dsql.local.LocalDsql;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Queries, inserts and replays on a table that somebody else changes, before each of them or
/// during it, while the function is warm. What is told must be what a function that has just
/// started would tell, of the table before or after the change where it came during the invocation.
///
/// The table is this one's alone, the faults and the connections' deaths are everybody's.
final class TortureShapes implements AutoCloseable {

  private static final Duration TIME = Duration.ofSeconds(10);
  private static final String TICK =
      "{\"detail-type\":\"Scheduled Event\",\"source\":\"aws.events\",\"detail\":{}}";

  // Faults come one at a time, so that a request is through after a few.
  private static final int TRIES = 60;

  private final LocalDsql dsql;
  private final String table;
  private final SplittableRandom random;
  private final LocalFunction function;
  private final LocalFunction away;
  private final ExecutorService others = Executors.newSingleThreadExecutor();
  private final Map<Integer, TortureReply> inserted = new HashMap<>();

  private TortureShape shape;
  private int invocations;
  private int lastId = TortureShape.LIMIT;

  TortureShapes(LocalDsql dsql, String table, SplittableRandom random) throws SQLException {
    this.dsql = dsql;
    this.table = table;
    this.random = random;
    this.function = new LocalFunction(dsql, Map.of("POOL_MAX", "1"));
    this.away =
        new LocalFunction(
            dsql, Map.of("CLUSTER_ENDPOINT", "localhost:1", "RETRY_MAX_ATTEMPTS", "1"));
    this.shape = TortureShape.of("v", TortureShape.Kind.NUMERIC_4, false);
    dsql.change(shape.sql(table));
  }

  /// Sends about so many events.
  void run(int count) throws Exception {
    while (invocations < count) {
      TortureFaults.order(dsql.faults(), random);
      switch (random.nextInt(10)) {
        case 0, 1, 2 -> duringAChange(this::query);
        case 3 -> pages();
        case 4, 5, 6, 7 -> duringAChange(this::insert);
        default -> replay();
      }
    }
  }

  /// What was told to be in or not, against the table, when all that was under way has ended.
  void check() throws SQLException {
    for (Map.Entry<Integer, TortureReply> insert : inserted.entrySet()) {
      if (!insert.getValue().committed() && !insert.getValue().outcome().equals("unknown")) {
        assertEquals("0", count(insert.getKey()), insert::toString);
      }
    }
  }

  /// One invocation, and the check of what it was told against the shapes there may have been.
  private interface Operation {
    void run(List<TortureShape> shapes, Runnable before) throws SQLException;
  }

  private void duringAChange(Operation operation) throws Exception {
    TortureShape before = shape;
    if (random.nextInt(3) > 0) {
      change();
      operation.run(List.of(shape), () -> {});
      return;
    }
    TortureChange change = TortureChange.any(table, before, random);
    List<Future<?>> changing = new ArrayList<>();
    operation.run(
        List.of(before, change.after()),
        () ->
            changing.add(
                others.submit(() -> {
                  dsql.change(change.sql());
                  return true;
                })));
    changing.getFirst().get();
    shape = change.after();
  }

  // The conflict by which a session learns of the change may go to a tick; a new session meets
  // none.
  private void change() throws SQLException {
    TortureChange change = TortureChange.any(table, shape, random);
    dsql.change(change.sql());
    shape = change.after();
    unnoticed();
  }

  private void unnoticed() throws SQLException {
    switch (random.nextInt(4)) {
      case 0, 1 -> send(function, TICK);
      case 2 -> Tables.killSessions(dsql);
      default -> {}
    }
  }

  private TortureReply send(LocalFunction to, String event) {
    invocations++;
    return TortureReply.to(to, event, TIME);
  }

  private void query(List<TortureShape> shapes, Runnable before) {
    String order = TortureChange.name(random);
    boolean nulls = random.nextInt(4) == 0;
    String event = nulls ? queryOfNulls(order) : query(order, 100, "null");
    before.run();
    TortureReply reply = send(function, event);
    if (reply.unlucky()) {
      return;
    }
    String told = reply.refused() ? "refused" : reply.text("columns") + reply.text("rows");
    List<String> expected = shapes.stream().map(s -> expected(s, order, nulls)).toList();
    assertTrue(expected.contains(told), () -> event + " of " + shapes + ": " + reply);
  }

  private static String expected(TortureShape shape, String order, boolean nulls) {
    Optional<Column> column = shape.column(order);
    return column
        .map(c -> shape.toldColumns() + (nulls ? shape.nullRows() : shape.rowsBy(c)))
        .map(text -> text.replace(", {", ",{"))
        .orElse("refused");
  }

  private String query(String order, int limit, String cursor) {
    return """
    {"action":"query","table":"%s","where":{"id":{"lt":%d}},"orderBy":[{"column":"%s"}],\
    "limit":%d,"cursor":%s}\
    """
        .formatted(table, TortureShape.LIMIT, order, limit, cursor);
  }

  private String queryOfNulls(String column) {
    return """
    {"action":"query","table":"%s","where":{"id":{"lt":%d},"%s":null}}\
    """
        .formatted(table, TortureShape.LIMIT, column);
  }

  // Page by page, after a change; perhaps with the column and the key called by each other's names.
  private void pages() throws SQLException {
    change();
    Column order = shape.columns().get(random.nextInt(shape.columns().size()));
    boolean swapped = random.nextBoolean();
    String select =
        "{\"select\":[{\"column\":\"id\",\"as\":\"%1$s\"},{\"column\":\"%1$s\",\"as\":\"id\"}],"
            .formatted(order.name());
    List<String> rows = new ArrayList<>();
    String cursor = "null";
    do {
      String query = query(order.name(), 2, cursor);
      TortureReply page = untilLucky(swapped ? query.replaceFirst("\\{", select) : query);
      assertTrue(!page.refused(), () -> shape + ": " + page);
      assertEquals(
          swapped ? shape.swappedColumns(order) : shape.toldColumns(), page.text("columns"));
      for (JsonElement row : page.array("rows")) {
        rows.add(row.toString());
      }
      cursor = page.json().getAsJsonObject("page").get("nextCursor").toString();
    } while (!cursor.equals("null"));
    assertEquals(
        shape.rowsBy(order).stream()
            .map(row -> swapped ? swapped(row, order) : row.toString())
            .toList(),
        rows);
  }

  private static String swapped(JsonObject row, Column order) {
    return "{\"%s\":%s,\"id\":%s}".formatted(order.name(), row.get("id"), row.get(order.name()));
  }

  private TortureReply untilLucky(String event) {
    for (int i = 0; i < TRIES; i++) {
      TortureReply reply = send(function, event);
      if (!reply.unlucky()) {
        return reply;
      }
    }
    throw new AssertionError("still unlucky: " + event);
  }

  private void insert(List<TortureShape> shapes, Runnable before) throws SQLException {
    String name = TortureChange.name(random);
    List<Probe> probes = List.of(Probe.values());
    Probe probe = probes.get(random.nextInt(probes.size()));
    int id = ++lastId;
    String key = random.nextBoolean() ? "" : "\"idempotencyKey\":\"%s-%d\",".formatted(table, id);
    String event =
        """
        {"action":"insert","table":"%s",%s"rows":[{"id":%d,"%s":"%s"}],"returning":["%4$s"]}\
        """
            .formatted(table, key, id, name, probe.text);
    before.run();
    TortureReply reply = send(function, event);
    inserted.put(id, reply);
    if (reply.unlucky()) {
      return;
    }
    String told = reply.refused() ? "refused" : reply.text("rows");
    List<String> expected = shapes.stream().map(s -> expected(s, name, probe)).toList();
    assertTrue(expected.contains(told), () -> event + " of " + shapes + ": " + reply);
    if (shapes.size() == 1) {
      assertEquals(reply.committed() ? "1" : "0", count(id), event);
    }
  }

  private static String expected(TortureShape shape, String name, Probe probe) {
    Optional<Column> column = shape.column(name);
    boolean complete =
        shape.columns().stream().allMatch(c -> c.nullable() || c.name().equals(name));
    return column
        .filter(_ -> complete)
        .flatMap(c -> c.kind().taken(probe))
        .map(value -> "[{\"" + name + "\":" + value + "}]")
        .orElse("refused");
  }

  private String count(int id) throws SQLException {
    return Tables.value(dsql, "SELECT count(*) FROM public.%s WHERE id = %d".formatted(table, id));
  }

  // A key whose rows are in is told as it was first, whatever has become of the table; and where
  // the database is away nothing is told of it.
  private void replay() throws SQLException {
    String event = keyed(++lastId);
    TortureReply first = untilLucky(event);
    assertTrue(first.committed(), () -> event + " of " + shape + ": " + first);
    for (int i = random.nextInt(3); i >= 0; i--) {
      change();
    }
    boolean gone = random.nextInt(3) == 0;
    if (gone) {
      dsql.change("DROP TABLE public." + table);
      unnoticed();
    }
    assertNotEquals("not_committed", send(away, event).outcome(), event);
    for (int i = 0; i < TRIES; i++) {
      TortureReply again = send(function, event);
      assertNotEquals("not_committed", again.outcome(), () -> event + ": " + again);
      if (!again.unlucky()) {
        assertEquals(first.text("rows"), again.text("rows"), () -> event + ": " + again);
        assertEquals("true", again.text("replayed"));
        assertEquals(first.text("counts"), again.text("counts"));
        break;
      }
    }
    if (gone) {
      TortureChange anew = TortureChange.anew(table, random);
      dsql.change(anew.sql());
      shape = anew.after();
    }
  }

  private String keyed(int id) {
    StringBuilder row = new StringBuilder("{\"id\":" + id);
    shape
        .columns()
        .forEach(c -> row.append(",\"%s\":\"%s\"".formatted(c.name(), c.kind().fitting().text)));
    String returning = String.join("\",\"", shape.names());
    return """
    {"action":"insert","table":"%s","idempotencyKey":"%1$s-%d","rows":[%s}],\
    "returning":["%s","id"]}\
    """
        .formatted(table, id, row, returning);
  }

  @Override
  public void close() {
    others.close();
    function.close();
    away.close();
  }
}
