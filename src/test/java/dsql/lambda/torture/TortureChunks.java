package dsql.lambda.torture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dsql.Tables;
import dsql.lambda.LocalFunction;
import dsql.local.LocalDsql;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Chunked inserts: two environments that send one key at a time, often with a bad row beyond the
/// first chunk, and runs whose key expires under way.
final class TortureChunks implements AutoCloseable {

  private static final Duration TIME = Duration.ofSeconds(20);
  private static final int CHUNK = 2999;
  private static final int TRIES = 40;
  private static final String TICK =
      "{\"detail-type\":\"Scheduled Event\",\"source\":\"aws.events\",\"detail\":{}}";

  /// A request.
  ///
  /// @param key its key, and what marks its rows
  /// @param rows how many it has
  /// @param bad the one that the table refuses; the number of rows where there is none
  private record Request(String key, int rows, int bad, String event) {}

  private final LocalDsql dsql;
  private final SplittableRandom random;
  private final LocalFunction one;
  private final LocalFunction two;
  private final LocalFunction away;
  private final ExecutorService threads = Executors.newFixedThreadPool(2);
  private final List<Request> requests = new ArrayList<>();
  private int invocations;

  TortureChunks(LocalDsql dsql, SplittableRandom random) throws SQLException {
    this.dsql = dsql;
    this.random = random;
    Tables.fresh(
        dsql,
        "torture_chunks",
        "id uuid DEFAULT gen_random_uuid() PRIMARY KEY, m text, r int CHECK (r >= 0), u int UNIQUE");
    Tables.run(dsql, "INSERT INTO public.torture_chunks (m, r, u) VALUES ('', 0, 0)");
    one = new LocalFunction(dsql, Map.of());
    two = new LocalFunction(dsql, Map.of());
    away =
        new LocalFunction(
            dsql, Map.of("CLUSTER_ENDPOINT", "localhost:1", "RETRY_MAX_ATTEMPTS", "1"));
  }

  /// Sends about so many events.
  void run(int count) throws Exception {
    for (int round = 0; invocations < count; round++) {
      switch (round % 3) {
        case 0 -> twoSenders(true);
        case 1 -> expires(round % 2 == 1);
        default -> twoSenders(random.nextBoolean());
      }
    }
  }

  /// Every request once more, when nothing fails any longer.
  void check() throws SQLException {
    for (Request request : requests) {
      TortureReply reply = send(one, request);
      long in = in(request);
      if (request.bad() == request.rows()) {
        assertEquals(request.rows(), in, () -> request.key() + ": " + reply);
        assertTrue(reply.committed(), reply::toString);
      } else {
        assertEquals(request.bad() - request.bad() % CHUNK, in, () -> request.key() + ": " + reply);
        checkStopped(request, reply, in, in);
      }
    }
  }

  private void twoSenders(boolean bad) throws Exception {
    Request request = request(2 * CHUNK + 50, bad);
    requests.add(request);
    CyclicBarrier together = new CyclicBarrier(2);
    List<Future<TortureReply>> replies = new ArrayList<>();
    for (LocalFunction function : List.of(one, two)) {
      TortureFaults.order(dsql.faults(), random);
      replies.add(
          threads.submit(() -> {
            together.await();
            return TortureReply.to(function, request.event(), TIME);
          }));
    }
    invocations += 2;
    List<TortureReply> told = new ArrayList<>();
    for (Future<TortureReply> reply : replies) {
      told.add(reply.get());
    }
    long in = in(request);
    told.forEach(reply -> check(request, reply, 0, in));
    TortureReply unseen = send(away, request);
    assertTrue(in == 0 || !unseen.notCommitted(), unseen::toString);
    TortureFaults.order(dsql.faults(), random);
    TortureReply again = send(random.nextBoolean() ? one : two, request);
    check(request, again, in, in(request));
  }

  /// A reply against the rows that are in: so many at least when it began, and so many at most when
  /// it had come.
  private static void check(Request request, TortureReply reply, long before, long after) {
    if (reply.committed()) {
      assertEquals(request.rows(), after, reply::toString);
    } else {
      checkStopped(request, reply, before, after);
    }
  }

  private static void checkStopped(Request request, TortureReply reply, long before, long after) {
    if (reply.thrown()) {
      // The bad row is beyond the first chunk: who met it knows of that.
      assertTrue(!reply.refused(), () -> request.key() + ": " + reply);
      assertTrue(before == 0 || !reply.notCommitted(), () -> request.key() + ": " + reply);
      return;
    }
    assertTrue(reply.partial(), reply::toString);
    long next = 0;
    for (JsonElement element : reply.array("chunks")) {
      JsonObject chunk = element.getAsJsonObject();
      long first = chunk.getAsJsonArray("rows").get(0).getAsLong();
      long last = chunk.getAsJsonArray("rows").get(1).getAsLong();
      assertEquals(next, first, reply::toString);
      next = last + 1;
      switch (chunk.get("outcome").getAsString()) {
        case "committed" -> assertTrue(last < after, () -> after + " are in: " + reply);
        case "not_committed" -> {
          assertTrue(first >= before, () -> before + " were in: " + reply);
          String code = chunk.get("code").getAsString();
          if (code.equals("check_violation") || code.equals("unique_violation")) {
            assertEquals(after, first, reply::toString);
            assertTrue(first <= request.bad() && request.bad() <= last, reply::toString);
          }
        }
        default -> assertEquals("unknown", chunk.get("outcome").getAsString());
      }
    }
  }

