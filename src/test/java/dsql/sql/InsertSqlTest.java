package dsql.sql;

import static dsql.sql.Shapes.names;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.action.ColumnType;
import dsql.action.Fault;
import dsql.action.Identifier;
import dsql.action.Insert;
import dsql.action.Insert.OnConflict;
import dsql.action.InvalidRequest;
import dsql.action.Row;
import dsql.action.Value;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
class InsertSqlTest {

  private static final String HOSTILE = "a\"; DROP TABLE t; -- ? /*$1";

  private final TableShape shape = Shapes.of(1, "id uuid", "a text", "b integer");

  @Test
  void mixedRowsTakeDefaultWhereAFieldIsAbsent() {
    assertEquals(
        List.of(
            values(
                new Sql(
                    "INSERT INTO \"s\".\"t\" (\"a\", \"b\") VALUES (?, ?), (DEFAULT, ?),"
                        + " (DEFAULT, DEFAULT), (?, DEFAULT)",
                    List.of(text("x"), text("1"), text("2"), Parameter.NULL)),
                4)),
        of(
            insert(
                row("a", new Value.Text("x"), "b", new Value.Num("1")),
                row("b", new Value.Text("2")),
                row(),
                row("a", Value.NULL)),
            shape));
  }

  @Test
  void rowsWithoutAnyFieldTakeAllDefaults() {
    assertEquals(
        List.of(
            values(
                new Sql("INSERT INTO \"s\".\"t\" (\"id\") VALUES (DEFAULT), (DEFAULT)", List.of()),
                2)),
        of(insert(row(), row()), shape));
  }

  @Test
  void splitsAtFiveHundredRows() {
    List<Row> rows =
        IntStream.range(0, 1_001).mapToObj(i -> row("b", new Value.Num("" + i))).toList();
    List<InsertStatement> statements =
        of(unkeyed(new Identifier("t"), rows, List.of(), Optional.empty()), shape);
    assertEquals(
        List.of(500, 500, 1),
        statements.stream().map(s -> ((InsertStatement.Values) s).rows()).toList());
    assertEquals(
        IntStream.range(0, 1_001).mapToObj(i -> text("" + i)).toList(),
        statements.stream()
            .flatMap(s -> ((InsertStatement.Values) s).sql().parameters().stream())
            .toList());
  }

  @Test
  void splitsAtTheParametersThatTheProtocolCounts() {
    TableShape wide =
        Shapes.of(
            1, IntStream.range(0, 255).mapToObj(i -> "c" + i + " integer").toArray(String[]::new));
    Map<Identifier, Value> values = new LinkedHashMap<>();
    for (int i = 0; i < 255; i++) {
      values.put(new Identifier("c" + i), new Value.Num("1"));
    }
    Row row = new Row(List.copyOf(values.keySet()), List.copyOf(values.values()));
    List<InsertStatement> statements =
        of(
            unkeyed(
                new Identifier("t"), Collections.nCopies(300, row), List.of(), Optional.empty()),
            wide);
    assertEquals(
        List.of(256, 44),
        statements.stream().map(s -> ((InsertStatement.Values) s).rows()).toList());
  }

  @Test
  void onConflictNothingSendsARowPerStatement() {
    String first = "123e4567-e89b-12d3-a456-426614174000";
    String second = "123e4567-e89b-12d3-a456-426614174001";
    String nothing =
        "INSERT INTO \"s\".\"t\" (\"id\", \"a\") VALUES (?, ?) ON CONFLICT (\"id\") DO NOTHING";
    assertEquals(
        List.of(
            new InsertStatement.Pipeline(
                List.of(
                    new Sql(nothing, List.of(text(first), text("x"))),
                    new Sql(nothing, List.of(text(second), Parameter.NULL))))),
        of(
            insert(
                new OnConflict.Nothing(names("id"), Optional.empty()),
                row("id", new Value.Text(first), "a", new Value.Text("x")),
                row("id", new Value.Text(second), "a", Value.NULL)),
            shape));
  }

  @Test
  void onConflictUpdateSetsWhatIsGivenOutsideTheKey() {
    assertEquals(
        List.of(
            "INSERT INTO \"s\".\"t\" (\"a\", \"b\") VALUES (?, ?) ON CONFLICT (\"a\")"
                + " DO UPDATE SET \"b\" = EXCLUDED.\"b\"",
            "INSERT INTO \"s\".\"t\" (\"b\", \"a\") VALUES (?, ?) ON CONFLICT (\"a\")"
                + " DO UPDATE SET \"b\" = EXCLUDED.\"b\"",
            "INSERT INTO \"s\".\"t\" (\"a\") VALUES (?) ON CONFLICT (\"a\") DO NOTHING",
            "INSERT INTO \"s\".\"t\" (\"id\") VALUES (DEFAULT) ON CONFLICT (\"a\") DO NOTHING"),
        texts(
            insert(
                new OnConflict.Update(names("a"), Optional.empty(), Optional.empty()),
                row("a", new Value.Text("x"), "b", Value.NULL),
                row("b", Value.NULL, "a", new Value.Text("x")),
                row("a", new Value.Text("x")),
                row())));
  }

