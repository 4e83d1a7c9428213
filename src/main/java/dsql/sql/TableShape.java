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

/// The columns and the primary key of an existing table. Immutable; safe for concurrent use.
///
/// @param columns the columns by name, in the table's order
/// @param primaryKey the key's columns, in the key's order; empty for a table or view without one
/// @param view whether it is a view, whose columns may have any size and have no defaults of their
///   own
/// @param proof proves in a statement that the table still has this shape
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

  /// The shape of an invented table, about which no statement can prove anything.
  public TableShape(
      Identifier schema,
      Identifier table,
      Map<String, ColumnShape> columns,
      List<Identifier> primaryKey) {
    this(schema, table, columns, primaryKey, false, ShapeProof.NONE);
  }

  /// One column.
  ///
  /// @param number the column's number in the catalog
  /// @param defaultValue the default's expression as the catalog prints it
  public record ColumnShape(
      int number,
      Identifier name,
      ColumnType type,
      boolean nullable,
      Optional<String> defaultValue,
      boolean identity) {}

  /// The column with that name, if the table has one.
  public Optional<ColumnShape> column(Identifier name) {
    return Optional.ofNullable(columns.get(name.name()));
  }

  /// The column with that name; a fault if the table has none.
  ///
  /// @param pointer where the request names it
  Optional<ColumnShape> column(Identifier name, String pointer, Faults faults) {
    Optional<ColumnShape> column = column(name);
    if (column.isEmpty()) {
      unknownColumn(pointer, faults);
    }
    return column;
  }

  /// Adds the fault of a column that the table does not have.
  ///
  /// @param pointer where the request names it
  void unknownColumn(String pointer, Faults faults) {
    if (faults.full()) {
      return;
    }
    faults.add(
        pointer,
        Fault.Code.UNKNOWN_COLUMN,
        "the table has no such column; it has: " + String.join(", ", columns.keySet()));
  }

  /// The table's name with its schema, quoted for SQL text.
  public String qualified() {
    return schema.quoted() + '.' + table.quoted();
  }
}
