package dsql.sql;

import dsql.action.ColumnType;
import dsql.action.Faults;
import dsql.action.Identifier;
import dsql.action.Insert;
import dsql.action.Value;
import dsql.sql.TableShape.ColumnShape;
import dsql.sql.ValueEncoder.Use;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The values of an insert's rows as parameters. Confined to one thread.
final class RowParameters {

  private final Insert insert;
  private final TableShape shape;
  private final Faults faults;

  /// Columns that may round a value that was encoded since they were last taken.
  private final Set<Identifier> rounding = new LinkedHashSet<>();

  RowParameters(Insert insert, TableShape shape, Faults faults) {
    this.insert = insert;
    this.shape = shape;
    this.faults = faults;
  }

  /// The columns that may round a value that was encoded since the last call.
  List<Identifier> takeRounding() {
    List<Identifier> columns = List.copyOf(rounding);
    rounding.clear();
    return columns;
  }

  /// The value of a named column; a fault where there is no such column.
  Parameter of(Identifier name, Value value, int row) {
    ColumnShape column = shape.columns().get(name.name());
    if (column == null) {
      shape.unknownColumn(pointer(name, row), faults);
      return Parameter.NULL;
    }
    return of(column, value, row);
  }

  /// The value of a column; a fault where it does not fit.
  Parameter of(ColumnShape column, Value value, int row) {
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
      faults.invalid(pointer(column.name(), row), e.detail());
      return Parameter.NULL;
    }
  }

  /// The place of a value in the request.
  static String pointer(Identifier name, int row) {
    return Faults.at(Faults.at("/rows", row), name.name());
  }
}
