package dsql.lambda;

import static dsql.lambda.JsonAssert.at;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import dsql.SharedDsql;
import dsql.Tables;
import dsql.local.LocalDsql;
import dsql.local.fault.Failure;
import dsql.local.fault.Faults;
import dsql.local.fault.Rejection;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Threads send inserts with and without keys while the network and the server fail at random, at
/// any byte and in the middle of commits. Afterwards the table, the ledger and every reply must
/// agree.
///
/// `-Dtorture.invocations` makes it longer, `-Dtorture.seed` repeats one; both are printed.
@ExtendWith(SharedDsql.class)
final class TortureTest {

  private static final int THREADS = 4;
  private static final int INVOCATIONS = Integer.getInteger("torture.invocations", 1200);
  private static final long SEED = Long.getLong("torture.seed", System.nanoTime());

  /// What one invocation was told.
  ///
  /// @param rows the returned rows; empty unless it succeeded
  private record Told(String outcome, String rows) {}

  /// A request that is sent again and again.
  private record Sent(String marker, int rows, ConcurrentLinkedQueue<Told> told) {}

  private final LocalDsql dsql;
  private final Map<String, Sent> keyed = new ConcurrentHashMap<>();
  private final Map<String, Sent> alone = new ConcurrentHashMap<>();
  private final Map<String, Sent> unkeyed = new ConcurrentHashMap<>();

  TortureTest(LocalDsql dsql) {
    this.dsql = dsql;
  }

  @Test
  void nothingLostNothingTwiceNoReplyFalse() throws Exception {
    System.out.println("torture: " + INVOCATIONS + " invocations, seed " + SEED);
    Tables.fresh(dsql, "torture", "id uuid DEFAULT gen_random_uuid() PRIMARY KEY, m text, r int");
    Tables.drop(dsql, "dsql_ledger");
    SplittableRandom random = new SplittableRandom(SEED);
    // Pauses take no time, deadlines do: what is left of them is real.
    try (LocalFunction function = new LocalFunction(dsql, Map.of("POOL_MAX", "4"));
        ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<Future<?>> senders = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        int name = thread;
        SplittableRandom own = random.split();
        senders.add(threads.submit(() -> send(function, name, own)));
      }
      for (Future<?> sender : senders) {
        sender.get();
      }
      dsql.faults().clear();
      Map<String, Set<String>> first = rows();
      unkeyed.values().forEach(sent -> checkOnlyReply(first, sent));
      alone.values().forEach(sent -> checkOnlyReply(first, sent));
      keyed.putAll(alone);
      check(first);
      // Whatever was told, a key sent once more is in, and told as it was first.
      keyed.forEach((key, sent) -> sent.told().add(told(function, event(sent, key))));
      Map<String, Set<String>> rows = rows();
      check(rows);
      keyed.forEach((key, sent) -> assertEquals(sent.rows(), count(rows, sent), key));
      assertEquals(
          Integer.toString(keyed.size()),
          Tables.value(dsql, "SELECT count(*) FROM public.dsql_ledger"));
    } finally {
      dsql.faults().clear();
    }
    Tables.awaitNoSessions(dsql);
  }

  private void send(LocalFunction function, int thread, SplittableRandom random) {
    for (int i = 0; i < INVOCATIONS / THREADS; i++) {
      fault(dsql.faults(), random);
      if (random.nextBoolean()) {
        // Sent once: what its one reply says must be so.
        boolean hasKey = random.nextBoolean();
        String marker = (hasKey ? "s" : "u") + thread + '-' + i;
        Sent sent = new Sent(marker, 1 + random.nextInt(3), new ConcurrentLinkedQueue<>());
        (hasKey ? alone : unkeyed).put(marker, sent);
        sent.told().add(told(function, event(sent, hasKey ? marker : "")));
      } else {
        // Few enough keys that senders meet, new ones all the time.
        String key = "k" + (i / 6) + '-' + random.nextInt(3);
        int rows = 1 + Math.floorMod(key.hashCode(), 3);
        Sent sent =
            keyed.computeIfAbsent(key, _ -> new Sent(key, rows, new ConcurrentLinkedQueue<>()));
        sent.told().add(told(function, event(sent, key)));
      }
    }
  }

  private static void fault(Faults faults, SplittableRandom random) {
    switch (random.nextInt(15)) {
      case 0 -> faults.failCommits(1 + random.nextInt(3), Failure.OC000);
      case 1 -> faults.failCommits(1, Failure.OC001);
      case 2 -> faults.failCommits(1 + random.nextInt(2), Failure.UNAVAILABLE);
      case 3 -> faults.failCommits(1 + random.nextInt(2), Failure.UNAVAILABLE_BUT_DONE);
      case 4 -> faults.failStatements(1, Failure.OC001);
      case 5 -> faults.failStatements(1, Failure.UNAVAILABLE);
      case 6 -> faults.cutBeforeCommits(1);
      case 7, 8 -> faults.cutAfterCommits(1);
      case 9 -> faults.cutAfterSending(1 + random.nextInt(3000));
      case 10 -> faults.cutAfterReceiving(1 + random.nextInt(4000));
      case 11 ->
          faults.refuseConnections(1, random.nextBoolean() ? Rejection.WAKING_UP : Rejection.RATE);
      case 12, 13 -> faults.commitLate(1, 1 + random.nextInt(6));
      default -> {}
    }
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

  private static Told told(LocalFunction function, String event) {
    try {
      String reply = function.invoke(event, Duration.ofSeconds(10));
      return new Told(at(reply, "outcome"), at(reply, "rows"));
    } catch (FunctionError e) {
      JsonObject problem = JsonAssert.object(String.valueOf(e.getMessage()));
      assertTrue(Integer.parseInt(at(problem, "status")) > 422, problem::toString);
      return new Told(at(problem, "outcome"), "");
    }
  }

  private static int count(Map<String, Set<String>> rows, Sent sent) {
    return rows.getOrDefault(sent.marker(), Set.of()).size();
  }

  /// Every reply against what is in the table.
  private void check(Map<String, Set<String>> rows) throws SQLException {
    keyed.forEach((key, sent) -> {
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
      case "committed" -> assertEquals(rows.get(marker), texts(told.rows()), marker);
      case "not_committed" -> assertEquals(0, count, marker + " was told not committed");
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
}
