package dsql.cluster;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dsql.lambda.FunctionError;
import dsql.lambda.LocalFunction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The function itself on a cluster: creates, inserts, queries, replays, ticks, in a schema.
final class FunctionRun {

  /// For an index to be built in.
  private static final Duration TIME = Duration.ofMinutes(6);

  /// One event, what its reply must have in it by paths, and what it has.
  ///
  /// @param expected values by paths of names and indexes
  record Call(
      String title, String event, Map<String, String> expected, String answered, long millis) {

    boolean holds() {
      return expected.entrySet().stream()
          .allMatch(e -> e.getValue().equals(at(answered, e.getKey())));
    }

    /// Of what differs, what was answered.
    String difference() {
      return expected.keySet().stream()
          .map(path -> path + " " + at(answered, path))
          .collect(Collectors.joining(", "));
    }

    String expectation() {
      return expected.entrySet().stream()
          .map(e -> e.getKey() + " " + e.getValue())
          .collect(Collectors.joining(", "));
    }
  }

  private final LocalFunction function;
  private final List<Call> calls = new ArrayList<>();

  private FunctionRun(LocalFunction function) {
    this.function = function;
  }

  /// Runs all of it, whatever differs.
  static List<Call> run(Map<String, String> environment, Runnable beforeEach) {
    try (LocalFunction function = new LocalFunction(environment)) {
      FunctionRun run = new FunctionRun(function);
      run.create(beforeEach);
      run.insert(beforeEach);
      run.query(beforeEach);
      beforeEach.run();
      run.call(
          "tick",
          "{\"detail-type\":\"Scheduled Event\",\"source\":\"aws.events\",\"detail\":{}}",
          Map.of("outcome", "alive"));
      return run.calls;
    }
  }

  private void create(Runnable beforeEach) {
    String create =
        """
        {"action":"create","table":"checked","columns":[
          {"name":"id","type":"integer"},
          {"name":"at","type":"timestamptz","default":"now()"},
          {"name":"name","type":"varchar(40)","nullable":false},
          {"name":"amount","type":"numeric(12,2)"},
          {"name":"document","type":"json"},
          {"name":"more","type":"jsonb"},
          {"name":"code","type":"uuid","default":"gen_random_uuid()"}],
         "primaryKey":["id"],"unique":[["name","id"]],
         "indexes":[{"name":"checked_name","columns":["name"]}],"ifExists":"verify","wait":true}\
        """;
    beforeEach.run();
    call(
        "create with an index",
        create,
        Map.of("outcome", "created", "steps/1/outcome", "completed"));
    beforeEach.run();
    call("the same create again", create, Map.of("outcome", "unchanged"));
  }

  private void insert(Runnable beforeEach) {
    beforeEach.run();
    call(
        "insert, returning",
        """
        {"action":"insert","table":"checked","rows":[
          {"id":1,"name":"one","amount":"1.50","document":{"a":[1]},"more":{"b":null}}],
         "returning":["id","amount","document","more"]}\
        """,
        Map.of(
            "outcome",
            "committed",
            "rows",
            "[{\"id\":1,\"amount\":\"1.50\",\"document\":{\"a\":[1]},\"more\":{\"b\":null}}]"));
    String keyed =
        """
        {"action":"insert","table":"checked","rows":[{"id":2,"name":"two"}],
         "returning":["id"],"idempotencyKey":"checked-1"}\
        """;
    beforeEach.run();
    call("insert with a key", keyed, Map.of("outcome", "committed", "replayed", "false"));
    beforeEach.run();
    call("its replay", keyed, Map.of("replayed", "true", "rows", "[{\"id\":2}]"));
    beforeEach.run();
    call(
        "insert or update",
        """
        {"action":"insert","table":"checked","rows":[{"id":2,"name":"second"},{"id":3,"name":"three"}],
         "onConflict":{"columns":["id"],"do":"update"}}\
        """,
        Map.of("outcome", "committed", "counts/written", "2"));
    beforeEach.run();
    call(
        "insert or do nothing",
        """
        {"action":"insert","table":"checked","rows":[{"id":3,"name":"other"},{"id":4,"name":"four"}],
         "onConflict":{"columns":["id"],"do":"nothing"}}\
        """,
        Map.of("outcome", "committed", "counts/written", "1", "counts/skipped", "1"));
    beforeEach.run();
    call("insert of many rows", many(2_000, ""), Map.of("counts/written", "2000"));
    String chunked = many(3_500, ",\"atomicity\":\"chunk\",\"idempotencyKey\":\"checked-2\"");
    beforeEach.run();
    call("insert in chunks", chunked, Map.of("counts/written", "3500", "replayed", "false"));
    beforeEach.run();
    call("its replay", chunked, Map.of("counts/written", "3500", "replayed", "true"));
  }

  /// An insert of so many rows, whose ids no other insert has.
  private static String many(int rows, String more) {
    return IntStream.range(0, rows)
        .mapToObj(i -> "{\"id\":" + (rows * 10 + i) + ",\"name\":\"row " + i + "\"}")
        .collect(
            Collectors.joining(
                ",", "{\"action\":\"insert\",\"table\":\"checked\",\"rows\":[", "]" + more + "}"));
  }

  private void query(Runnable beforeEach) {
    beforeEach.run();
    call(
        "query, filtered and ordered",
        """
        {"action":"query","table":"checked","select":["id","name"],
         "where":{"id":{"lt":100}},
         "orderBy":[{"column":"name","direction":"desc"}]}\
        """,
        Map.of(
            "page/count",
            "4",
            "rows",
            "[{\"id\":3,\"name\":\"three\"},{\"id\":2,\"name\":\"second\"},{\"id\":1,\"name\":\"one\"},{\"id\":4,\"name\":\"four\"}]"));
    String cursor = "";
    for (String id : List.of("1", "2", "3", "4")) {
      beforeEach.run();
      Call page =
          call(
              "page by page",
              """
              {"action":"query","table":"checked","select":["id"],"orderBy":[{"column":"at"}],
               "where":{"id":{"lt":100}},"limit":1%s}\
              """
                  .formatted(cursor),
              id.equals("1") ? Map.of("rows/0/id", id) : Map.of("page/count", "1"));
      String next = at(page.answered(), "page/nextCursor");
      if (next.equals("null") || next.startsWith("no ")) {
        break;
      }
      cursor = ",\"cursor\":\"" + next + "\"";
    }
  }

  private Call call(String title, String event, Map<String, String> expected) {
    long begun = System.nanoTime();
    String answered;
    try {
      answered = function.invoke(event, TIME);
    } catch (FunctionError e) {
      answered = String.valueOf(e.getMessage());
    }
    Call call = new Call(title, event, expected, answered, (System.nanoTime() - begun) / 1_000_000);
    calls.add(call);
    return call;
  }

  /// The element at a path, as text; says so where there is none.
  private static String at(String json, String path) {
    @Nullable JsonElement element = new Gson().fromJson(json, JsonObject.class);
    for (String step : path.split("/", -1)) {
      if (element != null && element.isJsonArray() && step.matches("\\d+")) {
        int index = Integer.parseInt(step);
        element =
            index < element.getAsJsonArray().size() ? element.getAsJsonArray().get(index) : null;
      } else {
        element =
            element != null && element.isJsonObject() ? element.getAsJsonObject().get(step) : null;
      }
    }
    if (element == null) {
      return "no " + path + " in " + json.substring(0, Math.min(json.length(), 300));
    }
    return element.isJsonPrimitive() ? element.getAsString() : element.toString();
  }
}
