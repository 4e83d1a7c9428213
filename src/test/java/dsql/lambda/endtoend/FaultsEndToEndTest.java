package dsql.lambda.endtoend;

import static dsql.JsonAssert.at;
import static dsql.JsonAssert.problem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import dsql.SharedDsql;
import dsql.Tables;
import dsql.TestClock;
import dsql.lambda.Conflict;
import dsql.lambda.FunctionError;
import dsql.lambda.LocalFunction;
import dsql.lambda.OutcomeUnknown;
import dsql.lambda.Unavailable;
import dsql.local.LocalDsql;
import dsql.local.fault.Failure;
import dsql.local.fault.Rejection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What the network and the service do to an invocation, and what comes of it.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class FaultsEndToEndTest {

  private static final String QUERY = "{\"action\":\"query\",\"table\":\"fault\"}";
  private static final String INSERT =
      "{\"action\":\"insert\",\"table\":\"fault\",\"rows\":[{\"a\":\"x\"}],\"returning\":[\"id\"]%s}";
  private static final String UNKEYED = INSERT.formatted("");
  private static final String KEYED = INSERT.formatted(",\"idempotencyKey\":\"k\"");

  private final LocalDsql dsql;
  private final TestClock clock = new TestClock();
  private final LocalFunction function;

  FaultsEndToEndTest(LocalDsql dsql) {
    this.dsql = dsql;
    this.function = new LocalFunction(dsql, Map.of(), clock);
  }

  @BeforeEach
  void freshTable() throws SQLException {
    Tables.fresh(dsql, "fault", "id uuid PRIMARY KEY DEFAULT gen_random_uuid(), a text");
    Tables.drop(dsql, "dsql_ledger");
    // The ledger and the shape are known before a fault comes.
    function.invoke(INSERT.formatted(",\"idempotencyKey\":\"first\""));
    Tables.run(dsql, "DELETE FROM public.fault");
  }

  @AfterEach
  void clear() {
    dsql.faults().clear();
    function.close();
    Tables.awaitNoSessions(dsql);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ",\"idempotencyKey\":\"k\"",
        ",\"onConflict\":{\"columns\":[\"id\"],\"do\":\"nothing\"}"
      })
  void aConflictIsRunAgain(String more) throws SQLException {
    dsql.faults().failCommits(3, Failure.OC000);
    String reply = function.invoke(INSERT.formatted(more));
    assertEquals("committed 4", at(reply, "outcome") + " " + at(reply, "attempts"));
    assertEquals(1, count());
  }

  @Test
  void conflictsWithoutEndAreGivenUp() throws SQLException {
    dsql.faults().failCommits(100, Failure.OC000);
    JsonObject problem = problem(Conflict.class, () -> function.invoke(UNKEYED));
    assertEquals("conflict_exhausted 503", at(problem, "code") + " " + at(problem, "status"));
    assertEquals(
        "40001 5 true",
        at(problem, "sqlstate") + " " + at(problem, "attempts") + " " + at(problem, "retryable"));
    assertTrue(
        at(problem, "detail").startsWith("Gave up after 5 attempts and "), problem.toString());
    assertEquals(0, count());
  }

  @Test
  void aSchemaConflictIsRunAgainAtOnce() {
    Instant before = clock.instant();
    dsql.faults().failStatements(1, Failure.OC001);
    assertEquals("0", at(function.invoke(QUERY), "page/count"));
    assertEquals(before, clock.instant(), "no pause before the first retry");
    dsql.faults().failCommits(1, Failure.OC001);
    assertEquals("2", at(function.invoke(UNKEYED), "attempts"));
    assertEquals(before, clock.instant());
  }

  @ParameterizedTest
  @EnumSource(Failure.class)
  void aCreateIsRunAgain(Failure failure) throws SQLException {
    Tables.drop(dsql, "made");
    dsql.faults().failCommits(2, failure);
    String reply =
        function.invoke(
            """
            {"action":"create","table":"made","columns":[{"name":"a","type":"text"}],
             "indexes":[{"name":"made_a","columns":["a"]}],"wait":true}\
            """);
    assertEquals(
        "2", Tables.value(dsql, "SELECT count(*) FROM pg_class WHERE relname LIKE 'made%'"));
    // Where the first attempt was done and did not say so, the table stands at the second.
    String outcome = failure == Failure.UNAVAILABLE_BUT_DONE ? "unchanged" : "created";
    assertEquals(outcome, at(reply, "outcome"), reply);
    assertFalse(reply.contains("building"), "awaited, whichever attempt made the index: " + reply);
  }

  @Test
  void aLostCommitWithoutAKeyIsUnknownAndNeverRunAgain() throws SQLException {
    dsql.faults().cutBeforeCommits(1);
    assertUnknown(problem(OutcomeUnknown.class, () -> function.invoke(UNKEYED)), false);
    assertEquals(0, count());

    dsql.faults().cutAfterCommits(1);
    assertUnknown(problem(OutcomeUnknown.class, () -> function.invoke(UNKEYED)), false);
    assertEquals(1, count());

    dsql.faults().failCommits(1, Failure.UNAVAILABLE);
    assertUnknown(problem(OutcomeUnknown.class, () -> function.invoke(UNKEYED)), false);
    dsql.faults().failCommits(1, Failure.UNAVAILABLE_BUT_DONE);
    assertUnknown(problem(OutcomeUnknown.class, () -> function.invoke(UNKEYED)), false);
    assertEquals(2, count());
  }

  @Test
  void aLostCommitWithAKeyIsRunAgainUntilItIsKnown() throws SQLException {
    dsql.faults().cutBeforeCommits(2);
    String first = function.invoke(KEYED);
    assertEquals("false 3", at(first, "replayed") + " " + at(first, "attempts"));
    assertEquals(1, count());

    dsql.faults().cutAfterCommits(1);
    String second = function.invoke(KEYED.replace("\"k\"", "\"k2\""));
    assertEquals("true 2", at(second, "replayed") + " " + at(second, "attempts"));
    assertEquals(2, count());
    String id =
        Tables.value(
            dsql, "SELECT id FROM public.fault WHERE id <> '" + at(first, "rows/0/id") + "'");
    assertEquals(id, at(second, "rows/0/id"), "the rows that were written first");

    dsql.faults().failCommits(7, Failure.UNAVAILABLE);
    assertEquals("false", at(function.invoke(KEYED.replace("\"k\"", "\"k3\"")), "replayed"));
    dsql.faults().failCommits(1, Failure.UNAVAILABLE_BUT_DONE);
    assertEquals("true", at(function.invoke(KEYED.replace("\"k\"", "\"k4\"")), "replayed"));
    assertEquals(4, count());
  }

  @Test
  void whereTimeEndsFirstAKeyedOutcomeIsUnknownAndMayBeSentAgain() throws SQLException {
    dsql.faults().failCommits(1_000_000, Failure.UNAVAILABLE_BUT_DONE);
    dsql.faults().failStatements(1_000_000, Failure.UNAVAILABLE);
    assertUnknown(problem(OutcomeUnknown.class, () -> function.invoke(KEYED)), true);
    dsql.faults().clear();
    function.invoke(KEYED);
    assertEquals(1, count());
  }

  /// Set back by more than each pause takes, it would lengthen the invocation for ever.
  @Test
  void aWallClockThatIsSetBackDoesNotLengthenIt() {
    AtomicInteger pauses = new AtomicInteger();
    try (LocalFunction timed =
        new LocalFunction(
            dsql,
            Map.of(),
            clock,
            time -> {
              assertTrue(pauses.incrementAndGet() < 1_000, "it goes on beyond its time");
              clock.advance(time);
              clock.set(time.multipliedBy(-2));
            })) {
      timed.invoke(KEYED.replace("\"k\"", "\"before\""));
      dsql.faults().failCommits(1_000_000, Failure.UNAVAILABLE_BUT_DONE);
      dsql.faults().failStatements(1_000_000, Failure.UNAVAILABLE);
      long begun = clock.nanos();
      assertUnknown(problem(OutcomeUnknown.class, () -> timed.invoke(KEYED)), true);
      assertTrue(clock.nanos() - begun <= 29_000_000_000L);
    }
  }

  /// By a clock that was set on by an hour the connection is old, and the invocation is not over.
  @Test
  void aWallClockThatIsSetOnDoesNotEndIt() {
    int logins = dsql.logins().size();
    try (LocalFunction timed =
        new LocalFunction(
            dsql,
            Map.of(),
            clock,
            time -> {
              clock.advance(time);
              clock.set(Duration.ofHours(1));
            })) {
      dsql.faults().failCommits(2, Failure.OC000);
      assertEquals("3", at(timed.invoke(UNKEYED), "attempts"));
      assertEquals(logins + 3, dsql.logins().size());
    }
  }

  @Test
  void noAttemptIsBegunThatCannotEnd() throws SQLException {
    dsql.faults().failCommits(1_000, Failure.OC000);
    Instant before = clock.instant();
    // 30 ms of budget after the reserve: the first pause, 10 ms at least, leaves no time.
    JsonObject problem =
        problem(Conflict.class, () -> function.invoke(UNKEYED, Duration.ofMillis(530)));
    assertEquals("1", at(problem, "attempts"));
    assertEquals(before, clock.instant(), "nor is a pause begun that leaves no time");
    assertEquals(0, count());
  }

  @ParameterizedTest
  @EnumSource(Rejection.class)
  void aRefusedConnectionIsTriedAgain(Rejection rejection) {
    clock.advance(Duration.ofHours(1));
    dsql.faults().refuseConnections(2, rejection);
    assertEquals("3", at(function.invoke(UNKEYED), "attempts"));
  }

  @Test
  void aRefusalByRateIsNotCountedAgainstTheAttempts() {
    clock.advance(Duration.ofHours(1));
    Instant before = clock.instant();
    dsql.faults().refuseConnections(7, Rejection.RATE);
    assertEquals("8", at(function.invoke(UNKEYED), "attempts"));
    Duration waited = Duration.between(before, clock.instant());
    assertTrue(waited.compareTo(Duration.ofSeconds(7)) >= 0, waited::toString);
  }

  @Test
  void connectionsRefusedForGoodAreTold() {
    clock.advance(Duration.ofHours(1));
    for (Rejection rejection : Rejection.values()) {
      dsql.faults().clear();
      dsql.faults().refuseConnections(1000, rejection);
      JsonObject problem = problem(Unavailable.class, () -> function.invoke(UNKEYED));
      String expected =
          switch (rejection) {
            case TOO_MANY -> "too_many_connections 429";
            case RATE -> "connection_rate_exceeded 429";
            case WAKING_UP -> "database_unavailable 503";
          };
      assertEquals(expected, at(problem, "code") + " " + at(problem, "status"));
    }
  }

  @Test
  void anAbsentClusterIsAskedOnceByEachRequest() {
    clock.advance(Duration.ofHours(1));
    dsql.faults().refuseConnections(1_000, Rejection.WAKING_UP);
    assertEquals("5", at(problem(Unavailable.class, () -> function.invoke(UNKEYED)), "attempts"));
    for (int i = 0; i < 10; i++) {
      Instant before = clock.instant();
      JsonObject problem = problem(Unavailable.class, () -> function.invoke(UNKEYED));
      assertEquals(
          "database_unavailable not_committed true 1",
          String.join(
              " ",
              at(problem, "code"),
              at(problem, "outcome"),
              at(problem, "retryable"),
              at(problem, "attempts")));
      assertTrue(Duration.between(before, clock.instant()).compareTo(Duration.ofSeconds(2)) <= 0);
    }
    dsql.faults().clear();
    assertEquals("1", at(function.invoke(UNKEYED), "attempts"));
  }

  @Test
  void aClusterThatWakesUpIsWaitedFor() {
    clock.advance(Duration.ofHours(1));
    Instant before = clock.instant();
    dsql.faults().refuseConnections(4, Rejection.WAKING_UP);
    assertEquals("5", at(function.invoke(UNKEYED), "attempts"));
    Duration waited = Duration.between(before, clock.instant());
    assertTrue(waited.compareTo(Duration.ofMillis(3_500)) > 0, waited::toString);
    assertTrue(waited.compareTo(Duration.ofSeconds(11)) < 0, waited::toString);
  }

  @Test
  void anUnknownOutcomeIsFoundOutForAsLongAsThereIsTime() throws SQLException {
    dsql.faults().cutAfterCommits(1);
    // Beyond the maximum of attempts, and beyond the holds that a request waits for otherwise.
    dsql.faults().refuseConnections(12, Rejection.WAKING_UP);
    String reply = function.invoke(KEYED, Duration.ofSeconds(29));
    assertEquals("committed 14", at(reply, "outcome") + " " + at(reply, "attempts"));
    assertEquals(1, count());
    dsql.faults().cutAfterCommits(1);
    dsql.faults().refuseConnections(1_000, Rejection.WAKING_UP);
    Instant before = clock.instant();
    assertThrows(
        OutcomeUnknown.class,
        () -> function.invoke(KEYED.replace("\"k\"", "\"l\""), Duration.ofSeconds(29)));
    Duration unused = Duration.between(clock.instant(), before.plusSeconds(29));
    assertTrue(unused.compareTo(Duration.ofSeconds(3)) < 0, unused::toString);
  }

  @Test
  void aDeadPooledConnectionNeverSurfaces() throws SQLException {
    Tables.killSessions(dsql);
    // Too short for a validation.
    clock.advance(Duration.ofSeconds(2));
    assertEquals("1", at(function.invoke(UNKEYED), "counts/written"));
    Tables.killSessions(dsql);
    assertEquals("1", at(function.invoke(QUERY), "page/count"));
    Tables.killSessions(dsql);
    assertEquals("false", at(function.invoke(KEYED), "replayed"));
    assertEquals(2, count());
  }

  @Test
  void aThawedEnvironmentConnectsAnew() throws SQLException {
    int logins = dsql.logins().size();
    clock.advance(Duration.ofMinutes(5));
    function.invoke(QUERY);
    assertEquals(logins, dsql.logins().size(), "idle, asked and found alive");
    Tables.killSessions(dsql);
    clock.advance(Duration.ofMinutes(5));
    function.invoke(UNKEYED);
    assertEquals(logins + 1, dsql.logins().size(), "idle, asked and found dead");
    clock.advance(Duration.ofMinutes(50));
    function.invoke(UNKEYED);
    assertEquals(logins + 2, dsql.logins().size(), "too old, before the server cuts it");
  }

  @Test
  void anExpiredTokenIsReplacedByAFreshOne() {
    dsql.faults().expireTokens(1);
    assertEquals("1", at(function.invoke(UNKEYED), "attempts"), "an open session outlives it");
    clock.advance(Duration.ofHours(1));
    assertEquals("2", at(function.invoke(UNKEYED), "attempts"));
  }

  @Test
  void aRotatedCertificateOfTheSameAuthorityIsAccepted() {
    dsql.faults().rotateCertificate();
    clock.advance(Duration.ofHours(1));
    assertEquals("0", at(function.invoke(QUERY), "page/count"));
  }

  @Test
  void aFrozenServerIsLeftBeforeTheInvocationEnds() throws SQLException {
    LocalFunction timed = new LocalFunction(dsql, Map.of());
    timed.invoke(QUERY);
    dsql.faults().freeze();
    try {
      long begun = System.nanoTime();
      JsonObject query =
          problem(Unavailable.class, () -> timed.invoke(QUERY, Duration.ofMillis(1500)));
      assertEquals("deadline_exceeded", at(query, "code"));
      long took = (System.nanoTime() - begun) / 1_000_000;
      assertTrue(took < 1500, "within the invocation's time: " + took + " ms");
    } finally {
      dsql.faults().thaw();
    }
    timed.invoke(UNKEYED);
    dsql.faults().freeze();
    try {
      JsonObject insert =
          problem(OutcomeUnknown.class, () -> timed.invoke(UNKEYED, Duration.ofMillis(1500)));
      assertEquals("outcome_unknown", at(insert, "code"));
    } finally {
      dsql.faults().thaw();
      timed.close();
    }
  }

  /// A wall clock that is set back while the function pauses does not lengthen the invocation.
  @Test
  void aClockThatIsSetBackGivesNoMoreTime() {
    dsql.faults().failCommits(100, Failure.OC000);
    TestClock wall = new TestClock();
    try (LocalFunction timed =
        new LocalFunction(
            dsql,
            Map.of("RETRY_MAX_ATTEMPTS", "10"),
            wall,
            time -> {
              wall.advance(Duration.ofSeconds(2));
              wall.set(Duration.ofDays(-1));
            })) {
      JsonObject problem =
          problem(FunctionError.class, () -> timed.invoke(UNKEYED, Duration.ofSeconds(5)));
      assertEquals("deadline_exceeded", at(problem, "code"));
      assertTrue(Integer.parseInt(at(problem, "attempts")) <= 4, problem.toString());
    }
  }

  private static void assertUnknown(JsonObject problem, boolean retryable) {
    assertEquals("outcome_unknown 503", at(problem, "code") + " " + at(problem, "status"));
    assertEquals("unknown " + retryable, at(problem, "outcome") + " " + at(problem, "retryable"));
  }

  private int count() throws SQLException {
    return Integer.parseInt(Tables.value(dsql, "SELECT count(*) FROM public.fault"));
  }
}
