package dsql.lambda.endtoend;

import static dsql.JsonAssert.at;
import static dsql.JsonAssert.problem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.SharedDsql;
import dsql.Tables;
import dsql.TestClock;
import dsql.lambda.LocalFunction;
import dsql.lambda.RequestRejected;
import dsql.local.LocalDsql;
import dsql.local.fault.ExistingIndex;
import dsql.local.fault.Unproven;
import dsql.local.wire.Refusal;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What no cluster was seen to take may be refused: then the function answers the same in another
/// way, and goes that way from then on.
@Tag("slow")
@ExtendWith(SharedDsql.class)
final class UnprovenEndToEndTest {

  private static final String COLUMNS =
      "\"columns\":[{\"name\":\"id\",\"type\":\"integer\",\"default\":{\"value\":7}},"
          + "{\"name\":\"name\",\"type\":\"text\"},{\"name\":\"at\",\"type\":\"timestamptz\"}],"
          + "\"primaryKey\":[\"id\"]";
  private static final String INDEXED =
      COLUMNS + ",\"indexes\":[{\"name\":\"x\",\"columns\":[\"name\"]}]";

  /// What happens in the next pauses, one each.
  private final Queue<Callable<?>> pauses = new ArrayDeque<>();

  private final LocalDsql dsql;
  private LocalFunction function;

  UnprovenEndToEndTest(LocalDsql dsql) {
    this.dsql = dsql;
    this.function = function();
  }

  private LocalFunction function() {
    TestClock clock = new TestClock();
    return new LocalFunction(
        dsql,
        Map.of("CLUSTER_SCHEMA", "names"),
        clock,
        time -> {
          clock.advance(time);
          happens(pauses.poll());
        });
  }

