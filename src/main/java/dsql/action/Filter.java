package dsql.action;

import java.util.List;

/// Which rows of a table.
public sealed interface Filter {

  /// All of them hold.
  record And(List<Filter> all) implements Filter {
    public And {
      all = List.copyOf(all);
    }
  }

  /// The column equals the value.
  ///
  /// @param pointer where the value stands in the request, for a fault found once the column's type
  ///   is known
  record Equal(Identifier column, Value value, String pointer) implements Filter {}

  /// The column is NULL.
  record IsNull(Identifier column, String pointer) implements Filter {}
}
