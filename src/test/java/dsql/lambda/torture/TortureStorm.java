package dsql.lambda.torture;

import static dsql.JsonAssert.at;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.JsonAssert;
import dsql.Tables;
import dsql.lambda.LocalFunction;
import dsql.local.LocalDsql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/// Inserts with and without keys by several threads, of one table that stays as it is.
final class TortureStorm implements AutoCloseable {

  private static final Duration TIME = Duration.ofSeconds(10);

  /// What one invocation was told.
  ///
  /// @param known whether another one had been told of success before this one began
  private record Told(TortureReply reply, boolean known) {
    String outcome() {
      return reply.outcome();
    }

    /// The returned rows; empty unless it succeeded.
    String rows() {
      return reply.text("rows");
    }
  }

  /// A request that is sent again and again.
  private record Sent(String marker, int rows, ConcurrentLinkedQueue<Told> told) {}

  private final LocalDsql dsql;
  private final LocalFunction function;
  private final LocalFunction hasty;
  private final LocalFunction away;
  private final Map<String, Sent> keyed = new ConcurrentHashMap<>();
  private final Map<String, Sent> alone = new ConcurrentHashMap<>();
  private final Map<String, Sent> unkeyed = new ConcurrentHashMap<>();

  TortureStorm(LocalDsql dsql) throws SQLException {
    this.dsql = dsql;
    Tables.fresh(dsql, "torture", "id uuid DEFAULT gen_random_uuid() PRIMARY KEY, m text, r int");
    function = new LocalFunction(dsql, Map.of("POOL_MAX", "4"));
    hasty = new LocalFunction(dsql, Map.of("POOL_MAX", "4", "RETRY_MAX_ATTEMPTS", "1"));
    away =
        new LocalFunction(
            dsql, Map.of("CLUSTER_ENDPOINT", "localhost:1", "RETRY_MAX_ATTEMPTS", "1"));
  }

  /// Sends so many events, as one of the threads.
  void run(int count, int thread, SplittableRandom random) {
    for (int i = 0; i < count; i++) {
      TortureFaults.order(dsql.faults(), random);
      if (random.nextBoolean()) {
        // Sent once: what its one reply says must be so.
        boolean hasKey = random.nextBoolean();
        String marker = (hasKey ? "s" : "u") + thread + '-' + i;
        Sent sent = new Sent(marker, 1 + random.nextInt(3), new ConcurrentLinkedQueue<>());
        (hasKey ? alone : unkeyed).put(marker, sent);
        send(function, sent, hasKey ? marker : "");
      } else {
        // Few enough keys that senders meet, new ones all the time.
        String key = "k" + (i / 6) + '-' + random.nextInt(3);
        int rows = 1 + Math.floorMod(key.hashCode(), 3);
        Sent sent =
            keyed.computeIfAbsent(key, _ -> new Sent(key, rows, new ConcurrentLinkedQueue<>()));
        send(
            switch (random.nextInt(8)) {
              case 0 -> away;
              case 1, 2 -> hasty;
              default -> function;
            },
            sent,
            key);
      }
    }
  }

  /// What was told against what is in, when all that was under way has ended; then every key once
  /// more.
  void check() throws SQLException {
    Map<String, Set<String>> first = rows();
    unkeyed.values().forEach(sent -> checkOnlyReply(first, sent));
    alone.values().forEach(sent -> checkOnlyReply(first, sent));
    keyed.putAll(alone);
    check(first);
    // Whatever was told, a key sent once more is in, and told as it was first.
    keyed.forEach((key, sent) -> send(function, sent, key));
    Map<String, Set<String>> rows = rows();
    check(rows);
    keyed.forEach((key, sent) -> assertEquals(sent.rows(), count(rows, sent), key));
  }

