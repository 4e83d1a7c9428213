package dsql.sql;

import dsql.action.Faults;
import dsql.action.Identifier;
import dsql.action.Insert;
import dsql.action.Insert.OnConflict;
import dsql.action.InvalidRequest;
import dsql.action.Row;
import dsql.action.Value;
import dsql.sql.TableShape.ColumnShape;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// The statements of an insert, to be run in order in one transaction.
///
/// Without `onConflict` the rows are inserted by multi-row VALUES, where DEFAULT replaces an absent
/// field and `RETURNING` keeps the order of the rows. With it, each row is a statement of its own,
/// and many of them are sent at once: only this way does a skipped row differ from a written one,
/// and may two rows of one request have the same key.
public final class InsertSql {

  /// Limit on the rows of a multi-row VALUES: a longer one takes more time to parse and plan than
  /// several shorter ones.
  private static final int MAX_ROWS = 500;

  /// Minimum number of rows for which arrays are faster than VALUES.
  public static final int MANY_ROWS = 100;

  /// Approximate limit, in characters, on the arrays of one statement; a protocol message holds 10
  /// MiB.
  private static final int MAX_ARRAYS = 2 << 20;

  /// Limit on a statement's parameters: those that the protocol can count, less the four of a
  /// ledger row in the same statement.
  private static final int MAX_PARAMETERS = 65_535 - 4;

  /// Minimum number of rows with the same text for which a batch, which the server prepares, is
  /// faster than a pipeline.
  private static final int BATCH_ROWS = 8;

  /// Limit on the rows of a pipeline, which are sent as one text.
  private static final int PIPELINE_ROWS = 100;

  /// Approximate limit, in characters, on a pipeline's parameters: the server's answers have to fit
  /// into the sockets' buffers while the driver is still sending.
  private static final int PIPELINE_CHARACTERS = 32 * 1024;

  private final Insert insert;
  private final TableShape shape;
  private final Faults faults = new Faults();
  private final RowParameters encoded;

  private InsertSql(Insert insert, TableShape shape) {
    this.insert = insert;
    this.shape = shape;
    this.encoded = new RowParameters(insert, shape, faults);
  }

  /// The statements for some of the rows.
  ///
  /// @param from the first row
  /// @param to the row after the last
  /// @param arrays whether many rows may go as arrays
  /// @throws InvalidRequest when a column is unknown or a value does not fit its column
  public static List<InsertStatement> of(
      Insert insert, TableShape shape, int from, int to, boolean arrays) {
    InsertSql sql = new InsertSql(insert, shape);
    sql.checkNames();
    List<InsertStatement> statements =
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
    conflict.where().ifPresent(where -> LiteralFilter.of(where.filter(), shape, faults));
    if (conflict instanceof OnConflict.Update update && update.set().isPresent()) {
      check(update.set().get(), "/onConflict/set");
    }
  }

  private void check(List<Identifier> names, String pointer) {
    for (int i = 0; i < names.size(); i++) {
      shape.column(names.get(i), Faults.at(pointer, i), faults);
    }
  }

