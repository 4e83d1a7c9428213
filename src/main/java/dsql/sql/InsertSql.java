package dsql.sql;

import dsql.action.ColumnType;
import dsql.action.Fault;
import dsql.action.Faults;
import dsql.action.Identifier;
import dsql.action.Insert;
import dsql.action.Insert.OnConflict;
import dsql.action.InvalidRequest;
import dsql.action.Row;
import dsql.action.Value;
import dsql.sql.TableShape.ColumnShape;
import dsql.sql.ValueEncoder.Use;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// An insert as statements, to be run in order in one transaction.
///
/// Without `onConflict` the rows go in as multi-row VALUES, where DEFAULT takes the place of an
/// absent field and `RETURNING` answers in the order of the rows. With it, each row is a statement
/// of its own, many of which are sent at once: only so can a skipped row be told from a written
/// one, and two rows of one request may meet the same key.
public final class InsertSql {

  /// Rows of a multi-row VALUES at most: longer ones plan and parse more slowly than several.
  private static final int MAX_ROWS = 500;

  /// Rows from which on arrays are worth it.
  public static final int MANY_ROWS = 100;

  /// Characters of a statement's arrays, a row more or less: a message has at most 10 MiB.
  private static final int MAX_ARRAYS = 2 << 20;

  /// Bind parameters that the protocol can count, less those of a ledger row in the same statement.
  private static final int MAX_PARAMETERS = 65_535 - 4;

  /// Rows of one text from which on a batch, which the server prepares, is faster than a pipeline.
  private static final int BATCH_ROWS = 8;

  /// The most rows of a pipeline.
  private static final int PIPELINE_ROWS = 100;

  /// The most characters of a pipeline's parameters, a row more or less: the server's answers must
  /// find room in the sockets' buffers while the driver still sends.
  private static final int PIPELINE_CHARACTERS = 32 * 1024;

  /// One or several statements that are sent at once, all without RETURNING.
  public sealed interface Statement {

    /// All that is bound.
    List<Parameter> parameters();

    /// Whether it may be a transaction by itself: it is one statement, after which nothing is to be
    /// looked at.
    default boolean commitsItself() {
      return this instanceof Upsert
          || (this instanceof Values values && values.compared().isEmpty());
    }

    /// Several rows at once.
    ///
    /// @param rows how many
    /// @param arrays whether each column is one parameter, rather than each value
    /// @param first the first row's index in the request
    /// @param compared columns whose values must turn out, before the commit, to be stored as given
    record Values(Sql sql, int rows, boolean arrays, int first, List<Identifier> compared)
        implements Statement {
      public Values {
        compared = List.copyOf(compared);
      }

      Values(Sql sql, int rows, boolean arrays) {
        this(sql, rows, arrays, 0, List.of());
      }

      @Override
      public List<Parameter> parameters() {
        return sql.parameters();
      }
    }

    /// One row that may be skipped.
    record Upsert(Sql sql) implements Statement {
      @Override
      public List<Parameter> parameters() {
        return sql.parameters();
      }
    }

    /// Rows that may be skipped, each with a text of its own.
    record Pipeline(List<Sql> rows) implements Statement {
      public Pipeline {
        rows = List.copyOf(rows);
      }

      @Override
      public List<Parameter> parameters() {
        return rows.stream().flatMap(row -> row.parameters().stream()).toList();
      }
    }

    /// Rows that may be skipped, all with the same text, of which nothing is returned: the driver
    /// would wait for each row's answer before it sends the next, where its width has no bound.
    ///
    /// @param rows the parameters of each
    record RowByRow(String text, List<List<Parameter>> rows) implements Statement {
      public RowByRow {
        rows = List.copyOf(rows);
      }

      @Override
      public List<Parameter> parameters() {
        return rows.stream().flatMap(List::stream).toList();
      }
    }
  }

  private final Insert insert;
  private final TableShape shape;
  private final Faults faults = new Faults();