  private static void happens(@Nullable Callable<?> what) {
    try {
      if (what != null) {
        what.call();
      }
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
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
  @ValueSource(strings = {"0A000", "25001", "2D000", "42601"})
  void answersTheSameWhereCommitUnderOneSyncIsRefused(String state) throws SQLException {
    answersTheSame(state, Unproven.COMMIT_UNDER_ONE_SYNC);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0A000", "25001", "42601"})
  void answersTheSameWhereBeginUnderOneSyncIsRefused(String state) throws SQLException {
    answersTheSame(state, Unproven.BEGIN_UNDER_ONE_SYNC);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0A000", "42601", "42883"})
  void answersTheSameWhereChangingCtesAreRefused(String state) throws SQLException {
    answersTheSame(state, Unproven.CHANGING_CTES);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0A000", "42704", "42804", "42846", "42883"})
  void answersTheSameWhereBoundArraysAreRefused(String state) throws SQLException {
    answersTheSame(state, Unproven.BOUND_ARRAYS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0A000", "42601"})
  void answersTheSameWherePiecesUnderUnionAllAreRefused(String state) throws SQLException {
    answersTheSame(state, Unproven.PIECES_UNDER_UNION_ALL);
  }

  /// The function has no need of it at all.
  @Test
  void neverSendsABatchWithReturning() throws SQLException {
    neverAskedFor(Unproven.BATCH_WITH_RETURNING);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0A000", "42601"})
  void answersTheSameWherePipelinedInsertsAreRefused(String state) throws SQLException {
    answersTheSame(state, Unproven.PIPELINED_INSERTS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0A000", "42883"})
  void answersTheSameWhereTheCatalogInAnInsertIsRefused(String state) throws SQLException {
    answersTheSame(state, Unproven.CATALOG_IN_INSERT);
  }

  @Test
  void answersTheSameWhereEverythingUnprovenIsRefused() throws SQLException {
    List<Unproven> statements = new ArrayList<>(List.of(Unproven.values()));
    // Those are rights, which may be given any day and are asked for each time.
    statements.removeAll(List.of(Unproven.JOBS, Unproven.WAIT_FOR_JOB));
    answersTheSame("0A000", statements.toArray(Unproven[]::new));
  }

  /// The function has no need of it at all.
  @Test
  void neverSendsOnlyDefaultsOnConflict() throws SQLException {
    neverAskedFor(Unproven.ONLY_DEFAULTS_ON_CONFLICT);
  }

  @ParameterizedTest
  @EnumSource(ExistingIndex.class)
  void takesAnyAnswerForAnIndexWhoseNameIsTaken(ExistingIndex answer) throws SQLException {
    List<String> usual = session();
    dsql.faults().answers().existingIndex(answer);
    assertEquals(usual, again());
    // The ledger's own table and index, made at once by several.
    run("DROP TABLE names.dsql_ledger");
    run("CREATE TABLE names.z (id int); CREATE INDEX dsql_ledger_expires_at ON names.z (id)");
    assertEquals("committed", at(keyed("k2", 1000), "outcome"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"42501", "42P01", "0A000"})
  void cachesAreNotComparedWhereSequencesCannotBeRead(String state) {
    String identity =
        "\"columns\":[{\"name\":\"id\",\"type\":\"bigint\",\"identity\":{\"cache\":%d}}]";
    function.invoke(create(identity.formatted(1)));
    refuse(state, Unproven.SEQUENCES);
    assertEquals("unchanged", at(function.invoke(create(identity.formatted(65536))), "outcome"));
    assertTrue(dsql.faults().answers().refusals() > 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"42501", "42P01", "0A000"})
  void anIndexIsBuildingWhereItsJobCannotBeSeen(String state) throws SQLException {
    function.invoke(create(INDEXED));
    refuse(state, Unproven.JOBS);
    setValid(false);
    String reply = function.invoke(create(INDEXED));
    assertEquals("building", at(reply, "steps/0/outcome"));
    assertFalse(reply.contains("jobId"), reply);

    // Where it is waited for, nothing but the index itself can tell.
    pauses.add(() -> null);
    pauses.add(() -> setValid(true));
    reply = function.invoke(create(INDEXED + ",\"wait\":true"));
    assertEquals("completed", at(reply, "steps/0/outcome"));
    assertEquals("[]", at(function.invoke(create(INDEXED)), "steps"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"42501", "42883", "0A000", "54000"})
  void anIndexIsLookedAtWhereItsJobCannotBeWaitedFor(String state) throws SQLException {
    refuse(state, Unproven.WAIT_FOR_JOB);
    assertEquals("completed", waitedFor(true));
    assertTrue(dsql.faults().answers().refusals() > 0);
    assertEquals("failed", waitedFor(false));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "succeeded := false",
        "PERFORM pg_terminate_backend(pg_backend_pid())",
        "RAISE EXCEPTION 'transaction age limit of 300s exceeded' USING ERRCODE = '54000'"
      })
  void anIndexIsLookedAtWhereTheWaitForItsJobIsCut(String end) throws SQLException {
    run("ALTER PROCEDURE sys.wait_for_job RENAME TO other_wait_for_job");
    run(
        "CREATE PROCEDURE sys.wait_for_job(IN job text, INOUT succeeded boolean DEFAULT NULL)"
            + " LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN "
            + end
            + "; END $$");
    try {
      assertEquals("completed", waitedFor(true));
      assertEquals("failed", waitedFor(false));
    } finally {
      run("DROP PROCEDURE sys.wait_for_job");
      run("ALTER PROCEDURE sys.other_wait_for_job RENAME TO wait_for_job");
    }
  }

  @Test
  void readsNamesInMessagesOfErrorsThatHaveNoFields() throws SQLException {
    run(
        "CREATE TABLE names.other (id int PRIMARY KEY);"
            + "CREATE TABLE names.item (id int PRIMARY KEY, name text UNIQUE, at timestamptz NOT NULL"
            + " DEFAULT now(), n int REFERENCES names.other CHECK (n < 5));"
            + "ALTER TABLE names.other OWNER TO admin; ALTER TABLE names.item OWNER TO admin");
    insert("{\"id\":1,\"name\":\"a\"}", ",\"idempotencyKey\":\"k\"");
    List<String> usual = violations();
    dsql.faults().answers().nameless(true);
    assertEquals(usual, violations());
    for (String name :
        List.of("item_pkey", "item_name_key", "item_n_fkey", "item_n_check", "(at)")) {
      assertTrue(usual.toString().contains(name), usual.toString());
    }
    String again = insert("{\"id\":1,\"name\":\"a\"}", ",\"idempotencyKey\":\"k\"");
    assertEquals("true", at(again, "replayed"));
  }

  private List<String> violations() {
    List<String> problems = new ArrayList<>();
    for (String row :
        List.of(
            "{\"id\":1}",
            "{\"id\":2,\"name\":\"a\"}",
            "{\"id\":2,\"n\":4}",
            "{\"id\":2,\"n\":7}",
            "{\"id\":2,\"at\":null}")) {
      problems.add(at(problem(RequestRejected.class, () -> insert(row, "")), "detail"));
      String keyed = ",\"idempotencyKey\":\"other\"";
      problems.add(at(problem(RequestRejected.class, () -> insert(row, keyed)), "detail"));
    }
    return problems;
  }

  /// Of two senders that insert one key at once, the loser may be told of a conflict first.
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void twoSendersOfOneKeyAgreeWhetherTheLoserSeesAConflictOrADuplicate(boolean conflicts)
      throws Exception {
    function.invoke(create(COLUMNS));
    dsql.faults().answers().duplicatesConflict(conflicts);
    String row = "{\"id\":1,\"name\":\"a\"}";
    String key = ",\"idempotencyKey\":\"k\"";
    for (int round = 0; round < 20; round++) {
      run("DELETE FROM names.item");
      run("DROP TABLE IF EXISTS names.dsql_ledger");
      List<Future<String>> replies = new ArrayList<>();
      try (LocalFunction other = function();
          ExecutorService senders = Executors.newFixedThreadPool(2)) {
        replies.add(senders.submit(() -> insert(row, key)));
        replies.add(senders.submit(() -> insert(other, row, key)));
      }
      List<String> told = new ArrayList<>();
      for (Future<String> reply : replies) {
        told.add(at(reply.get(), "replayed") + " " + at(reply.get(), "counts/written"));
      }
      told.sort(null);
      assertEquals(List.of("false 1", "true 1"), told);
    }
  }

  /// What becomes of a build that goes on for three looks.
  private String waitedFor(boolean valid) throws SQLException {
    function.invoke(create(INDEXED));
    setValid(false);
    run("UPDATE sys.jobs SET status = 'processing' WHERE object_name = 'names.x'");
    pauses.clear();
    pauses.add(() -> null);
    pauses.add(() -> null);
    pauses.add(() -> {
      run(
          "UPDATE sys.jobs SET status = '"
              + (valid ? "completed" : "failed")
              + "' WHERE object_name = 'names.x'");
      return setValid(valid);
    });
    return at(function.invoke(create(INDEXED + ",\"wait\":true")), "steps/0/outcome");
  }

  /// The same session with and without; what is refused is not asked for again.
  private void answersTheSame(String state, Unproven... constructs) throws SQLException {
    List<String> usual = session();
    refuse(state, constructs);
    assertEquals(usual, again());
    assertTrue(dsql.faults().answers().refusals() > 0);
    // Which of several it was may turn out later; then there is nothing left to refuse.
    int before = -1;
    for (int more = 0; before < dsql.faults().answers().refusals(); more++) {
      assertTrue(more <= constructs.length + 1, "it does not settle");
      before = dsql.faults().answers().refusals();
      freshSchema();
      assertEquals(usual, session());
    }
  }

  private void neverAskedFor(Unproven construct) throws SQLException {
    List<String> usual = session();
    refuse("0A000", construct);
    assertEquals(usual, again());
    assertEquals(0, dsql.faults().answers().refusals());
  }

  /// The session with a function and a schema of its own.
  private List<String> again() throws SQLException {
    function.close();
    Tables.awaitNoSessions(dsql);
    freshSchema();
    function = function();
    return session();
  }

  private void refuse(String state, Unproven... constructs) {
    for (Unproven construct : constructs) {
      dsql.faults().answers().refuse(construct, Refusal.error(state, "no such thing here"));
    }
  }

  /// A create, inserts and queries of all forms, with their replies.
  private List<String> session() {
    List<String> replies = new ArrayList<>();
    String create = function.invoke(create(INDEXED + ",\"wait\":true"));
    replies.add(at(create, "outcome") + " " + at(create, "steps/1/outcome"));
    replies.add(function.invoke(create(INDEXED)));
    replies.add(insert("{\"id\":1,\"name\":\"a\"}", ",\"returning\":[\"id\",\"at\"]"));
    replies.add(insert("{\"id\":2},{\"id\":3,\"name\":\"c\"}", ",\"returning\":[\"name\"]"));
    replies.add(
        insert("{\"id\":4,\"name\":\"d\"}", ",\"idempotencyKey\":\"k\",\"returning\":[\"id\"]"));
    replies.add(
        insert("{\"id\":4,\"name\":\"d\"}", ",\"idempotencyKey\":\"k\",\"returning\":[\"id\"]"));
    replies.add(insert(rows(100, 150), ""));
    replies.add(keyed("many", 300));
    replies.add(insert(rows(600, 120), ",\"idempotencyKey\":\"c\",\"atomicity\":\"chunk\""));
    String conflict = ",\"onConflict\":{\"columns\":[\"id\"],\"do\":\"nothing\"}";
    replies.add(insert(rows(95, 12), conflict + ",\"returning\":[\"id\"]"));
    replies.add(insert(rows(90, 12), conflict + ",\"returning\":[\"name\"]"));
    replies.add(insert(rows(95, 40), conflict));
    replies.add(insert("{}", conflict));
    replies.add(insert("{},{\"id\":8}", conflict + ",\"returning\":[\"id\"]"));
    replies.add(insert("{\"id\":9,\"name\":\"i\"}", conflict.replace("nothing", "update")));
    replies.add(query(""));
    String order = ",\"orderBy\":[{\"column\":\"name\",\"nulls\":\"first\"}],\"limit\":2";
    for (String page = query(order); ; ) {
      replies.add(page);
      String cursor = at(page, "page/nextCursor");
      if (cursor.equals("null") || replies.size() > 20) {
        break;
      }
      page = query(order + ",\"cursor\":\"" + cursor + "\"");
    }
    replies.add(query(",\"select\":[{\"count\":\"*\",\"as\":\"n\"}]"));
    return replies;
  }

  private String keyed(String key, int from) {
    return insert(rows(from, 110), ",\"idempotencyKey\":\"" + key + "\"");
  }

  private String insert(String rows, String more) {
    return insert(function, rows, more);
  }

  private static String insert(LocalFunction function, String rows, String more) {
    return function.invoke(
        "{\"action\":\"insert\",\"table\":\"item\",\"rows\":[" + rows + "]" + more + "}");
  }

  private String query(String more) {
    return function.invoke("{\"action\":\"query\",\"table\":\"item\"" + more + "}");
  }

  private static String rows(int from, int count) {
    return IntStream.range(from, from + count)
        .mapToObj(id -> "{\"id\":" + id + ",\"name\":\"n" + id + "\"}")
        .collect(Collectors.joining(","));
  }

  private static String create(String rest) {
    return "{\"action\":\"create\",\"table\":\"item\"," + rest + "}";
  }

  private boolean setValid(boolean valid) throws SQLException {
    run("UPDATE pg_index SET indisvalid = " + valid + " WHERE indexrelid = 'names.x'::regclass");
    return valid;
  }

  private void run(String sql) throws SQLException {
    Tables.run(dsql, sql);
  }
}