  // The key's time passes while a run is under way: then it ends there, or goes on, but never from
  // the start. Or most of its time passes: then it has all of it again after the next chunk.
  private void expires(boolean whole) throws Exception {
    Request request = request(6 * CHUNK, false);
    Future<TortureReply> sender = threads.submit(() -> TortureReply.to(one, request.event(), TIME));
    invocations++;
    while (!sender.isDone() && in(request) < 2 * CHUNK) {
      Thread.onSpinWait();
    }
    String next =
        age(
            request,
            whole
                ? "DELETE FROM public.dsql_ledger"
                : "UPDATE public.dsql_ledger SET expires_at = expires_at - interval '167:59'");
    TortureReply reply = sender.get();
    long in = in(request);
    check(request, reply, next.equals("null") ? 0 : Long.parseLong(next), in);
    if (!whole && reply.committed() && !next.equals(Integer.toString(request.rows()))) {
      age(request, "UPDATE public.dsql_ledger SET expires_at = expires_at - interval '2 minutes'");
      prune(request);
      for (int i = 0; i < TRIES; i++) {
        TortureReply again = send(two, request);
        assertNotEquals("not_committed", again.outcome(), again::toString);
        if (!again.unlucky()) {
          assertTrue(again.committed(), again::toString);
          break;
        }
      }
      assertEquals(request.rows(), in(request), request.key());
    }
  }

  /// Lets time pass for a key, so much that another environment may have removed it.
  ///
  /// @return the row that it had come to; `null` where it is not there
  private String age(Request request, String change) throws SQLException {
    while (true) {
      try {
        return Tables.value(
            dsql,
            "WITH aged AS (%s WHERE key = '%s' RETURNING next_row) SELECT max(next_row) FROM aged"
                .formatted(change, request.key()));
      } catch (SQLException e) {
        // The run has just moved the row on.
        assertEquals("40001", e.getSQLState(), e::toString);
      }
    }
  }

  /// Has the function remove what has expired, which takes as many ticks as there are faults.
  private void prune(Request request) throws SQLException {
    for (int i = 0; i < TRIES && isExpired(request); i++) {
      TortureReply _ = TortureReply.to(two, TICK, TIME);
      invocations++;
    }
  }

  private boolean isExpired(Request request) throws SQLException {
    return Tables.value(
            dsql,
            "SELECT count(*) FROM public.dsql_ledger WHERE key = '%s' AND expires_at <= now()"
                .formatted(request.key()))
        .equals("1");
  }

  private TortureReply send(LocalFunction function, Request request) {
    invocations++;
    return TortureReply.to(function, request.event(), TIME);
  }

  /// How many rows are in, which must be the first ones, once each.
  private long in(Request request) throws SQLException {
    String[] counts =
        Tables.value(
                dsql,
                """
                SELECT concat_ws(' ', count(*), count(DISTINCT r), coalesce(max(r) + 1, 0))
                FROM public.torture_chunks WHERE m = '%s'\
                """
                    .formatted(request.key()))
            .split(" ", -1);
    assertEquals(counts[0], counts[1], () -> request.key() + ": rows are in twice");
    assertEquals(counts[0], counts[2], () -> request.key() + ": rows are missing");
    return Long.parseLong(counts[0]);
  }

  private Request request(int rows, boolean hasBad) {
    String key = "c" + invocations;
    int bad = hasBad ? CHUNK + random.nextInt(rows - CHUNK) : rows;
    boolean unique = random.nextBoolean();
    StringBuilder event = new StringBuilder("{\"action\":\"insert\",\"table\":\"torture_chunks\",");
    event.append("\"atomicity\":\"chunk\",\"idempotencyKey\":\"").append(key);
    event.append("\",\"rows\":[");
    for (int row = 0; row < rows; row++) {
      event.append(row == 0 ? "" : ",").append("{\"m\":\"").append(key).append("\",\"r\":");
      event.append(row == bad && !unique ? -1 : row);
      event.append(row == bad && unique ? ",\"u\":0}" : "}");
    }
    return new Request(key, rows, bad, event.append("]}").toString());
  }

  @Override
  public void close() {
    threads.close();
    one.close();
    two.close();
    away.close();
  }
}