  /// Columns that may round a value of the rows at hand.
  private final Set<Identifier> rounding = new LinkedHashSet<>();

  private InsertSql(Insert insert, TableShape shape) {
    this.insert = insert;
    this.shape = shape;
  }

  /// The statements for some of the rows.
  ///
  /// @param from the first row
  /// @param to the row after the last
  /// @param arrays whether many rows may go as arrays
  /// @throws InvalidRequest when a column is unknown or a value does not fit its column
  public static List<Statement> of(
      Insert insert, TableShape shape, int from, int to, boolean arrays) {
    InsertSql sql = new InsertSql(insert, shape);
    sql.checkNames();
    List<Statement> statements =
        insert.onConflict().isPresent()
            ? sql.rowByRow(insert.onConflict().get(), from, to)
            : sql.multiRow(from, to, arrays);
    sql.faults.throwIfAny();
    return statements;
  }

  private void checkNames() {
    check(insert.returning(), "/returning");
    if (insert.onConflict().isEmpty()) {
      return;
    }
    OnConflict conflict = insert.onConflict().get();
    check(conflict.columns(), "/onConflict/columns");
    if (conflict instanceof OnConflict.Update update && update.set().isPresent()) {
      check(update.set().get(), "/onConflict/set");
    }
  }

  private void check(List<Identifier> names, String pointer) {
    for (int i = 0; i < names.size(); i++) {
      shape.column(names.get(i), Faults.at(pointer, i), faults);
    }
  }

  private List<Statement> multiRow(int first, int end, boolean arrays) {
    if (end - first == 1 && !insert.row(first).isEmpty()) {
      return List.of(oneRow(first));
    }
    Set<Identifier> given = given(first, end);
    if (given.isEmpty()) {
      given.add(anyColumn());
    }
    if (arrays && end - first >= MANY_ROWS && fitArrays(given, first, end)) {
      return arrays(given, first, end);
    }
    int most = Math.min(MAX_ROWS, MAX_PARAMETERS / given.size());
    List<Statement> statements = new ArrayList<>();
    for (int from = first; from < end; from += most) {
      int to = Math.min(from + most, end);
      statements.add(values(given, from, to));
    }
    return statements;
  }

  private Statement oneRow(int index) {
    Row row = insert.row(index);
    List<Identifier> columns = row.columns();
    StringBuilder text = into(columns).append(" VALUES (?");
    List<Parameter> parameters = new ArrayList<>(columns.size());
    for (int i = 0; i < columns.size(); i++) {
      if (i > 0) {
        text.append(", ?");
      }
      parameters.add(parameter(columns.get(i), row.values().get(i), index));
    }
    return values(new Sql(text.append(')').toString(), parameters), 1, index);
  }

  /// The table's columns that any row names: no more than it has, whatever the request holds.
  private Set<Identifier> given(int first, int end) {
    Set<Identifier> given = new LinkedHashSet<>();
    List<Identifier> seen = List.of();
    for (int i = first; i < end; i++) {
      List<Identifier> columns = insert.row(i).columns();
      // Rows of one kind share the list, if there is no fault to tell of each.
      if (columns.equals(seen) && faults.none()) {
        continue;
      }
      seen = columns;
      for (Identifier name : columns) {
        if (given.contains(name)) {
          continue;
        }
        if (shape.columns().containsKey(name.name())) {
          given.add(name);
        } else {
          shape.unknownColumn(pointer(name, i), faults);
        }
      }
    }
    return given;
  }

  private Statement values(Set<Identifier> given, int from, int to) {
    StringBuilder text = into(given);
    List<Parameter> parameters = new ArrayList<>(given.size() * (to - from));
    for (int i = from; i < to; i++) {
      text.append(i == from ? " VALUES (" : ", (");
      Map<Identifier, Value> row = insert.rows().get(i);
      String separator = "";
      for (Identifier name : given) {
        text.append(separator);
        separator = ", ";
        Value value = row.get(name);
        if (value == null) {
          text.append("DEFAULT");
        } else {
          text.append('?');
          parameters.add(parameter(name, value, i));
        }
      }
      text.append(')');
    }
    return values(new Sql(text.toString(), parameters), to - from, from);
  }