  private List<InsertStatement> multiRow(int first, int end, boolean arrays) {
    if (end - first == 1 && !insert.rows().get(first).columns().isEmpty()) {
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
    List<InsertStatement> statements = new ArrayList<>();
    for (int from = first; from < end; from += most) {
      int to = Math.min(from + most, end);
      statements.add(values(given, from, to));
    }
    return statements;
  }

  private InsertStatement oneRow(int index) {
    Row row = insert.rows().get(index);
    StringBuilder text = into(row.columns()).append(" VALUES (?");
    text.repeat(", ?", row.columns().size() - 1).append(')');
    return values(new Sql(text.toString(), parameters(row, index)), 1, index);
  }

  /// The columns that the rows name, restricted to those that the table has, so that the set stays
  /// small whatever the request holds.
  private Set<Identifier> given(int first, int end) {
    Set<Identifier> given = new LinkedHashSet<>();
    List<Identifier> seen = List.of();
    for (int i = first; i < end; i++) {
      List<Identifier> columns = insert.rows().get(i).columns();
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
          shape.unknownColumn(RowParameters.pointer(name, i), faults);
        }
      }
    }
    return given;
  }

  private InsertStatement values(Set<Identifier> given, int from, int to) {
    StringBuilder text = into(given);
    List<Parameter> parameters = new ArrayList<>(given.size() * (to - from));
    for (int i = from; i < to; i++) {
      text.append(i == from ? " VALUES (" : ", (");
      Row row = insert.rows().get(i);
      String separator = "";
      for (Identifier name : given) {
        text.append(separator);
        separator = ", ";
        Value value = row.get(name);
        if (value == null) {
          text.append("DEFAULT");
        } else {
          text.append('?');
          parameters.add(encoded.of(name, value, i));
        }
      }
      text.append(')');
    }
    return values(new Sql(text.toString(), parameters), to - from, from);
  }

  private InsertStatement values(Sql sql, int rows, int first) {
    return new InsertStatement.Values(sql, rows, false, first, encoded.takeRounding());
  }

  /// Whether the rows can be sent as arrays: each has the same columns in the same order, and each
  /// type can be an element. An insert that returns columns cannot, because only VALUES was
  /// observed to keep the order of the rows.
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
      List<Identifier> named = insert.rows().get(i).columns();
      if (!named.equals(columns)) {
        return false;
      }
      columns = named;
    }
    return true;
  }

  private List<InsertStatement> arrays(Set<Identifier> given, int first, int end) {
    List<ColumnShape> shapes = new ArrayList<>();
    List<String> casts = new ArrayList<>();
    for (Identifier name : given) {
      ColumnShape column = Objects.requireNonNull(shape.columns().get(name.name()));
      shapes.add(column);
      casts.add("?::" + ArrayText.elementType(column.type()).orElseThrow() + "[]");
    }
    String text = into(given) + " SELECT * FROM unnest(" + String.join(", ", casts) + ')';
    List<InsertStatement> statements = new ArrayList<>();
    for (int from = first; from < end; ) {
      List<ArrayText> columns = new ArrayList<>();
      given.forEach(_ -> columns.add(new ArrayText()));
      int length = 0;
      int row = from;
      for (; row < end && length < MAX_ARRAYS; row++) {
        List<Value> values = insert.rows().get(row).values();
        for (int i = 0; i < values.size(); i++) {
          length += columns.get(i).add(encoded.of(shapes.get(i), values.get(i), row));
        }
      }
      List<Parameter> parameters = new ArrayList<>();
      columns.forEach(column -> parameters.add(new Parameter.Text(column.toString())));
      Sql sql = new Sql(text, parameters);
      statements.add(new InsertStatement.Values(sql, row - from, true, from, List.of()));
      from = row;
    }
    return statements;
  }

  private List<InsertStatement> rowByRow(OnConflict conflict, int from, int to) {
    if (to - from == 1) {
      Row row = insert.rows().get(from);
      return List.of(
          new InsertStatement.Upsert(
              new Sql(upsert(row.columns(), conflict), parameters(row, from))));
    }
    List<InsertStatement> statements = new ArrayList<>();
    List<Sql> pipeline = new ArrayList<>();
    int characters = 0;
    for (int first = from; first < to; ) {
      List<Identifier> columns = insert.rows().get(first).columns();
      String text = upsert(columns, conflict);
      int end = first + 1;
      while (end < to && insert.rows().get(end).columns().equals(columns)) {
        end++;
      }
      boolean batch = insert.returning().isEmpty() && end - first >= BATCH_ROWS;
      if (batch) {
        addPipeline(pipeline, statements);
        characters = 0;
        statements.add(rowByRow(text, first, end));
      }
      for (int i = first; i < end && !batch; i++) {
        List<Parameter> parameters = parameters(insert.rows().get(i), i);
        pipeline.add(new Sql(text, parameters));
        characters += text.length() + Parameter.length(parameters);
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

  private static void addPipeline(List<Sql> pipeline, List<InsertStatement> statements) {
    if (!pipeline.isEmpty()) {
      statements.add(new InsertStatement.Pipeline(pipeline));
      pipeline.clear();
    }
  }

  private InsertStatement rowByRow(String text, int from, int to) {
    List<List<Parameter>> rows = new ArrayList<>(to - from);
    for (int i = from; i < to; i++) {
      rows.add(parameters(insert.rows().get(i), i));
    }
    return new InsertStatement.RowByRow(text, rows);
  }

  private List<Parameter> parameters(Row row, int index) {
    List<Parameter> parameters = new ArrayList<>(row.columns().size());
    for (int i = 0; i < row.columns().size(); i++) {
      parameters.add(encoded.of(row.columns().get(i), row.values().get(i), index));
    }
    return parameters;
  }

  private String upsert(List<Identifier> given, OnConflict conflict) {
    StringBuilder text;
    if (given.isEmpty()) {
      // It is not known whether a cluster accepts DEFAULT VALUES with a conflict target.
      text = into(List.of(anyColumn())).append(" VALUES (DEFAULT)");
    } else {
      text = into(given).append(" VALUES (?").repeat(", ?", given.size() - 1).append(')');
    }
    text.append(" ON CONFLICT (").append(Identifier.list(conflict.columns())).append(')');
    // A literal condition, because the server compares it with the index's before it has
    // parameters.
    conflict
        .where()
        .ifPresent(
            where -> text.append(" WHERE ").append(LiteralFilter.prepared(where.filter(), shape)));
    List<Identifier> set =
        switch (conflict) {
          case OnConflict.Nothing _ -> List.of();
          case OnConflict.Update(List<Identifier> key, _, Optional<List<Identifier>> named) ->
              named.orElseGet(() -> given.stream().filter(name -> !key.contains(name)).toList());
        };
    if (set.isEmpty()) {
      text.append(" DO NOTHING");
    }
    String separator = " DO UPDATE SET ";
    for (Identifier name : set) {
      text.append(separator).append(name.quoted()).append(" = EXCLUDED.").append(name.quoted());
      separator = ", ";
    }
    return text.toString();
  }

  /// A column to set to its default, for a row without any column.
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

  /// The table; it gets an alias if its name is the one by which ON CONFLICT refers to the row that
  /// could not be inserted.
  private String target() {
    boolean ambiguous = shape.table().name().equals("excluded");
    return shape.qualified() + (ambiguous ? " AS " + Projection.ALIAS : "");
  }
}
