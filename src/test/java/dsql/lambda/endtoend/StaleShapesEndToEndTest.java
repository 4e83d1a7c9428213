package dsql.lambda.endtoend;

import static dsql.JsonAssert.at;
import static dsql.JsonAssert.object;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import dsql.SharedDsql;
import dsql.Tables;
import dsql.TestClock;
import dsql.lambda.FunctionError;
import dsql.lambda.LocalFunction;
import dsql.local.LocalDsql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Others change a table while the function is warm: each reply, and what it leaves in the table,
/// is what a function that never saw the table would have answered and left.
@Tag("slow")
@ExtendWith(SharedDsql.class)
final class StaleShapesEndToEndTest {

  private static final String COLUMNS =
      "id integer PRIMARY KEY, n integer NOT NULL, m numeric(10,4), ts timestamp(6),"
          + " d double precision, b boolean, v varchar(5), w text";

  private static final String FIRST_ROWS =
      "INSERT INTO public.@ (id, n, m, ts, d, b, v, w) SELECT i, i, i / 8.0,"
          + " '2024-02-29 12:00:00.123456', i / 3.0, i % 2 = 0, 'v' || i, 'yes'"
          + " FROM generate_series(1, 5) i";

  private static final List<String> QUERIES =
      List.of(
          "",
          ",\"orderBy\":[{\"column\":\"n\"}]",
          ",\"orderBy\":[{\"column\":\"n\",\"direction\":\"desc\"}],\"limit\":2",
          ",\"limit\":2",
          ",\"select\":[\"w\",\"v\",\"m\"]",
          ",\"select\":[\"b\"],\"orderBy\":[{\"column\":\"b\"}]",
          ",\"where\":{\"b\":true}",
          ",\"where\":{\"v\":\"a longer text\"}",
          ",\"where\":{\"m\":\"0.1250\"}",
          ",\"where\":{\"n\":{\"gt\":2}}",
          ",\"where\":{\"added\":null}",
          ",\"select\":[{\"count\":\"*\",\"as\":\"rows\"},\"b\"],\"groupBy\":[\"b\"]");

  private static final List<String> ROWS =
      List.of(
          "{\"id\":101,\"n\":1}",
          "{\"id\":101,\"n\":null}",
          "{\"id\":101,\"n\":1,\"m\":\"7.7777\"}",
          "{\"id\":101,\"n\":1,\"ts\":\"2024-02-29T12:00:00.654321\"}",
          "{\"id\":101,\"n\":1,\"d\":0.12345678901234567}",
          "{\"id\":101,\"n\":1,\"b\":true}",
          "{\"id\":101,\"n\":1,\"v\":\"12345678\"}",
          "{\"id\":101,\"n\":1,\"w\":\"some text\",\"v\":\"12345\"}",
          "{\"id\":101,\"n\":3000000000}",
          "{\"id\":101,\"n\":1,\"added\":7}",
          "{\"n\":1,\"w\":\"x\"}");

  private static final List<String> INSERTS =
      List.of(
          "",
          ",\"returning\":[\"id\",\"n\",\"m\",\"ts\",\"d\",\"b\",\"v\",\"w\"]",
          ",\"idempotencyKey\":\"%s\"",
          ",\"idempotencyKey\":\"%s\",\"returning\":[\"w\",\"n\"]",
          ",\"onConflict\":{\"columns\":[\"id\"],\"do\":\"nothing\"},\"returning\":[\"v\"]",
          ",\"onConflict\":{\"columns\":[\"id\"],\"do\":\"update\"}",
          ",\"idempotencyKey\":\"%s\",\"atomicity\":\"chunk\"");

  private static final String WARM = "stale";

  private final LocalDsql dsql;
  private final TestClock clock = new TestClock();
  private final LocalFunction function;
  private final Connection superuser;
  private int tables;
  private int keys;

  StaleShapesEndToEndTest(LocalDsql dsql) throws SQLException {
    this.dsql = dsql;
    this.function = new LocalFunction(dsql, Map.of(), clock);
    this.superuser = dsql.superuser().getConnection();
  }