  @Test
  void onConflictUpdateSetsWhatIsNamed() {
    assertEquals(
        List.of(
            "INSERT INTO \"s\".\"t\" (\"a\") VALUES (?) ON CONFLICT (\"id\", \"a\")"
                + " DO UPDATE SET \"b\" = EXCLUDED.\"b\", \"a\" = EXCLUDED.\"a\""),
        texts(
            insert(
                new OnConflict.Update(
                    names("id", "a"), Optional.empty(), Optional.of(names("b", "a"))),
                row("a", new Value.Text("x")))));
  }

  @Test
  void quotesHostileNamesAndBindsHostileValues() {
    TableShape hostile =
        new TableShape(
            new Identifier("s\"?"),
            new Identifier("t';"),
            Map.of(
                HOSTILE,
                new TableShape.ColumnShape(
                    1,
                    new Identifier(HOSTILE),
                    ColumnType.ofCatalog("text"),
                    true,
                    Optional.empty(),
                    false)),
            List.of());
    String quoted = "\"a\"\"; DROP TABLE t; -- ? /*$1\"";
    Row row = row(HOSTILE, new Value.Text("'); DROP TABLE t; -- ?"));
    assertEquals(
        List.of(
            values(
                new Sql(
                    "INSERT INTO \"s\"\"?\".\"t';\" (" + quoted + ") VALUES (?)",
                    List.of(text("'); DROP TABLE t; -- ?"))),
                1)),
        of(insert(row), hostile));
    assertEquals(
        "INSERT INTO \"s\"\"?\".\"t';\" ("
            + quoted
            + ") VALUES (?) ON CONFLICT ("
            + quoted
            + ") DO UPDATE SET "
            + quoted
            + " = EXCLUDED."
            + quoted,
        texts(
                insert(
                    new OnConflict.Update(
                        names(HOSTILE), Optional.empty(), Optional.of(names(HOSTILE))),
                    row),
                hostile)
            .getFirst());
  }

  @Test
  void pointsAtEveryUnknownColumnAndUnfitValue() {
    Insert insert =
        unkeyed(
            new Identifier("t"),
            List.of(row("x/y", Value.NULL, "b", new Value.Num("1.5")), row("A", Value.NULL)),
            names("id", "no"),
            Optional.empty());
    assertEquals(
        List.of(
            "/returning/1 UNKNOWN_COLUMN",
            "/rows/0/x~1y UNKNOWN_COLUMN",
            "/rows/1/A UNKNOWN_COLUMN",
            "/rows/0/b INVALID_VALUE"),
        faults(insert));
    assertEquals(
        "the table has no such column; it has: id, a, b",
        assertThrows(InvalidRequest.class, () -> of(insert, shape)).faults().getFirst().detail());
  }

  @Test
  void pointsIntoOnConflict() {
    assertEquals(
        List.of(
            "/onConflict/columns/0 UNKNOWN_COLUMN",
            "/onConflict/set/1 UNKNOWN_COLUMN",
            "/rows/0/c UNKNOWN_COLUMN",
            "/rows/1/b INVALID_VALUE"),
        faults(
            insert(
                new OnConflict.Update(
                    names("no"), Optional.empty(), Optional.of(names("a", "nope"))),
                row("c", Value.NULL),
                row("b", new Value.Text("x")))));
    assertEquals(
        List.of("/onConflict/columns/1 UNKNOWN_COLUMN"),
        faults(insert(new OnConflict.Nothing(names("a", "no"), Optional.empty()), row())));
  }

  /// More names than the protocol has parameters, from a request of less than a megabyte.
  @Test
  void refusesAnyNumberOfUnknownColumns() {
    Map<Identifier, Value> values = new LinkedHashMap<>();
    for (int i = 0; i < 70_000; i++) {
      values.put(new Identifier("x" + i), Value.NULL);
    }
    Row row = new Row(List.copyOf(values.keySet()), List.copyOf(values.values()));
    List<Row> rows = IntStream.range(0, 3_000).mapToObj(i -> i == 0 ? row : row()).toList();
    Insert insert = unkeyed(new Identifier("t"), rows, List.of(), Optional.empty());
    assertTimeoutPreemptively(
        Duration.ofSeconds(20), () -> assertEquals(20, faults(insert).size()));
  }

  private List<String> texts(Insert insert) {
    return texts(insert, shape);
  }

  /// The text of each statement, a batch's but once.
  private static List<String> texts(Insert insert, TableShape shape) {
    List<String> texts = new ArrayList<>();
    for (InsertStatement statement : of(insert, shape)) {
      switch (statement) {
        case InsertStatement.Values values -> texts.add(values.sql().text());
        case InsertStatement.Upsert upsert -> texts.add(upsert.sql().text());
        case InsertStatement.Pipeline rows -> rows.rows().forEach(row -> texts.add(row.text()));
        case InsertStatement.RowByRow rows -> texts.add(rows.text());
      }
    }
    return texts;
  }

