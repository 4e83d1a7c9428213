package dsql.action;

import java.util.List;

/// Selects rows of a table. As in SQL, where the column is NULL neither a comparison nor its
/// negation holds.
///
/// A `pointer` is a condition's place in the request; a fault found later, once the column's type
/// is known, names it.
public sealed interface Filter {

  /// Limit on the nesting of `and`, `or` and `not`, which bounds the recursion over a filter.
  int MAX_DEPTH = 8;

  /// Limit on the conditions of one filter, which bounds the statement's text.
  int MAX_CONDITIONS = 1_000;

  /// Limit on the values of one filter, each list element counted, which bounds the statement's
  /// parameters.
  int MAX_VALUES = 10_000;

  /// Holds where all of them hold.
  ///
  /// @param all at least one
  record And(List<Filter> all) implements Filter {
    public And {
      all = List.copyOf(all);
    }
  }

  /// Holds where at least one of them holds.
  ///
  /// @param any at least one
  record Or(List<Filter> any) implements Filter {
    public Or {
      any = List.copyOf(any);
    }
  }

  /// Holds where the other does not.
  record Not(Filter negated) implements Filter {}

  /// Compares the column with a value that is not null.
  record Compare(Identifier column, Comparison comparison, Value value, String pointer)
      implements Filter {}

  /// The column is one of the values, or is not; an empty list holds no value at all.
  ///
  /// @param values none of them null
  record In(Identifier column, boolean negated, List<Value> values, String pointer)
      implements Filter {
    public In {
      values = List.copyOf(values);
    }
  }

  /// The column's text matches a pattern: `%` matches any text, `_` any one character, and a
  /// backslash makes the next character literal.
  record Like(Identifier column, boolean ignoreCase, String pattern, String pointer)
      implements Filter {}

  /// The column lies between two values, both included.
  record Between(Identifier column, Value low, Value high, String pointer) implements Filter {}

  /// The column is NULL, or is not.
  record IsNull(Identifier column, boolean negated, String pointer) implements Filter {}

  /// The comparison operators.
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