  static List<String> changes() {
    List<String> changes = new ArrayList<>();
    for (String alter :
        List.of(
            "ALTER COLUMN n DROP NOT NULL",
            "ALTER COLUMN m TYPE numeric(10,2)",
            "ALTER COLUMN m TYPE numeric",
            "ALTER COLUMN ts TYPE timestamp(0)",
            "ALTER COLUMN ts TYPE timestamptz",
            "ALTER COLUMN d TYPE real",
            "ALTER COLUMN b TYPE text",
            "ALTER COLUMN n TYPE bigint",
            "ALTER COLUMN n TYPE smallint",
            "ALTER COLUMN v TYPE varchar(50)",
            "ALTER COLUMN v TYPE varchar(2) USING left(v, 2)",
            "ALTER COLUMN v TYPE char(20)",
            "ALTER COLUMN w TYPE boolean USING true",
            "ALTER COLUMN w SET NOT NULL",
            "ALTER COLUMN n SET DEFAULT 77",
            "ADD COLUMN added integer",
            "ADD COLUMN added text DEFAULT 'so'",
            "DROP COLUMN n",
            "DROP COLUMN w",
            "RENAME COLUMN w TO added",
            "DROP COLUMN w, ADD COLUMN w integer DEFAULT 5",
            "DROP CONSTRAINT @_pkey",
            "DROP CONSTRAINT @_pkey, ADD PRIMARY KEY (n)",
            "DROP CONSTRAINT @_pkey, ADD PRIMARY KEY (n, id)",
            "ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY")) {
      changes.add("ALTER TABLE public.@ " + alter);
    }
    changes.add(
        "ALTER TABLE public.@ ALTER COLUMN n DROP NOT NULL;"
            + "INSERT INTO public.@ (id, n) VALUES (6, NULL), (7, NULL)");
    changes.add(
        "ALTER TABLE public.@ RENAME COLUMN v TO x;"
            + "ALTER TABLE public.@ RENAME COLUMN w TO v;"
            + "ALTER TABLE public.@ RENAME COLUMN x TO w");
    changes.add(
        "ALTER TABLE public.@ ADD COLUMN added integer NOT NULL DEFAULT 1;"
            + "ALTER TABLE public.@ ALTER COLUMN added DROP DEFAULT");
    changes.add("DROP TABLE public.@");
    changes.add(
        "DROP TABLE public.@; CREATE TABLE public.@ (n text PRIMARY KEY, id integer);"
            + "ALTER TABLE public.@ OWNER TO admin;"
            + "INSERT INTO public.@ VALUES ('b', 2), ('a', 1)");
    changes.add(
        "ALTER TABLE public.@ RENAME TO @_base;"
            + "CREATE VIEW public.@ AS SELECT * FROM public.@_base;"
            + "ALTER VIEW public.@ OWNER TO admin");
    return changes;
  }

  @BeforeEach
  void dropLedger() throws SQLException {
    Tables.drop(dsql, "dsql_ledger");
  }

  @AfterEach
  void close() throws SQLException {
    function.close();
    superuser.close();
    Tables.awaitNoSessions(dsql);
  }

  @ParameterizedTest
  @MethodSource("changes")
  void aChangedTableIsQueriedAsIfItWereSeenForTheFirstTime(String change) throws SQLException {
    for (String query : QUERIES) {
      assertAnsweredAlike(change, "{\"action\":\"query\",\"table\":\"@\"" + query + '}');
    }
  }

