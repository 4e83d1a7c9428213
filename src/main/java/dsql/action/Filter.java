package dsql.action;

import java.util.List;

/// Which rows of a table. A comparison with a NULL in the table holds for no row, nor does its
/// negation, as in SQL.
///
/// A `pointer` says where a condition stands in the request, for a fault found once the column's
/// type is known.
public sealed interface Filter {

  /// How deep `and`, `or` and `not` may nest.
  int MAX_DEPTH = 8;

  /// Conditions of one filter at most.
  int MAX_CONDITIONS = 1_000;

  /// Values of one filter at most, those in lists counted one by one.
  int MAX_VALUES = 10_000;

  /// All of them hold.
  ///
  /// @param all at least one
  record And(List<Filter> all) implements Filter {
    public And {
      all = List.copyOf(all);
    }
  }

  /// At least one of them holds.
  ///
  /// @param any at least one
  record Or(List<Filter> any) implements Filter {
    public Or {
      any = List.copyOf(any);
    }
  }

  /// It does not hold.
  record Not(Filter negated) implements Filter {}

  /// The column compared with a value that is not null.
  record Compare(Identifier column, Comparison comparison, Value value, String pointer)
      implements Filter {}

  /// The column is among the values, or not; of no values it is among none.
  ///
  /// @param values none of them null
  record In(Identifier column, boolean negated, List<Value> values, String pointer)
      implements Filter {
    public In {
      values = List.copyOf(values);
    }
  }

  /// The column's text matches a pattern, in which `%` stands for any text, `_` for one character,
  /// and a backslash takes the next character as it is.
  record Like(Identifier column, boolean ignoreCase, String pattern, String pointer)
      implements Filter {}

  /// The column is from one value to another, both included.
  record Between(Identifier column, Value low, Value high, String pointer) implements Filter {}

  /// The column is NULL, or is not.
  record IsNull(Identifier column, boolean negated, String pointer) implements Filter {}

  /// How a column is compared.
  enum Comparison {
    EQ("="),
    NE("<>"),
    GT(">"),
    GTE(">="),
    LT("<"),
    LTE("<=");

    private final String sql;

    Comparison(String sql) {
      this.sql = sql;
    }

    /// The operator in SQL.
    public String sql() {
      return sql;
    }
  }
}
