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
import dsql.lambda.Conflict;
import dsql.lambda.FunctionError;
import dsql.lambda.LocalFunction;
import dsql.lambda.OutcomeUnknown;
import dsql.lambda.RequestRejected;
import dsql.lambda.Unavailable;
import dsql.local.LocalDsql;
import dsql.local.fault.ExistingIndex;
import dsql.local.fault.Failure;
import dsql.local.wire.Refusal;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What `create` answers when an answer of the database is lost, and when others change the same
/// names between two of its statements.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class CreateFaultsEndToEndTest {

  private static final String PLAIN =
      "\"columns\":[{\"name\":\"id\",\"type\":\"uuid\"},{\"name\":\"name\",\"type\":\"text\"}],"
          + "\"primaryKey\":[\"id\"]";
  private static final String INDEXED =
      PLAIN + ",\"indexes\":[{\"name\":\"x\",\"columns\":[\"name\"]}]";
  private static final String TWO_INDEXES =
      PLAIN
          + ",\"indexes\":[{\"name\":\"x\",\"columns\":[\"name\"]},"
          + "{\"name\":\"y\",\"columns\":[\"name\",\"id\"]}]";
  private static final String ERROR = ",\"ifExists\":\"error\"";
  private static final String TABLE = "CREATE TABLE names.item (id uuid PRIMARY KEY, name text)";

  /// What others do in the next pauses between attempts, one each.
  private final Queue<Callable<?>> pauses = new ArrayDeque<>();

  private final LocalDsql dsql;
  private final LocalFunction function;

  CreateFaultsEndToEndTest(LocalDsql dsql) {
    this.dsql = dsql;
    TestClock clock = new TestClock();
    this.function =
        new LocalFunction(
            dsql,
            Map.of("CLUSTER_SCHEMA", "names"),
            clock,
            time -> {
              clock.advance(time);
              letOthers();
            });
  }

  @BeforeEach
  void freshSchema() throws SQLException {
    Tables.freshSchema(dsql, "names");
  }

  @AfterEach
  void dropSchema() throws SQLException {
    dsql.faults().clear();
    function.close();
    Tables.awaitNoSessions(dsql);
    Tables.dropSchema(dsql, "names");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aLostAnswerToTheTableIsFollowedByALook(boolean cut) {
    loseAnswers(1, cut);
    String reply = create(INDEXED);
    assertEquals(
        "unchanged completed building",
        at(reply, "outcome")
            + " "
            + at(reply, "steps/0/outcome")
            + " "
            + at(reply, "steps/1/outcome"));
    assertTrue(at(reply, "steps/0/statement").startsWith("CREATE TABLE"), reply);
    assertEquals("unchanged []", outcome(create(INDEXED)));
  }

  @Test
  void aTableThatWasNotMadeIsMadeAgain() {
    dsql.faults().cutBeforeCommits(2);
    assertEquals("created committed", firstStep(create(PLAIN + ERROR)));
  }

  @Test
  void aTableThatIsMadeLateIsOneTable() {
    dsql.faults().commitLate(1, 2);
    String reply = create(PLAIN);
    assertTrue(
        List.of("created committed", "unchanged completed").contains(firstStep(reply)), reply);
    assertEquals("unchanged []", outcome(create(PLAIN)));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whoMadeTheTableCannotBeToldWhereItMustBeNew(boolean cut) {
    loseAnswers(1, cut);
    JsonObject problem = problem(OutcomeUnknown.class, () -> create(INDEXED + ERROR));
    assertEquals("outcome_unknown 503 unknown false", told(problem));
    assertTrue(at(problem, "detail").contains("now exists as requested"), problem.toString());
    assertEquals("unchanged", at(create(INDEXED), "outcome"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ERROR})
  void whatIsFoundAfterALostAnswerIsCompared(String more) {
    loseAnswers(1, true);
    pauses.add(() -> run("ALTER TABLE names.item ADD COLUMN extra text"));
    JsonObject problem = problem(RequestRejected.class, () -> create(PLAIN + more));
    assertEquals("schema_mismatch 409 not_committed false", told(problem));
    assertEquals("[\"column extra: exists but was not requested\"]", at(problem, "differences"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"DROP TABLE names.item", "ALTER TABLE names.item RENAME TO item2"})
  void aTableThatIsGoneAfterALostAnswerIsMadeAnew(String ddl) {
    loseAnswers(1, true);
    pauses.add(() -> run(ddl));
    assertEquals("created committed", firstStep(create(PLAIN)));
  }

  @Test
  void aViewInItsPlaceAfterALostAnswerIsTold() {
    loseAnswers(1, true);
    pauses.add(() -> run("DROP TABLE names.item; CREATE VIEW names.item AS SELECT 1 AS id"));
    JsonObject problem = problem(RequestRejected.class, () -> create(PLAIN));
    assertEquals("already_exists 409 not_committed false", told(problem));
    assertTrue(at(problem, "detail").contains("its name is that of a view"), problem.toString());
  }

  @ParameterizedTest
  @CsvSource({"'',true", "',\"ifExists\":\"error\"',false"})
  void whereNothingCanBeSeenAfterALostAnswerTheOutcomeIsUnknown(String more, boolean retryable) {
    loseAnswers(1, true);
    pauses.add(() -> {
      dsql.faults().failStatements(1_000_000, Failure.UNAVAILABLE);
      return null;
    });
    JsonObject problem = problem(OutcomeUnknown.class, () -> create(INDEXED + more));
    assertEquals("outcome_unknown 503 unknown " + retryable, told(problem));
  }

  @Test
  void whereTheComparisonFailsAfterALostAnswerTheOutcomeIsUnknown() {
    loseAnswers(1, true);
    pauses.add(() -> {
      // The look at the name passes, the comparison does not.
      run("ALTER TABLE names.item ALTER COLUMN name SET DEFAULT 'x'");
      run("REVOKE SELECT ON pg_catalog.pg_attrdef FROM PUBLIC");
      return null;
    });
    try {
      JsonObject problem = problem(OutcomeUnknown.class, () -> create(PLAIN));
      assertEquals("outcome_unknown 503 unknown true", told(problem));
    } finally {
      runUnchecked("GRANT SELECT ON pg_catalog.pg_attrdef TO PUBLIC");
    }
  }

  @Test
  void anIndexThatFailsAfterTheTableIsPartOfTheRequest() {
    loseAnswers(1, true);
    pauses.add(() -> {
      dsql.faults().failCommits(1_000, Failure.OC000);
      return null;
    });
    JsonObject problem = problem(Conflict.class, () -> create(INDEXED));
    assertEquals("conflict_exhausted 503 partial true", told(problem));
    assertFalse(at(problem, "detail").contains("nothing was written"), problem.toString());
    dsql.faults().clear();
    String reply = create(INDEXED);
    assertEquals("unchanged building", firstStep(reply));
  }

  @Test
  void anIndexWhoseOutcomeIsUnknownAfterTheTableIsPartOfTheRequest() {
    loseAnswers(1, true);
    pauses.add(() -> {
      dsql.faults().failCommits(1_000_000, Failure.UNAVAILABLE);
      return null;
    });
    JsonObject problem = problem(OutcomeUnknown.class, () -> create(INDEXED));
    assertEquals("outcome_unknown 503 partial true", told(problem));
  }

  @Test
  void anIndexThatWasAddedBeforeAFailureIsPartOfTheRequest() throws SQLException {
    table();
    dsql.faults().failCommits(1, Failure.OC000);
    pauses.add(() -> {
      // Of the two indexes the second's name is taken between the look and its build.
      run(
          "CREATE EVENT TRIGGER names_grab ON ddl_command_end WHEN TAG IN ('CREATE INDEX')"
              + " EXECUTE FUNCTION names.grab()");
      return null;
    });
    run(
        """
        CREATE FUNCTION names.grab() RETURNS event_trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF to_regclass('names.y') IS NULL THEN
            CREATE VIEW names.y AS SELECT 1 AS id;
          END IF;
        END $$
        """);
    try {
      JsonObject problem = problem(RequestRejected.class, () -> create(TWO_INDEXES));
      assertEquals("already_exists 409 partial false", told(problem));
      assertTrue(at(problem, "detail").contains("its name is that of a view"), problem.toString());
    } finally {
      run("DROP EVENT TRIGGER names_grab");
    }
  }

  /// What lasts until somebody has seen to it is not to be sent again, whatever was done before.
  @Test
  void aFullClusterIsNoReasonToTryAgain() {
    dsql.faults()
        .refuseStatements(
            "create index",
            10,
            Refusal.error("53100", "Current cluster size exceeds cluster size limit."));
    JsonObject problem = problem(Unavailable.class, () -> create(INDEXED));
    assertEquals("database_unavailable 503 partial false", told(problem));
    assertFalse(at(problem, "detail").contains("again"), problem.toString());
  }

  @Test
  void aJobThatCannotBeWaitedForIsLookedAt() throws SQLException {
    run("ALTER PROCEDURE sys.wait_for_job RENAME TO not_wait_for_job");
    try {
      String reply = create(INDEXED + ",\"wait\":true");
      assertEquals("created completed", at(reply, "outcome") + " " + at(reply, "steps/1/outcome"));
    } finally {
      run("ALTER PROCEDURE sys.not_wait_for_job RENAME TO wait_for_job");
    }
  }

  @ParameterizedTest
  @EnumSource(ExistingIndex.class)
  void anIndexOfTheNameThatOthersMadeMeanwhileIsLookedAt(ExistingIndex answer) throws SQLException {
    dsql.faults().answers().existingIndex(answer);
    table();
    othersInTheWay("CREATE INDEX x ON names.item (name)");
    assertEquals("unchanged completed", firstStep(create(INDEXED)));

    table();
    othersInTheWay(
        "CREATE INDEX x ON names.item (name);"
            + "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'names.x'::regclass");
    assertEquals("unchanged failed", firstStep(create(INDEXED)));

    table();
    othersInTheWay("CREATE INDEX x ON names.item (id)");
    JsonObject differs = problem(RequestRejected.class, () -> create(INDEXED));
    assertEquals("schema_mismatch 409 not_committed false", told(differs));

    table();
    run("CREATE TABLE names.other (id int)");
    othersInTheWay("CREATE INDEX x ON names.other (id)");
    JsonObject taken = problem(RequestRejected.class, () -> create(INDEXED));
    assertEquals("already_exists 409 not_committed false", told(taken));
    assertTrue(at(taken, "detail").contains("an index of the table other"), taken.toString());
  }

  @ParameterizedTest
  @EnumSource(ExistingIndex.class)
  void aLostAnswerToAnIndexIsFollowedByALook(ExistingIndex answer) throws SQLException {
    dsql.faults().answers().existingIndex(answer);
    table();
    loseAnswers(1, true);
    assertEquals("unchanged completed", firstStep(create(INDEXED)));
    table();
    loseAnswers(1, false);
    assertEquals("unchanged completed", firstStep(create(INDEXED + ",\"wait\":true")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"DROP TABLE names.item", "ALTER TABLE names.item RENAME TO item2"})
  void aTableThatIsGoneBeforeItsIndexesIsTold(String ddl) throws SQLException {
    table();
    othersInTheWay(ddl);
    JsonObject problem = problem(RequestRejected.class, () -> create(INDEXED));
    assertEquals("table_not_found 404 not_committed true", told(problem));
    assertTrue(at(problem, "detail").contains("dropped or renamed by others"), problem.toString());
    assertTrue(firstStep(create(INDEXED)).startsWith("created"), "sent again");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CREATE TABLE names.item (id int)",
        "CREATE VIEW names.item AS SELECT 1 AS id",
        "CREATE SEQUENCE names.item"
      })
  void aNameThatOthersTakeMeanwhileIsRefused(String ddl) {
    othersInTheWay(ddl);
    JsonObject problem = problem(RequestRejected.class, () -> create(PLAIN));
    String expected = ddl.contains("TABLE") ? "schema_mismatch" : "already_exists";
    assertEquals(expected + " 409 not_committed false", told(problem));
  }

  @Test
  void creatorsAtOnceAllHearTheTruth() throws Exception {
    int creators = 4;
    try (ExecutorService threads = Executors.newFixedThreadPool(creators)) {
      for (int round = 0; round < 10; round++) {
        run("DROP TABLE IF EXISTS names.item");
        boolean error = round % 2 == 1;
        List<Future<String>> replies = new ArrayList<>();
        for (int i = 0; i < creators; i++) {
          replies.add(threads.submit(() -> created(error)));
        }
        List<String> told = new ArrayList<>();
        for (Future<String> reply : replies) {
          told.add(reply.get());
        }
        assertEquals(1, told.stream().filter("created"::equals).count(), told.toString());
        String others = error ? "already_exists" : "unchanged";
        assertEquals(3, told.stream().filter(others::equals).count(), told.toString());
        assertEquals("unchanged []", outcome(create(TWO_INDEXES)));
      }
    }
  }

  private String created(boolean error) {
    try (LocalFunction creator =
        new LocalFunction(dsql, Map.of("CLUSTER_SCHEMA", "names", "RETRY_MAX_ATTEMPTS", "50"))) {
      String reply =
          creator.invoke(
              event(TWO_INDEXES + ",\"wait\":true" + (error ? ERROR : "")), Duration.ofSeconds(29));
      assertFalse(reply.contains("failed") || reply.contains("building"), reply);
      return at(reply, "outcome");
    } catch (FunctionError e) {
      return at(object(String.valueOf(e.getMessage())), "code");
    }
  }

  /// Has the next commits done and their answers lost, by a cut or by the server's own fault.
  private void loseAnswers(int count, boolean cut) {
    if (cut) {
      dsql.faults().cutAfterCommits(count);
    } else {
      dsql.faults().failCommits(count, Failure.UNAVAILABLE_BUT_DONE);
    }
  }

  /// Has the next statement of DDL run into a conflict, and others do that before it is run again.
  private void othersInTheWay(String ddl) {
    dsql.faults().failCommits(1, Failure.OC000);
    pauses.add(() -> run(ddl));
  }

  private void letOthers() {
    Callable<?> next = pauses.poll();
    if (next != null) {
      try {
        Object _ = next.call();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private void table() throws SQLException {
    run("DROP TABLE IF EXISTS names.item, names.other");
    run(TABLE);
    run("ALTER TABLE names.item OWNER TO admin");
  }

  private static String told(JsonObject problem) {
    return at(problem, "code")
        + " "
        + at(problem, "status")
        + " "
        + at(problem, "outcome")
        + " "
        + at(problem, "retryable");
  }

  private static String outcome(String reply) {
    return at(reply, "outcome") + " " + at(reply, "steps");
  }

  private static String firstStep(String reply) {
    return at(reply, "outcome") + " " + at(reply, "steps/0/outcome");
  }

  private boolean run(String sql) throws SQLException {
    Tables.run(dsql, sql);
    return true;
  }

  private void runUnchecked(String sql) {
    try {
      run(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String event(String rest) {
    return "{\"action\":\"create\",\"table\":\"item\"," + rest + "}";
  }

  private String create(String rest) {
    return function.invoke(event(rest));
  }
}