  private static void send(LocalFunction function, Sent sent, String key) {
    boolean known = sent.told().stream().anyMatch(told -> told.outcome().equals("committed"));
    TortureReply reply = TortureReply.to(function, event(sent, key), TIME);
    assertTrue(!reply.refused(), reply::toString);
    sent.told().add(new Told(reply, known));
  }

  private static String event(Sent sent, String key) {
    StringBuilder rows = new StringBuilder();
    for (int row = 0; row < sent.rows(); row++) {
      rows.append(row == 0 ? "" : ",");
      rows.append("{\"m\":\"").append(sent.marker()).append("\",\"r\":").append(row).append('}');
    }
    return "{\"action\":\"insert\",\"table\":\"torture\",\"returning\":[\"id\",\"r\"],"
        + (key.isEmpty() ? "" : "\"idempotencyKey\":\"" + key + "\",")
        + "\"rows\":["
        + rows
        + "]}";
  }

  private static int count(Map<String, Set<String>> rows, Sent sent) {
    return rows.getOrDefault(sent.marker(), Set.of()).size();
  }

  /// Every reply against what is in the table.
  private void check(Map<String, Set<String>> rows) throws SQLException {
    keyed.forEach((key, sent) -> {
      for (Told told : sent.told()) {
        assertTrue(
            !told.known() || !told.outcome().equals("not_committed"),
            () -> key + " had been told committed: " + sent.told());
      }
      int count = count(rows, sent);
      assertTrue(count == 0 || count == sent.rows(), key + " has " + count + " rows");
      Set<String> replies = new HashSet<>();
      sent.told().stream().filter(t -> !t.rows().isEmpty()).forEach(t -> replies.add(t.rows()));
      assertTrue(replies.size() <= 1, () -> key + " was told " + replies);
      replies.forEach(reply -> assertEquals(rows.get(sent.marker()), texts(reply), key));
      if (count > 0 && replies.isEmpty()) {
        assertTrue(
            sent.told().stream().anyMatch(t -> t.outcome().equals("unknown")),
            () -> key + " is in, and all were told otherwise: " + sent.told());
      }
    });
    Map<String, String> ledger = new HashMap<>();
    try (Connection connection = dsql.superuser().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT key, next_row FROM public.dsql_ledger")) {
      while (row.next()) {
        ledger.put(row.getString(1), row.getString(2));
      }
    }
    keyed.forEach((key, sent) ->
        assertEquals(count(rows, sent) > 0, ledger.containsKey(key), key + " in the ledger"));
  }

  /// A request that was sent once.
  private static void checkOnlyReply(Map<String, Set<String>> rows, Sent sent) {
    int count = count(rows, sent);
    Told told = sent.told().element();
    String marker = sent.marker();
    switch (told.outcome()) {
      case "committed" -> assertEquals(rows.get(marker), texts(told.rows()), told::toString);
      case "not_committed" -> assertEquals(0, count, () -> marker + " was told " + told);
      case "unknown" -> assertTrue(count == 0 || count == sent.rows(), marker + " has " + count);
      default -> throw new AssertionError(told);
    }
  }

  private static Set<String> texts(String rows) {
    Set<String> texts = new TreeSet<>();
    JsonAssert.object("{\"rows\":" + rows + "}")
        .getAsJsonArray("rows")
        .forEach(row ->
            texts.add(at(row.getAsJsonObject(), "id") + ' ' + at(row.getAsJsonObject(), "r")));
    return texts;
  }

  /// The rows in the table by their marker, `id r` each.
  private Map<String, Set<String>> rows() throws SQLException {
    Map<String, Set<String>> rows = new HashMap<>();
    try (Connection connection = dsql.superuser().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT m, id, r FROM public.torture")) {
      while (row.next()) {
        rows.computeIfAbsent(row.getString(1), _ -> new TreeSet<>())
            .add(row.getString(2) + ' ' + row.getString(3));
      }
    }
    return rows;
  }

  @Override
  public void close() {
    function.close();
    hasty.close();
    away.close();
  }
}