  @ParameterizedTest
  @MethodSource("changes")
  void aRowIsInsertedIntoAChangedTableAsIfItWereSeenForTheFirstTime(String change)
      throws SQLException {
    int way = changes().indexOf(change);
    for (String row : ROWS) {
      for (int i = 0; i < 2; i++) {
        assertAnsweredAlike(change, insert(row, INSERTS.get(way++ % INSERTS.size())));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("changes")
  void manyRowsAreInsertedIntoAChangedTableAsIfItWereSeenForTheFirstTime(String change)
      throws SQLException {
    int way = changes().indexOf(change);
    String alternating = rows(20, "{\"id\":%1$d,\"n\":%1$d}", "{\"id\":%d,\"n\":1,\"w\":\"x\"}");
    String row = "{\"id\":%1$d,\"n\":%1$d,\"m\":\"0.1234\",\"v\":\"12345\"}";
    for (String rows : List.of(alternating, rows(120, row, row))) {
      for (int i = 0; i < 3; i++) {
        assertAnsweredAlike(change, insert(rows, INSERTS.get(way++ % INSERTS.size())));
      }
    }
  }

  /// A cursor from before the change belongs to the order and the key of then.
  @ParameterizedTest
  @MethodSource("changes")
  void aCursorFromBeforeTheChangeIsAnsweredAsIfTheTableWereSeenForTheFirstTime(String change)
      throws SQLException {
    for (String order :
        List.of(
            "",
            ",\"orderBy\":[{\"column\":\"n\"}]",
            ",\"orderBy\":[{\"column\":\"w\"}]",
            ",\"select\":[\"n\"]")) {
      String event = "{\"action\":\"query\",\"table\":\"@\",\"limit\":2" + order + "%s}";
      create(WARM);
      JsonObject page = answer(WARM, event.formatted(""));
      String cursor = at(page, "page/nextCursor");
      String next = event.formatted(",\"cursor\":\"" + cursor + '"');
      run(WARM, change);
      JsonObject told = answer(WARM, next);
      String unseen = "unseen" + ++tables;
      create(unseen);
      run(unseen, change);
      // A cursor names its table in its digest.
      if (!told.has("code")) {
        JsonObject all = answer(unseen, event.formatted("").replace("\"limit\":2,", ""));
        assertEquals(all.get("columns"), told.get("columns"), next);
      }
      drop(unseen);
    }
  }

  /// On DSQL a primary key's index includes all other columns, and lists them behind the key.
  @Test
  void aKeyThatGrewIsNoticedAlthoughItsIndexListsTheSameColumns() throws SQLException {
    drop(WARM);
    run(
        WARM,
        "CREATE TABLE public.@ (a integer NOT NULL, b integer NOT NULL, c integer,"
            + " CONSTRAINT @_pkey PRIMARY KEY (a) INCLUDE (b, c)); ALTER TABLE public.@ OWNER TO admin");
    String query = "{\"action\":\"query\",\"table\":\"@\",\"limit\":2,\"cursor\":%s}";
    answer(WARM, query.formatted("null"));
    run(
        WARM,
        "ALTER TABLE public.@ DROP CONSTRAINT @_pkey,"
            + " ADD CONSTRAINT @_pkey PRIMARY KEY (a, b) INCLUDE (c);"
            + "INSERT INTO public.@ VALUES (1, 1), (1, 2), (1, 3)");
    clock.advance(Duration.ofHours(1));
    JsonObject page = answer(WARM, query.formatted("null"));
    String cursor = '"' + at(page, "page/nextCursor") + '"';
    assertEquals(
        "[{\"a\":1,\"b\":3,\"c\":null}]", at(answer(WARM, query.formatted(cursor)), "rows"));
  }

  /// As an integer, 007 is 7, which is there already, and 0.004 with two digits breaks the check.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ",\"idempotencyKey\":\"%s\"",
        ",\"idempotencyKey\":\"%s\",\"atomicity\":\"chunk\""
      })
  void aViolationIsNotOfAValueThatWasMadeForAnotherType(String more) throws SQLException {
    drop(WARM);
    run(
        WARM,
        "CREATE TABLE public.@ (id integer PRIMARY KEY); ALTER TABLE public.@ OWNER TO admin");
    answer(WARM, "{\"action\":\"query\",\"table\":\"@\"}");
    run(
        WARM,
        "DROP TABLE public.@; CREATE TABLE public.@ (id text PRIMARY KEY);"
            + "ALTER TABLE public.@ OWNER TO admin; INSERT INTO public.@ VALUES ('7')");
    assertEquals("committed", at(answer(WARM, insert("{\"id\":\"007\"}", more)), "outcome"));

    drop(WARM);
    run(
        WARM,
        "CREATE TABLE public.@ (id integer PRIMARY KEY, m numeric(10,4));"
            + "ALTER TABLE public.@ OWNER TO admin");
    answer(WARM, "{\"action\":\"query\",\"table\":\"@\"}");
    run(WARM, "ALTER TABLE public.@ ALTER COLUMN m TYPE numeric(10,2), ADD CHECK (m > 0)");
    JsonObject refused = answer(WARM, insert("{\"id\":1,\"m\":\"0.004\"}", more));
    assertEquals("invalid_request", at(refused, "code"));
  }

  @Test
  void aTickOrARefusedRequestUsesNoNewsUp() throws SQLException {
    create(WARM);
    answer(WARM, "{\"action\":\"query\",\"table\":\"@\"}");
    run(WARM, "ALTER TABLE public.@ ADD COLUMN added integer");
    function.invoke(
        "{\"detail-type\":\"Scheduled Event\",\"source\":\"aws.events\",\"detail\":{}}");
    answer(WARM, "{\"action\":\"query\",\"table\":\"nowhere\"}");
    answer(WARM, insert("{\"id\":1,\"n\":1}", ",\"idempotencyKey\":\"%s\""));
    JsonObject reply = answer(WARM, "{\"action\":\"query\",\"table\":\"@\",\"limit\":1}");
    assertEquals("null", at(reply, "rows/0/added"));
  }

  /// The same change to a table that the function knows and to one that it has never seen, and the
  /// same event to both: in turn on the connection that was there before, and on one that came
  /// after it.
  private void assertAnsweredAlike(String change, String event) throws SQLException {
    String unseen = "unseen" + ++tables;
    create(unseen);
    run(unseen, change);
    String expected = told(unseen, event) + content(unseen);
    drop(unseen);
    create(WARM);
    answer(WARM, "{\"action\":\"query\",\"table\":\"@\"}");
    answer(WARM, event);
    run(WARM, "DELETE FROM public.@ WHERE id > 100 OR id < 1; DROP TABLE IF EXISTS dsql_ledger");
    run(WARM, change);
    if (tables % 2 == 0) {
      clock.advance(Duration.ofHours(1));
    }
    assertEquals(expected, told(WARM, event) + content(WARM), event);
  }

  private void create(String table) throws SQLException {
    drop(table);
    run(table, "CREATE TABLE public.@ (" + COLUMNS + "); ALTER TABLE public.@ OWNER TO admin");
    run(table, FIRST_ROWS);
  }

  private void drop(String table) throws SQLException {
    run(
        table,
        "DO $$ BEGIN IF EXISTS (SELECT FROM pg_class WHERE relname = '@' AND relkind = 'v')"
            + " THEN DROP VIEW public.@; END IF; END $$;"
            + "DROP TABLE IF EXISTS public.@; DROP TABLE IF EXISTS public.@_base");
  }

  private void run(String table, String sql) throws SQLException {
    try (Statement statement = superuser.createStatement()) {
      statement.execute(sql.replace("@", table));
    }
  }

  private static String rows(int count, String even, String odd) {
    return IntStream.range(0, count)
        .mapToObj(i -> (i % 2 == 0 ? even : odd).formatted(101 + i))
        .collect(Collectors.joining(","));
  }

  private String insert(String rows, String more) {
    return "{\"action\":\"insert\",\"table\":\"@\",\"rows\":["
        + rows
        + "]"
        + more.formatted("k" + ++keys)
        + '}';
  }

  private String content(String table) throws SQLException {
    String query =
        "SELECT CASE WHEN to_regclass('public.@') IS NULL THEN 'gone' ELSE query_to_xml("
            + "'SELECT t::text FROM public.@ t ORDER BY 1', true, true, '')::text END";
    try (Statement statement = superuser.createStatement();
        ResultSet row = statement.executeQuery(query.replace("@", table))) {
      row.next();
      return row.getString(1);
    }
  }

  /// The answer, without the cursor, which names its table.
  private String told(String table, String event) {
    JsonObject answer = answer(table, event);
    if (answer.has("page")) {
      answer.getAsJsonObject("page").remove("nextCursor");
    }
    return answer.toString();
  }

  /// The reply or the problem, without what differs from invocation to invocation.
  private JsonObject answer(String table, String event) {
    String text;
    try {
      text = function.invoke(event.replace("@", table));
    } catch (FunctionError e) {
      text = String.valueOf(e.getMessage());
    }
    JsonObject reply = object(text.replace(table, WARM));
    reply.remove("attempts");
    reply.remove("waitedMillis");
    reply.remove("requestId");
    return reply;
  }
}
