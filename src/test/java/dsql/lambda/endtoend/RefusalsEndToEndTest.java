package dsql.lambda.endtoend;

import static dsql.JsonAssert.at;
import static dsql.JsonAssert.faults;
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
import dsql.local.wire.Refusal;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What the database refuses is the caller's to mend, and told so that it can be.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class RefusalsEndToEndTest {

  private static final String QUERY = "{\"action\":\"query\",\"table\":\"refused\"}";
  private static final String INSERT =
      "{\"action\":\"insert\",\"table\":\"%s\",\"rows\":[{\"a\":1},{\"a\":2%s}]%s}";
  private static final String CREATE =
      """
      {"action":"create","table":"refused_new","columns":[{"name":"id","type":"uuid"}],
       "primaryKey":["id"]}\
      """;

  private final LocalDsql dsql;
  private final LocalFunction function;

  RefusalsEndToEndTest(LocalDsql dsql) {
    this.dsql = dsql;
    this.function = new LocalFunction(dsql, Map.of(), new TestClock());
  }

  @BeforeEach
  void freshTable() throws SQLException {
    for (String view : List.of("refused_sums", "refused_twice", "refused_few")) {
      Tables.run(dsql, "DROP VIEW IF EXISTS public." + view);
    }
    Tables.fresh(
        dsql,
        "refused",
        "id uuid PRIMARY KEY DEFAULT gen_random_uuid(), a int, x point, twice int GENERATED ALWAYS AS"
            + " (a * 2) STORED");
    Tables.drop(dsql, "refused_new");
    Tables.drop(dsql, "dsql_ledger");
  }

  @AfterEach
  void clear() {
    dsql.faults().clear();
    function.close();
    Tables.awaitNoSessions(dsql);
  }

  @Test
  void anInsertIntoAReadOnlyViewIsRefused() throws SQLException {
    Tables.run(dsql, "CREATE VIEW public.refused_sums AS SELECT sum(a) AS a FROM public.refused");
    JsonObject told = rejected(INSERT.formatted("refused_sums", "", ""));
    assertEquals("invalid_request", at(told, "code"));
    assertEquals("55000", at(told, "sqlstate"));
    assertEquals(
        "refused_sums accepts no rows: it is a view that the database cannot write"
            + " through, or another relation that is not a table; nothing was written.",
        at(told, "detail"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ",\"idempotencyKey\":\"k\""})
  void anInsertIntoAComputedColumnOfAViewIsRefused(String key) throws SQLException {
    Tables.run(
        dsql, "CREATE VIEW public.refused_twice AS SELECT id, a + 1 AS a FROM public.refused");
    JsonObject told = rejected(INSERT.formatted("refused_twice", "", key));
    assertEquals("invalid_request", at(told, "code"));
    assertEquals("0A000", at(told, "sqlstate"));
    assertTrue(at(told, "detail").contains("a computed column"), () -> at(told, "detail"));
  }

  @Test
  void aRowThatFailsTheCheckOfAViewIsACheckViolation() throws SQLException {
    Tables.run(
        dsql,
        "CREATE VIEW public.refused_few AS SELECT id, a FROM public.refused WHERE a < 2 WITH CHECK"
            + " OPTION");
    Tables.run(dsql, "GRANT ALL ON public.refused_few TO admin");
    assertEquals("check_violation", at(rejected(INSERT.formatted("refused_few", "", "")), "code"));
  }

  @Test
  void aValueForAGeneratedColumnIsRefusedAtItsPlace() {
    JsonObject told = rejected(INSERT.formatted("refused", ",\"twice\":4", ""));
    assertEquals("428C9", at(told, "sqlstate"));
    assertEquals(List.of("/rows/1/twice invalid_value"), faults(told));
    assertEquals(
        "A column of table refused is GENERATED ALWAYS: the database makes its values and accepts"
            + " no others; nothing was written.",
        at(told, "detail"));
  }

  @Test
  void aConflictTargetWithoutAUniqueKeyIsRefused() {
    JsonObject told =
        rejected(
            INSERT.formatted(
                "refused", "", ",\"onConflict\":{\"columns\":[\"a\"],\"do\":\"nothing\"}"));
    assertEquals("42P10", at(told, "sqlstate"));
    assertEquals(List.of("/onConflict/columns invalid_value"), faults(told));
    assertTrue(at(told, "detail").startsWith("The columns of a conflict target must be"));
  }

  @Test
  void anOperatorThatTheTypeDoesNotHaveIsRefused() {
    JsonObject told =
        rejected(
            "{\"action\":\"query\",\"table\":\"refused\",\"select\":[\"x\"],\"groupBy\":[\"x\"]}");
    assertEquals("invalid_request", at(told, "code"));
    assertEquals("42883", at(told, "sqlstate"));
    assertTrue(at(told, "detail").contains("no function or operator"), told::toString);
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          54000,query requires more than allowed temp space of 131072 KB to execute,more memory
          53200,'query requires too much temp space, out of memory.',more memory
          53200,out of memory,more memory
          54000,transaction age limit of 300s exceeded,300 s
          54000,a limit that nobody knows,a limit of the database
          """)
  void aQueryOverALimitIsToBeNarrowed(String state, String message, String text) {
    function.invoke(QUERY);
    for (String words : spellings(message)) {
      dsql.faults().refuseStatements(1, Refusal.error(state, words));
      JsonObject told = rejected(QUERY);
      assertEquals("invalid_request 400", at(told, "code") + " " + at(told, "status"));
      assertEquals(state, at(told, "sqlstate"));
      assertEquals("1 not_committed", at(told, "attempts") + " " + at(told, "outcome"));
      assertEquals("false", at(told, "retryable"));
      assertFalse(at(told, "detail").contains("3,000 rows"), told::toString);
      assertFalse(at(told, "detail").contains("written"), told::toString);
      assertTrue(at(told, "detail").contains("Narrow the query"), told::toString);
      assertTrue(at(told, "detail").contains(text), told::toString);
    }
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          key size too large,invalid_value,1 KiB
          'index row size 2960 exceeds btree version 4 maximum 2704 for index "x"',invalid_value,1 KiB
          'index row requires 9000 bytes, maximum size is 8191',invalid_value,1 KiB
          datatype limit greater than 1048576 bytes not supported for text,invalid_value,1 MiB
          maximum column size exceeded,invalid_value,1 MiB
          maximum row size exceeded,invalid_value,2 MiB
          'row is too big: size 9000, maximum size 8160',invalid_value,2 MiB
          transaction row limit exceeded,transaction_too_large,'3,000 rows'
          transaction size limit 10mb exceeded,transaction_too_large,10 MiB
          transaction age limit of 300s exceeded,transaction_too_large,300 s
          query requires more than allowed temp space of 131072 KB,transaction_too_large,memory
          a limit that nobody knows,transaction_too_large,a limit of the database
          """)
  void anInsertOverALimitIsToldWhich(String message, String code, String text) throws SQLException {
    String insert = INSERT.formatted("refused", "", "");
    String keyed = INSERT.formatted("refused", "", ",\"idempotencyKey\":\"over\"");
    String chunked =
        INSERT.formatted("refused", "", ",\"idempotencyKey\":\"o2\",\"atomicity\":\"chunk\"");
    function.invoke(insert);
    function.invoke(keyed.replace("over", "before"));
    for (String words : spellings(message)) {
      for (String event : List.of(insert, keyed, chunked)) {
        // Of chunks the rows go again in halves, down to the row.
        for (String writes : List.of("insert into \"public\".\"refused\"", "with ins as")) {
          dsql.faults().refuseStatements(writes, 2, Refusal.error("54000", words));
        }
        JsonObject told = rejected(event);
        dsql.faults().clear();
        assertEquals(code + " 422", at(told, "code") + " " + at(told, "status"));
        assertEquals("54000 not_committed", at(told, "sqlstate") + " " + at(told, "outcome"));
        assertEquals("false", at(told, "retryable"));
        assertTrue(at(told, "detail").contains(text), told::toString);
        assertTrue(at(told, "detail").contains("nothing"), told::toString);
      }
    }
    assertEquals("4", Tables.value(dsql, "SELECT count(*) FROM public.refused"));
  }

  @Test
  void theOneValueThatIsTooLongIsPointedAt() throws SQLException {
    Tables.run(dsql, "ALTER TABLE public.refused ADD COLUMN note text");
    StringBuilder noise = new StringBuilder();
    // Of what can be compressed more would fit.
    new SplittableRandom(1).ints(2_000_000, ' ', '!' + 90).forEach(c -> noise.append((char) c));
    String text = noise.toString().replace('"', '_').replace('\\', '_');
    JsonObject told = rejected(INSERT.formatted("refused", ",\"note\":\"" + text + "\"", ""));
    assertEquals("invalid_value 54000", at(told, "code") + " " + at(told, "sqlstate"));
    assertEquals(List.of("/rows/1/note invalid_value"), faults(told));
    assertTrue(at(told, "errors/0/detail").contains("2000000 bytes"), told::toString);
  }

  @Test
  void aClusterThatIsFullSaysSo() {
    function.invoke(QUERY);
    function.invoke(INSERT.formatted("refused", "", ""));
    String full = "Current cluster size exceeds cluster size limit.";
    String keyed = INSERT.formatted("refused", "", ",\"idempotencyKey\":\"full\"");
    function.invoke(keyed.replace("full", "before"));
    for (String event : List.of(INSERT.formatted("refused", "", ""), keyed, CREATE)) {
      for (String writes : List.of("insert", "with ins", "create table")) {
        dsql.faults().refuseStatements(writes, 1, Refusal.error("53100", full));
      }
      JsonObject told = problem(Unavailable.class, () -> function.invoke(event));
      dsql.faults().clear();
      assertEquals("database_unavailable 53100", at(told, "code") + " " + at(told, "sqlstate"));
      assertEquals("1 not_committed", at(told, "attempts") + " " + at(told, "outcome"));
      assertEquals("false", at(told, "retryable"));
      assertTrue(at(told, "detail").contains("storage limit"), told::toString);
    }
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          54000,more than 24 indexes per table are not allowed
          54000,creating more than 1000 tables not allowed
          54000,creating more than 5000 sequences is not allowed
          54000,more than 10 schemas not allowed
          54000,key size greater than 2000 bytes not supported
          54000,Datatype limit greater than 4096 bytes not supported for char
          54000,transaction age limit of 300s exceeded
          54000,a limit that nobody knows
          54001,stack depth limit exceeded
          54011,more than 8 column keys in an index are not supported
          54011,tables can have at most 255 columns
          54011,cannot use more than 256 columns in an index
          0A000,datatype bytea is not supported in a key
          0A000,'datatype integer not supported, identity column type must be bigint'
          0A000,COLLATE clause not supported
          22023,NUMERIC precision 1001 must be between 1 and 1000
          22P02,invalid input syntax for type integer
          42704,type "serial" does not exist
          42P16,multiple primary keys for table are not allowed
          42P17,functions in index expression must be marked IMMUTABLE
          42830,there is no unique constraint matching given keys
          42601,syntax error at or near "."
          42703,column "x" named in key does not exist
          42809,that is no table
          42939,unacceptable name
          """)
  void ddlThatTheServerRefusesIsAnInvalidRequest(String state, String message) throws SQLException {
    String indexed =
        CREATE.replace(
            "\"primaryKey\"",
            "\"indexes\":[{\"name\":\"refused_i\",\"columns\":[\"id\"]}],\"primaryKey\"");
    for (String words : spellings(message)) {
      Tables.drop(dsql, "refused_new");
      dsql.faults().refuseStatements("create table", 1, Refusal.error(state, words));
      JsonObject told = rejected(indexed);
      assertEquals("invalid_request 400", at(told, "code") + " " + at(told, "status"));
      assertEquals(state + " not_committed", at(told, "sqlstate") + " " + at(told, "outcome"));
      assertEquals("false 1", at(told, "retryable") + " " + at(told, "attempts"));
      assertTrue(at(told, "detail").contains(words), told::toString);
      assertFalse(at(told, "detail").contains("written"), told::toString);
      assertFalse(at(told, "detail").contains("3,000 rows"), told::toString);
      // The table is there when its index is refused.
      dsql.faults().refuseStatements("create index", 1, Refusal.error(state, words));
      JsonObject half = rejected(indexed);
      assertEquals("invalid_request partial", at(half, "code") + " " + at(half, "outcome"));
      assertEquals(state + " false", at(half, "sqlstate") + " " + at(half, "retryable"));
      assertTrue(at(half, "detail").contains(words), half::toString);
    }
  }

  @Test
  void aLongSentenceOfTheServersIsCut() {
    String words = "datatype \"" + "x".repeat(5_000) + "\" not supported";
    dsql.faults().refuseStatements("create table", 1, Refusal.error("0A000", words));
    String detail = at(rejected(CREATE), "detail");
    assertTrue(detail.length() < 1_000 && detail.contains("xxx…"), detail);
  }

  /// A known limit is told of whatever statement of a create met it.
  @Test
  void aTableOverALimitIsNotToldAsAWrite() {
    for (String words : spellings("more than 24 indexes per table are not allowed")) {
      dsql.faults().refuseStatements(1, Refusal.error("54000", words));
      JsonObject told = rejected(CREATE);
      assertEquals("invalid_request 54000", at(told, "code") + " " + at(told, "sqlstate"));
      assertTrue(at(told, "detail").contains(words), told::toString);
      assertFalse(at(told, "detail").contains("3,000 rows"), told::toString);
      assertFalse(at(told, "detail").contains("written"), told::toString);
    }
  }

  @Test
  void aLedgerThatCannotBeMadeIsNamed() throws SQLException {
    Tables.drop(dsql, "dsql_ledger");
    String words = "creating more than 1000 tables not allowed";
    dsql.faults().refuseStatements("create table", 1, Refusal.error("54000", words));
    try (LocalFunction fresh = new LocalFunction(dsql, Map.of(), new TestClock())) {
      JsonObject told =
          problem(
              RequestRejected.class,
              () -> fresh.invoke(INSERT.formatted("refused", "", ",\"idempotencyKey\":\"none\"")));
      assertEquals("invalid_request 54000", at(told, "code") + " " + at(told, "sqlstate"));
      assertTrue(at(told, "detail").contains("dsql_ledger"), told::toString);
      assertTrue(at(told, "detail").contains(words), told::toString);
    }
  }

  private static List<String> spellings(String message) {
    return List.of(
        message,
        message.toUpperCase(Locale.ROOT),
        Character.toUpperCase(message.charAt(0)) + message.substring(1));
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          54001,nested too deeply
          54011,has more columns than the database allows
          54023,more values than the database allows
          54P99,exceeds a limit of the database
          42P99,The database refused the statement for table
          """)
  void aStatementOverALimitIsAnInvalidRequest(String state, String text) {
    function.invoke(QUERY);
    function.invoke(INSERT.formatted("refused", "", ""));
    for (String event : List.of(QUERY, INSERT.formatted("refused", "", ""), CREATE)) {
      // A refusal that may rest on the table's shape is met again.
      dsql.faults().refuseStatements(30, Refusal.error(state, "SELECT 'secret'"));
      JsonObject told = rejected(event);
      dsql.faults().clear();
      assertEquals("invalid_request", at(told, "code"));
      assertEquals(state, at(told, "sqlstate"));
      assertTrue(at(told, "detail").contains(text), told::toString);
      assertFalse(at(told, "detail").contains("secret"), told::toString);
      assertFalse(at(told, "detail").contains("conflict target"), told::toString);
    }
  }

  private JsonObject rejected(String event) {
    return problem(RequestRejected.class, () -> function.invoke(event));
  }
}
