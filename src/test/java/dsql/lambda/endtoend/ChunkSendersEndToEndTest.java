package dsql.lambda.endtoend;

import static dsql.JsonAssert.at;
import static dsql.JsonAssert.object;
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
import dsql.local.LocalDsql;
import dsql.local.fault.Failure;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Two senders of one chunked insert, and what happens to its key meanwhile. A trigger has one
/// transaction meet a conflict at a row, and what happens then happens while the function pauses.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class ChunkSendersEndToEndTest {

  private final LocalDsql dsql;
  private final Queue<Runnable> meanwhile = new ConcurrentLinkedQueue<>();
  private final TestClock clock = new TestClock();
  private final LocalFunction function;
  private final LocalFunction other;

  ChunkSendersEndToEndTest(LocalDsql dsql) {
    this.dsql = dsql;
    this.other = new LocalFunction(dsql, Map.of());
    this.function =
        new LocalFunction(
            dsql,
            Map.of(),
            clock,
            time -> {
              clock.advance(time);
              Runnable then = meanwhile.poll();
              if (then != null) {
                then.run();
              }
            });
  }

  @BeforeEach
  void fresh() throws SQLException {
    Tables.fresh(dsql, "sent", "id integer PRIMARY KEY");
    Tables.drop(dsql, "dsql_ledger");
    function.invoke(event("warm", 10_000, 10_001));
    other.invoke(event("warm", 10_000, 10_001));
  }

  @AfterEach
  void close() throws SQLException {
    function.close();
    other.close();
    Tables.run(
        dsql,
        "DROP FUNCTION IF EXISTS public.once CASCADE; DROP FUNCTION IF EXISTS public.waits CASCADE;"
            + " DROP TABLE IF EXISTS public.met, public.grown");
    Tables.awaitNoSessions(dsql);
  }

  /// 7,000 rows in chunks of 2,999, of which the row 4,000 is bad.
  @ParameterizedTest
  @ValueSource(ints = {0, 1500, 2998, 3500})
  void theSecondSenderOfABadRowTellsWhatIsIn(int conflictAt) throws SQLException {
    Tables.run(dsql, "INSERT INTO public.sent VALUES (4000)");
    conflictOnceAt(conflictAt, () -> other.invoke(event("k", 0, 7000)));
    JsonObject reply = object(function.invoke(event("k", 0, 7000)));
    assertEquals("partial", at(reply, "outcome"));
    assertEquals("{\"received\":7000,\"written\":2999,\"skipped\":0}", at(reply, "counts"));
    assertEquals(
        "[0,2998] committed", at(reply, "chunks/0/rows") + " " + at(reply, "chunks/0/outcome"));
    assertEquals(
        "[2999,5997] not_committed unique_violation",
        at(reply, "chunks/1/rows")
            + " "
            + at(reply, "chunks/1/outcome")
            + " "
            + at(reply, "chunks/1/code"));
    assertEquals(2, reply.getAsJsonArray("chunks").size());
    assertEquals("2999", inTheTable());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3500, 6500})
  void theSecondSenderOfGoodRowsTellsThatAllAreIn(int conflictAt) throws SQLException {
    conflictOnceAt(conflictAt, () -> other.invoke(event("k", 0, 7000)));
    JsonObject reply = object(function.invoke(event("k", 0, 7000)));
    assertEquals("committed 7000", at(reply, "outcome") + " " + at(reply, "counts/written"));
    assertEquals("7000", inTheTable());
  }

  /// Whether it expired and was pruned, or somebody deleted it.
  @Test
  void aRunNeverGoesBackBehindWhatItKnows() throws SQLException {
    conflictOnceAt(3500, () -> run("DELETE FROM public.dsql_ledger"));
    JsonObject reply = object(function.invoke(event("k", 0, 7000)));
    assertEquals("partial 2999", at(reply, "outcome") + " " + at(reply, "counts/written"));
    assertEquals(
        "[0,2998] committed", at(reply, "chunks/0/rows") + " " + at(reply, "chunks/0/outcome"));
    assertEquals("internal", at(reply, "chunks/1/code"));
    assertTrue(at(reply, "chunks/1/detail").contains("under a new key"), reply.toString());
    assertEquals("2999", inTheTable());
  }

  /// Its row expires after the first chunk, and is not pruned yet.
  @Test
  void aRunGoesOnUnderARowThatHasExpired() throws SQLException {
    conflictOnceAt(
        3500, () -> run("UPDATE public.dsql_ledger SET expires_at = now() - interval '1 s'"));
    JsonObject reply = object(function.invoke(event("k", 0, 7000)));
    assertEquals("committed 7000", at(reply, "outcome") + " " + at(reply, "counts/written"));
    assertEquals("7000", inTheTable());
    assertEquals(
        "true",
        Tables.value(
            dsql, "SELECT (expires_at > now())::text FROM public.dsql_ledger WHERE key = 'k'"));
  }

  @Test
  void aKeyLivesFromItsLastProgress() throws SQLException {
    function.invoke(event("k", 0, 7000));
    assertEquals(
        "true",
        Tables.value(
            dsql,
            "SELECT (expires_at > created_at + interval '7 days')::text FROM public.dsql_ledger"
                + " WHERE key = 'k'"));
  }

  /// The database is gone in a later chunk, before the key could be looked at again.
  @Test
  void aLaterChunkWhoseKeyWasNotLookedAtIsUnknown() throws SQLException {
    conflictOnceAt(3500, () -> dsql.faults().failStatements(1000, Failure.OC000));
    JsonObject reply;
    try {
      reply = object(function.invoke(event("k", 0, 7000)));
    } finally {
      dsql.faults().clear();
    }
    assertEquals("partial 2999", at(reply, "outcome") + " " + at(reply, "counts/written"));
    assertEquals("unknown", at(reply, "chunks/1/outcome"));
    assertFalse(at(reply, "chunks/1/detail").contains("nothing was written"), reply.toString());
    reply = object(function.invoke(event("k", 0, 7000)));
    assertEquals("committed 7000", at(reply, "outcome") + " " + at(reply, "counts/written"));
  }

  /// The commit of the first chunk is done, that of the second comes late, and both answers are
  /// lost; then the second chunk returns more than the function takes, its connection ends, and
  /// with it the time. The key has moved since the run's first attempt, but says nothing of the
  /// second chunk.
  @Test
  void aLostCommitIsNotForgottenForAnEarlierChunk() throws SQLException {
    growsOnceMet();
    JsonObject reply;
    try (Connection gate = dsql.superuser().getConnection()) {
      dsql.faults().cutAfterCommits(1);
      meanwhile.add(() -> {
        run(gate, "SELECT pg_advisory_lock(2999)");
        dsql.faults().commitLate(1, 1);
      });
      meanwhile.add(() -> {
        run("INSERT INTO public.met VALUES (1)");
        clock.advance(Duration.ofSeconds(20));
      });
      String returning = "\"table\":\"grown\",\"returning\":[\"t\"]";
      String event = event("k", 0, 7000).replace("\"table\":\"sent\"", returning);
      reply = object(function.invoke(event));
    }
    function.close();
    other.close();
    Tables.awaitNoSessions(dsql);
    assertEquals("5998", Tables.value(dsql, "SELECT count(*) FROM public.grown"));
    assertEquals("partial 2999", at(reply, "outcome") + " " + at(reply, "counts/written"));
    assertEquals(
        "[2999,5997] unknown", at(reply, "chunks/1/rows") + " " + at(reply, "chunks/1/outcome"));
  }

  /// A table whose rows are large once there is a row in another, and whose row 2,999 is committed
  /// when nobody holds a lock.
  private void growsOnceMet() throws SQLException {
    Tables.fresh(dsql, "grown", "id integer, t text");
    Tables.run(
        dsql,
        """
        CREATE TABLE public.met (id integer);
        GRANT ALL ON public.met TO PUBLIC;
        CREATE OR REPLACE FUNCTION public.once() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF EXISTS (SELECT FROM public.met) THEN
            NEW.t := repeat('x', 40000);
          END IF;
          RETURN NEW;
        END $$;
        CREATE TRIGGER once BEFORE INSERT ON public.grown FOR EACH ROW
        EXECUTE FUNCTION public.once();
        CREATE OR REPLACE FUNCTION public.waits() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM pg_advisory_xact_lock(2999);
          RETURN NULL;
        END $$;
        CREATE CONSTRAINT TRIGGER waits AFTER INSERT ON public.grown DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW WHEN (NEW.id = 2999) EXECUTE FUNCTION public.waits();\
        """);
  }

  /// The rest does not fit the table any more, or there is no table: the first rows are in.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "ALTER TABLE public.sent RENAME COLUMN id TO renamed",
        "ALTER TABLE public.sent ALTER COLUMN id TYPE date USING date '2024-02-29' + id",
        "DROP TABLE public.sent",
        "REVOKE ALL ON public.sent FROM admin; ALTER TABLE public.sent OWNER TO postgres"
      })
  void whatStopsTheRestIsNoRefusalOfTheWhole(String change) throws SQLException {
    Tables.run(dsql, "INSERT INTO public.sent VALUES (4000)");
    function.invoke(event("k", 0, 7000));
    Tables.run(dsql, change);
    JsonObject reply = object(function.invoke(event("k", 0, 7000)));
    assertEquals("partial 2999", at(reply, "outcome") + " " + at(reply, "counts/written"));
    assertEquals("not_committed", at(reply, "chunks/1/outcome"));
    assertFalse(at(reply, "chunks/1/detail").contains("nothing was"), reply.toString());
  }

  @Test
  void anotherRequestUnderTheKeyIsStillRefused() {
    function.invoke(event("k", 0, 10));
    JsonObject problem = problem(RequestRejected.class, () -> function.invoke(event("k", 0, 11)));
    assertEquals(
        "idempotency_key_reused not_committed", at(problem, "code") + " " + at(problem, "outcome"));
  }

  private void conflictOnceAt(int row, Runnable then) throws SQLException {
    Tables.run(
        dsql,
        """
        CREATE TABLE IF NOT EXISTS public.met (id integer);
        GRANT ALL ON public.met TO PUBLIC;
        CREATE OR REPLACE FUNCTION public.once() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF NEW.id = %d AND NOT EXISTS (SELECT FROM public.met) THEN
            RAISE EXCEPTION 'change conflicts with another transaction (OC000)'
              USING ERRCODE = '40001';
          END IF;
          RETURN NEW;
        END $$;
        CREATE TRIGGER once BEFORE INSERT ON public.sent FOR EACH ROW
        EXECUTE FUNCTION public.once();\
        """
            .formatted(row));
    meanwhile.add(() -> {
      run("INSERT INTO public.met VALUES (1)");
      then.run();
    });
  }

  private static void run(Connection connection, String sql) {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  private void run(String sql) {
    try {
      Tables.run(dsql, sql);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  private String inTheTable() throws SQLException {
    return Tables.value(
        dsql,
        "SELECT count(*) FROM public.sent WHERE id < 10000 AND"
            + " NOT (id = 4000 AND (SELECT count(*) FROM public.sent) < 7000)");
  }

  private static String event(String key, int from, int to) {
    return "{\"action\":\"insert\",\"table\":\"sent\",\"atomicity\":\"chunk\",\"idempotencyKey\":\""
        + key
        + "\",\"rows\":"
        + IntStream.range(from, to)
            .mapToObj(id -> "{\"id\":" + id + "}")
            .collect(Collectors.joining(",", "[", "]"))
        + "}";
  }
}
