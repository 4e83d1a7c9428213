package dsql.lambda.endtoend;

import static dsql.JsonAssert.at;
import static dsql.JsonAssert.problem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import dsql.SharedDsql;
import dsql.Tables;
import dsql.TestClock;
import dsql.lambda.LocalFunction;
import dsql.lambda.RequestRejected;
import dsql.lambda.Unavailable;
import dsql.local.LocalDsql;
import java.io.OutputStream;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// A tick with more expired keys than it has time for, or that something stops.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class TickEndToEndTest {

  private static final String TICK =
      "{\"detail-type\":\"Scheduled Event\",\"source\":\"aws.events\",\"detail\":{}}";

  /// The first one makes the ledger.
  private static final String KEYED =
      "{\"action\":\"insert\",\"table\":\"ticked\",\"rows\":[{\"n\":1}],\"idempotencyKey\":\"k\"}";

  private final LocalDsql dsql;
  private final TestClock clock = new TestClock();
  private final LocalFunction function;

  TickEndToEndTest(LocalDsql dsql) {
    this.dsql = dsql;
    this.function = new LocalFunction(dsql, Map.of(), clock);
  }

  @BeforeEach
  void freshTables() throws SQLException {
    Tables.fresh(dsql, "ticked", "id uuid PRIMARY KEY DEFAULT gen_random_uuid(), n bigint");
    Tables.drop(dsql, "dsql_ledger");
  }

  @AfterEach
  void close() throws SQLException {
    function.close();
    Tables.drop(dsql, "dsql_ledger");
    Tables.run(dsql, "DROP FUNCTION IF EXISTS public.refuse()");
    Tables.awaitNoSessions(dsql);
  }

  @Test
  void aTickStopsAtHalfItsTimeAndTheNextGoesOn() throws SQLException {
    expireKeys(4_000);
    AtomicLong looks = new AtomicLong();
    // Each look at the time takes a quarter of a second.
    try (LocalFunction slow =
        new LocalFunction(
            dsql,
            Map.of(),
            OutputStream.nullOutputStream(),
            InstantSource.system(),
            () -> looks.incrementAndGet() * 250_000_000,
            _ -> {})) {
      String first = slow.invoke(TICK);
      assertEquals("alive true", at(first, "outcome") + " " + at(first, "ledger/more"));
      int pruned = Integer.parseInt(at(first, "ledger/pruned"));
      assertTrue(pruned >= 500 && pruned < 4_000 && pruned % 500 == 0, first);
      long spent = looks.get() * 250;
      assertTrue(spent > 10_000 && spent < 20_000, "of 28.5 s: " + spent + " ms");
      assertEquals(Integer.toString(4_000 - pruned), keys());
    }
    String last = function.invoke(TICK);
    assertEquals("0", keys());
    assertFalse(last.contains("more"), last);
  }

  @Test
  void aTickWhoseTimeEndsInABatchTellsOfTheBatchesBefore() throws SQLException {
    expireKeys(1_200);
    refuseDeletesFrom(700, "serialization_failure");
    try (LocalFunction timed =
        new LocalFunction(dsql, Map.of(), clock, _ -> clock.advance(Duration.ofSeconds(29)))) {
      String reply = timed.invoke(TICK);
      assertEquals("500 true", at(reply, "ledger/pruned") + " " + at(reply, "ledger/more"));
      JsonObject nothing = problem(Unavailable.class, () -> timed.invoke(TICK));
      assertEquals(
          "deadline_exceeded not_committed", at(nothing, "code") + " " + at(nothing, "outcome"));
    }
    assertEquals("700", keys());
  }

  @Test
  void aTickThatFailsTellsHowFarItCame() throws SQLException {
    expireKeys(1_200);
    refuseDeletesFrom(700, "insufficient_privilege");
    JsonObject problem = problem(RequestRejected.class, () -> function.invoke(TICK));
    assertEquals("permission_denied partial", at(problem, "code") + " " + at(problem, "outcome"));
    assertTrue(
        at(problem, "detail").startsWith("500 expired keys were removed; "), problem::toString);
    assertEquals("700", keys());
  }

  private void refuseDeletesFrom(int keys, String condition) throws SQLException {
    Tables.run(
        dsql,
        "CREATE OR REPLACE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            + " IF (SELECT count(*) FROM public.dsql_ledger) <= "
            + keys
            + " THEN RAISE "
            + condition
            + "; END IF; RETURN NULL; END $$");
    Tables.run(
        dsql,
        "CREATE TRIGGER refuse BEFORE DELETE ON public.dsql_ledger"
            + " FOR EACH STATEMENT EXECUTE FUNCTION public.refuse()");
  }

  private void expireKeys(int count) throws SQLException {
    function.invoke(KEYED);
    Tables.run(dsql, "DELETE FROM public.dsql_ledger");
    for (int i = 0; i < count; i += 1_000) {
      Tables.run(
          dsql,
          "INSERT INTO public.dsql_ledger (key, fingerprint, next_row, written, expires_at)"
              + " SELECT 'old' || i, '', 0, 0, now() - interval '1 day' FROM generate_series("
              + (i + 1)
              + ", "
              + Math.min(count, i + 1_000)
              + ") i");
    }
  }

  private String keys() throws SQLException {
    return Tables.value(dsql, "SELECT count(*) FROM public.dsql_ledger");
  }
}