  private Statement values(Sql sql, int rows, int first) {
    List<Identifier> compared = List.copyOf(rounding);
    rounding.clear();
    return new Statement.Values(sql, rows, false, first, compared);
  }

  /// Whether arrays of columns can say what the rows do: the same columns in each and in one order,
  /// whose types can be elements. What is returned must come in the order of the rows, which only
  /// VALUES is seen to keep.
  private boolean fitArrays(Set<Identifier> given, int first, int end) {
    if (!insert.returning().isEmpty()) {
      return false;
    }
    for (Identifier name : given) {
      ColumnShape column = shape.columns().get(name.name());
      if (column == null || ArrayText.elementType(column.type()).isEmpty()) {
        return false;
      }
    }
    List<Identifier> columns = List.copyOf(given);
    for (int i = first; i < end; i++) {
      List<Identifier> named = insert.row(i).columns();
      if (!named.equals(columns)) {
        return false;
      }
      columns = named;
    }
    return true;
  }

  private List<Statement> arrays(Set<Identifier> given, int first, int end) {
    List<ColumnShape> shapes = new ArrayList<>();
    List<String> casts = new ArrayList<>();
    for (Identifier name : given) {
      ColumnShape column = Objects.requireNonNull(shape.columns().get(name.name()));
      shapes.add(column);
      casts.add("?::" + ArrayText.elementType(column.type()).orElseThrow() + "[]");
    }
    String text = into(given) + " SELECT * FROM unnest(" + String.join(", ", casts) + ')';
    List<Statement> statements = new ArrayList<>();
    for (int from = first; from < end; ) {
      List<ArrayText> columns = new ArrayList<>();
      given.forEach(_ -> columns.add(new ArrayText()));
      int length = 0;
      int row = from;
      for (; row < end && length < MAX_ARRAYS; row++) {
        List<Value> values = insert.row(row).values();
        for (int i = 0; i < values.size(); i++) {
          length += columns.get(i).add(parameter(shapes.get(i), values.get(i), row));
        }
      }
      List<Parameter> parameters = new ArrayList<>();
      columns.forEach(column -> parameters.add(new Parameter.Text(column.toString())));
      statements.add(new Statement.Values(new Sql(text, parameters), row - from, true));
      from = row;
    }
    return statements;
  }

  private List<Statement> rowByRow(OnConflict conflict, int from, int to) {
    if (to - from == 1) {
      Row row = insert.row(from);
      return List.of(
          new Statement.Upsert(new Sql(upsert(row.columns(), conflict), parameters(row, from))));
    }
    List<Statement> statements = new ArrayList<>();
    List<Sql> pipeline = new ArrayList<>();
    int characters = 0;
    for (int first = from; first < to; ) {
      List<Identifier> columns = insert.row(first).columns();
      String text = upsert(columns, conflict);
      int end = first + 1;
      while (end < to && insert.row(end).columns().equals(columns)) {
        end++;
      }
      boolean batch = insert.returning().isEmpty() && end - first >= BATCH_ROWS;
      if (batch) {
        addPipeline(pipeline, statements);
        characters = 0;
        statements.add(rowByRow(text, first, end));
      }
      for (int i = first; i < end && !batch; i++) {
        List<Parameter> parameters = parameters(insert.row(i), i);
        pipeline.add(new Sql(text, parameters));
        characters += text.length() + length(parameters);
        if (pipeline.size() == PIPELINE_ROWS || characters > PIPELINE_CHARACTERS) {
          addPipeline(pipeline, statements);
          characters = 0;
        }
      }
      first = end;
    }
    addPipeline(pipeline, statements);
    return statements;
  }

  private static void addPipeline(List<Sql> pipeline, List<Statement> statements) {
    if (!pipeline.isEmpty()) {
      statements.add(new Statement.Pipeline(pipeline));
      pipeline.clear();
    }
  }

