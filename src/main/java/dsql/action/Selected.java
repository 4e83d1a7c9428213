package dsql.action;

import java.util.Optional;

/// One member of a query's rows.
public sealed interface Selected {

  /// Its name in the rows.
  Identifier name();

  /// A column.
  record Plain(Identifier column, Identifier name) implements Selected {}

  /// A value computed over a group of rows.
  ///
  /// @param column empty for the rows themselves, which only COUNT takes
  record Aggregate(Function function, Optional<Identifier> column, Identifier name)
      implements Selected {}

  /// The aggregate functions.
  enum Function {
    COUNT,
    SUM,
    MIN,
    MAX,
    AVG
  }
}