  /// What a run of rows of each length becomes.
  @Test
  void alternatingRowsShareTextsOfSeveralStatements() {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 230; i++) {
      rows.add(i % 2 == 0 ? row("b", new Value.Num("1")) : row("a", Value.NULL));
    }
    rows.addAll(Collections.nCopies(8, row("b", new Value.Num("2"))));
    rows.add(row("b", new Value.Num("3"), "a", new Value.Text("x".repeat(40_000))));
    rows.add(row("a", Value.NULL));
    assertEquals(
        List.of(
            "Pipeline 100",
            "Pipeline 100",
            "Pipeline 30",
            "RowByRow 8",
            "Pipeline 1",
            "Pipeline 1"),
        of(
                unkeyed(
                    new Identifier("t"),
                    rows,
                    List.of(),
                    Optional.of(new OnConflict.Nothing(names("a"), Optional.empty()))),
                shape)
            .stream()
            .map(statement ->
                switch (statement) {
                  case InsertStatement.Pipeline pipeline -> "Pipeline " + pipeline.rows().size();
                  case InsertStatement.RowByRow batch -> "RowByRow " + batch.rows().size();
                  case InsertStatement.Values _, InsertStatement.Upsert _ -> "another";
                })
            .toList());
  }

  private List<String> faults(Insert insert) {
    List<Fault> faults = assertThrows(InvalidRequest.class, () -> of(insert, shape)).faults();
    return faults.stream().map(f -> f.pointer() + ' ' + f.code()).collect(Collectors.toList());
  }

  private static Parameter text(String text) {
    return new Parameter.Text(text);
  }

  private static Insert insert(Row... rows) {
    return unkeyed(new Identifier("t"), List.of(rows), List.of(), Optional.empty());
  }

  private static Insert insert(OnConflict onConflict, Row... rows) {
    return unkeyed(new Identifier("t"), List.of(rows), List.of(), Optional.of(onConflict));
  }

  private static Row row() {
    return new Row(List.of(), List.of());
  }

  private static Row row(String name, Value value) {
    return new Row(List.of(new Identifier(name)), List.of(value));
  }

  private static Row row(String first, Value firstValue, String second, Value secondValue) {
    return new Row(
        List.of(new Identifier(first), new Identifier(second)), List.of(firstValue, secondValue));
  }

  private static Insert unkeyed(
      Identifier table,
      List<Row> rows,
      List<Identifier> returning,
      Optional<OnConflict> onConflict) {
    return new Insert(table, rows, returning, onConflict, Optional.empty(), Insert.Atomicity.ALL);
  }

  private static List<InsertStatement> of(Insert insert, TableShape shape) {
    return InsertSql.of(insert, shape, 0, insert.rows().size(), false);
  }

  private static InsertStatement values(Sql sql, int rows) {
    return new InsertStatement.Values(sql, rows, false, 0, List.of());
  }

  @Test
  void manyRowsOfOneKindGoAsArrays() {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      rows.add(row("b", i % 2 == 0 ? Value.NULL : new Value.Num(Integer.toString(i))));
    }
    Insert insert = unkeyed(new Identifier("t"), rows, List.of(), Optional.empty());
    InsertStatement.Values values =
        (InsertStatement.Values)
            InsertSql.of(insert, shape, 0, insert.rows().size(), true).getFirst();
    assertEquals(
        "INSERT INTO \"s\".\"t\" (\"b\") SELECT * FROM unnest(?::integer[])", values.sql().text());
    assertEquals(100, values.rows());
    assertTrue(values.arrays());
    assertTrue(
        ((Parameter.Text) values.sql().parameters().getFirst())
            .value()
            .startsWith("{NULL,\"1\",NULL,\"3\""));

    // Fewer; one of another kind; with an answer, whose order counts.
    assertVALUES(unkeyed(new Identifier("t"), rows.subList(1, 100), List.of(), Optional.empty()));
    assertVALUES(
        unkeyed(new Identifier("t"), rows, List.of(new Identifier("b")), Optional.empty()));
    rows.add(row());
    assertVALUES(unkeyed(new Identifier("t"), rows, List.of(), Optional.empty()));
  }

  private void assertVALUES(Insert insert) {
    assertFalse(
        ((InsertStatement.Values)
                InsertSql.of(insert, shape, 0, insert.rows().size(), true).getFirst())
            .arrays());
  }

  @Test
  void arraysAreSplitByTheirLength() {
    List<Row> rows = Collections.nCopies(120, row("a", new Value.Text("x".repeat(50_000))));
    Insert insert = unkeyed(new Identifier("t"), rows, List.of(), Optional.empty());
    assertEquals(
        List.of(42, 42, 36),
        InsertSql.of(insert, shape, 0, insert.rows().size(), true).stream()
            .map(statement -> ((InsertStatement.Values) statement).rows())
            .toList());
  }
}