  private Statement rowByRow(String text, int from, int to) {
    List<List<Parameter>> rows = new ArrayList<>(to - from);
    for (int i = from; i < to; i++) {
      rows.add(parameters(insert.row(i), i));
    }
    return new Statement.RowByRow(text, rows);
  }

  private List<Parameter> parameters(Row row, int index) {
    List<Parameter> parameters = new ArrayList<>(row.size());
    for (int i = 0; i < row.columns().size(); i++) {
      parameters.add(parameter(row.columns().get(i), row.values().get(i), index));
    }
    return parameters;
  }

  private static int length(List<Parameter> parameters) {
    int length = 0;
    for (Parameter parameter : parameters) {
      length +=
          switch (parameter) {
            case Parameter.Null _ -> 0;
            case Parameter.Text(String text) -> text.length();
            case Parameter.Typed(String text, String _) -> text.length();
            case Parameter.Bytes bytes -> bytes.value().length;
          };
    }
    return length;
  }

  private String upsert(List<Identifier> given, OnConflict conflict) {
    StringBuilder text;
    if (given.isEmpty()) {
      // No cluster was seen to take DEFAULT VALUES with a conflict target.
      text = into(List.of(anyColumn())).append(" VALUES (DEFAULT)");
    } else {
      text = into(given);
      text.append(given.stream().map(_ -> "?").collect(Collectors.joining(", ", " VALUES (", ")")));
    }
    text.append(" ON CONFLICT (").append(Identifier.list(conflict.columns())).append(')');
    List<Identifier> set =
        switch (conflict) {
          case OnConflict.Nothing _ -> List.of();
          case OnConflict.Update(List<Identifier> key, Optional<List<Identifier>> named) ->
              named.orElseGet(() -> given.stream().filter(name -> !key.contains(name)).toList());
        };
    if (set.isEmpty()) {
      return text.append(" DO NOTHING").toString();
    }
    return text.append(" DO UPDATE SET ")
        .append(
            set.stream()
                .map(name -> name.quoted() + " = EXCLUDED." + name.quoted())
                .collect(Collectors.joining(", ")))
        .toString();
  }

  /// One to give a default to, where a row gives none.
  private Identifier anyColumn() {
    return shape.columns().values().iterator().next().name();
  }

  private StringBuilder into(Collection<Identifier> columns) {
    return new StringBuilder("INSERT INTO ")
        .append(target())
        .append(" (")
        .append(Identifier.list(columns))
        .append(')');
  }

  /// The table; one called as ON CONFLICT calls the row that it could not insert by another name.
  private String target() {
    boolean ambiguous = shape.table().name().equals("excluded");
    return shape.qualified() + (ambiguous ? " AS " + Projection.ALIAS : "");
  }

  private Parameter parameter(Identifier name, Value value, int row) {
    ColumnShape column = shape.columns().get(name.name());
    if (column == null) {
      shape.unknownColumn(pointer(name, row), faults);
      return Parameter.NULL;
    }
    return parameter(column, value, row);
  }

  private Parameter parameter(ColumnShape column, Value value, int row) {
    try {
      if (column.type().base() == ColumnType.Base.NUMERIC
          && column.type().length().isEmpty()
          && !(value instanceof Value.Null)
          && Numbers.mayRound(value)) {
        if (insert.onConflict().isPresent()) {
          throw new InvalidValue(
              "a numeric column without a precision may round it; with onConflict give at most 12"
                  + " digits before the point and 6 behind it");
        }
        rounding.add(column.name());
      }
      return ValueEncoder.encode(value, column.type(), Use.STORE);
    } catch (InvalidValue e) {
      faults.add(pointer(column.name(), row), Fault.Code.INVALID_VALUE, e.detail());
      return Parameter.NULL;
    }
  }

  private static String pointer(Identifier name, int row) {
    return Faults.at(Faults.at("/rows", row), name.name());
  }
}
