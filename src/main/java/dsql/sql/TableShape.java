package dsql.sql;

import dsql.action.ColumnType;
import dsql.action.Fault;
import dsql.action.Faults;
import dsql.action.Identifier;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What an existing table looks like. Immutable; safe for concurrent use.
///
/// @param columns by name, in the table's order
/// @param primaryKey in the key's order; empty for a table or view without one
/// @param view whether it is a view, whose columns may be of any size and have no defaults of their
///   own
/// @param proof how a statement proves that the table still looks like this
public record TableShape(
    Identifier schema,
    Identifier table,
    Map<String, ColumnShape> columns,
    List<Identifier> primaryKey,
    boolean view,
    ShapeProof proof) {

  public TableShape {
    columns = Collections.unmodifiableMap(new LinkedHashMap<>(columns));
    primaryKey = List.copyOf(primaryKey);
  }

  /// A table that was made up: no statement can prove anything about it.
  public TableShape(
      Identifier schema,
      Identifier table,
      Map<String, ColumnShape> columns,
      List<Identifier> primaryKey) {
    this(schema, table, columns, primaryKey, false, ShapeProof.NONE);
  }

  /// One column.
  ///
  /// @param number its number in the catalog
  /// @param initial the default's expression as the catalog prints it
  public record ColumnShape(
      int number,
      Identifier name,
      ColumnType type,
      boolean nullable,
      Optional<String> initial,
      boolean identity) {}

  /// The column of that name, if the table has one.
  public Optional<ColumnShape> column(Identifier name) {
    return Optional.ofNullable(columns.get(name.name()));
  }

  /// The column of that name; a fault where the table has none.
  ///
  /// @param pointer where the request names it
  Optional<ColumnShape> column(Identifier name, String pointer, Faults faults) {
    Optional<ColumnShape> column = column(name);
    if (column.isEmpty()) {
      unknownColumn(pointer, faults);
    }
    return column;
  }

  /// The fault of a column that the table has not.
  ///
  /// @param pointer where the request names it
  void unknownColumn(String pointer, Faults faults) {
    if (faults.full()) {
      return;
    }
    faults.add(
        pointer,
        Fault.Code.UNKNOWN_COLUMN,
        "the table has no such column; it has: " + columnNames());
  }

  /// The table's name with its schema, fit for SQL text.
  public String qualified() {
    return schema.quoted() + '.' + table.quoted();
  }

  /// The columns' names, for an error's remedy.
  public String columnNames() {
    return String.join(", ", columns.keySet());
  }
}
