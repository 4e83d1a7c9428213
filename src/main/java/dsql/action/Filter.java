package dsql.action;

import java.util.ArrayList;
import java.util.List;

/// Selects rows of a table. As in SQL, where an operand is NULL neither a comparison nor its
/// negation holds.
///
/// A `pointer` is a condition's place in the request; a fault found later, once the columns' types
/// are known, names it.
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

  /// A condition on one operand.
  sealed interface Condition extends Filter {
    Operand operand();

    String pointer();
  }

  /// Compares the operand with a value that is not null.
  record Compare(Operand operand, Comparison comparison, Value value, String pointer)
      implements Condition {}

  /// The operand is one of the values, or is not; an empty list holds no value at all.
  ///
  /// @param values none of them null
  record In(Operand operand, boolean negated, List<Value> values, String pointer)
      implements Condition {
    public In {
      values = List.copyOf(values);
    }
  }

  /// The operand's text matches a pattern: `%` matches any text, `_` any one character, and a
  /// backslash makes the next character literal.
  record Like(Operand operand, boolean ignoreCase, String pattern, String pointer)
      implements Condition {}

  /// The operand lies between two values, both included.
  record Between(Operand operand, Value low, Value high, String pointer) implements Condition {}

  /// The operand is NULL, or is not.
  record IsNull(Operand operand, boolean negated, String pointer) implements Condition {}

  /// The document in the column contains another, as jsonb's `@>` defines it.
  record Contains(Identifier column, Value document, String pointer) implements Filter {}

  /// The document in the column is an object with that member, or an array with that string.
  record Has(Identifier column, String key, String pointer) implements Filter {}

  /// Several columns together have the values of one of the rows.
  ///
  /// @param rows each with one value for each column, none of them null
  record Tuples(List<Identifier> columns, List<List<Value>> rows, String pointer)
      implements Filter {
    public Tuples {
      columns = List.copyOf(columns);
      rows = List.copyOf(rows);
    }
  }

  /// All conditions on one operand, in the order of the request.
  default List<Condition> conditions() {
    List<Condition> found = new ArrayList<>();
    collect(this, found, new ArrayList<>());
    return found;
  }

  /// The pointers of the conditions that concern rows of a table alone: a document as a whole, or
  /// several columns.
  default List<String> ofRows() {
    List<String> pointers = new ArrayList<>();
    collect(this, new ArrayList<>(), pointers);
    return pointers;
  }

  private static void collect(Filter filter, List<Condition> found, List<String> ofRows) {
    switch (filter) {
      case And(List<Filter> all) -> all.forEach(one -> collect(one, found, ofRows));
      case Or(List<Filter> any) -> any.forEach(one -> collect(one, found, ofRows));
      case Not(Filter negated) -> collect(negated, found, ofRows);
      case Condition condition -> found.add(condition);
      case Contains contains -> ofRows.add(contains.pointer());
      case Has has -> ofRows.add(has.pointer());
      case Tuples tuples -> ofRows.add(tuples.pointer());
    }
  }

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
