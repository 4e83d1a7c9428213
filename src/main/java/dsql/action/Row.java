package dsql.action;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A row to insert. Rows of one kind share their list of columns, and a look-up goes through it,
/// for a row has few columns; that keeps thousands of rows cheap.
///
/// @param columns the columns given, which are distinct, in the order of the request
/// @param values as many values
public record Row(List<Identifier> columns, List<Value> values) {

  public Row {
    if (columns.size() != values.size()) {
      throw new IllegalArgumentException(columns.size() + " columns, " + values.size() + " values");
    }
    columns = List.copyOf(columns);
    values = List.copyOf(values);
  }

  /// The value of a column; null for one that was not given.
  public @Nullable Value get(Identifier column) {
    int index = columns.indexOf(column);
    return index < 0 ? null : values.get(index);
  }
}
