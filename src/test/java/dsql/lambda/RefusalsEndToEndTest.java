package dsql.lambda;

import static dsql.lambda.JsonAssert.at;
import static dsql.lambda.JsonAssert.faults;
import static dsql.lambda.JsonAssert.problem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import dsql.SharedDsql;
import dsql.Tables;
import dsql.local.LocalDsql;
import dsql.local.wire.Refusal;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What the database refuses is the caller's to mend, and told so that it can be.
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
  }

  @AfterEach
  void clear() {
    dsql.faults().clear();
    function.close();
    Tables.awaitNoSessions(dsql);
  }

  @Test
  void aViewThatTakesNoRows() throws SQLException {
    Tables.run(dsql, "CREATE VIEW public.refused_sums AS SELECT sum(a) AS a FROM public.refused");
    JsonObject told = rejected(INSERT.formatted("refused_sums", "", ""));
    assertEquals("invalid_request", at(told, "code"));
    assertEquals("55000", at(told, "sqlstate"));
    assertEquals(
        "refused_sums takes no rows: it is no table, but a view that the database cannot write"
            + " through, or another relation; nothing was written.",
        at(told, "detail"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ",\"idempotencyKey\":\"k\""})
  void aViewsComputedColumn(String key) throws SQLException {
    Tables.run(
        dsql, "CREATE VIEW public.refused_twice AS SELECT id, a + 1 AS a FROM public.refused");
    JsonObject told = rejected(INSERT.formatted("refused_twice", "", key));
    assertEquals("invalid_request", at(told, "code"));
    assertEquals("0A000", at(told, "sqlstate"));
    assertTrue(at(told, "detail").contains("a column that is computed"), () -> at(told, "detail"));
  }

  @Test
  void aViewsCheck() throws SQLException {
    Tables.run(
        dsql,
        "CREATE VIEW public.refused_few AS SELECT id, a FROM public.refused WHERE a < 2 WITH CHECK"
            + " OPTION");
    Tables.run(dsql, "GRANT ALL ON public.refused_few TO admin");
    assertEquals("check_violation", at(rejected(INSERT.formatted("refused_few", "", "")), "code"));
  }

  @Test
  void aValueForAColumnThatIsGenerated() {
    JsonObject told = rejected(INSERT.formatted("refused", ",\"twice\":4", ""));
    assertEquals("428C9", at(told, "sqlstate"));
    assertEquals(List.of("/rows/1/twice invalid_value"), faults(told));
    assertEquals(
        "A column of table refused is GENERATED ALWAYS: the database makes its values and takes"
            + " none; nothing was written.",
        at(told, "detail"));
  }

  @Test
  void aConflictTargetWithoutAKey() {
    JsonObject told =
        rejected(
            INSERT.formatted(
                "refused", "", ",\"onConflict\":{\"columns\":[\"a\"],\"do\":\"nothing\"}"));
    assertEquals("42P10", at(told, "sqlstate"));
    assertEquals(List.of("/onConflict/columns invalid_value"), faults(told));
    assertTrue(at(told, "detail").startsWith("A conflict target must be"));
  }

  @Test
  void anOperatorThatATypeLacks() {
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
          54000,query requires more than allowed temp space of 131072 KB to execute
          53200,'query requires too much temp space, out of memory.'
          54000,transaction age limit of 300s exceeded
          54000,a limit that nobody knows
          """)
  void aQueryOverALimitIsNotToldAsAWrite(String state, String message) {
    function.invoke(QUERY);
    dsql.faults().refuseStatements(1, Refusal.error(state, message));
    JsonObject told = rejected(QUERY);
    assertEquals("transaction_too_large", at(told, "code"));
    assertEquals("1", at(told, "attempts"));
    assertEquals("false", at(told, "retryable"));
    assertFalse(at(told, "detail").contains("3,000 rows"), told::toString);
    assertFalse(at(told, "detail").contains("written"), told::toString);
    assertTrue(at(told, "detail").contains("Narrow the query"), told::toString);
  }

  @Test
  void aTableOverALimitIsNotToldAsAWrite() {
    dsql.faults()
        .refuseStatements(
            1, Refusal.error("54000", "more than 24 indexes per table are not allowed"));
    JsonObject told = rejected(CREATE);
    assertEquals("54000", at(told, "sqlstate"));
    assertTrue(at(told, "detail").contains("24 indexes"), told::toString);
    assertFalse(at(told, "detail").contains("3,000 rows"), told::toString);
    assertFalse(at(told, "detail").contains("written"), told::toString);
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          54001,nested too deeply
          54011,Too many columns
          54023,Too many values
          54P99,over a limit of the database
          42P99,The database refused the statement for table
          """)
  void aLimitOfStatementsIsTheCallers(String state, String text) {
    function.invoke(QUERY);
    function.invoke(INSERT.formatted("refused", "", ""));
    for (String event : List.of(QUERY, INSERT.formatted("refused", "", ""), CREATE)) {
      // A refusal that may rest on the table's shape is met again.
      dsql.faults().refuseStatements(3, Refusal.error(state, "SELECT 'secret'"));
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
