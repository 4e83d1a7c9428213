package dsql.action;

import java.util.Optional;

/// One member of a query's rows.
public sealed interface Selected {

  /// Its name in the rows.
  Identifier name();

  /// A column, or a member of the documents in it.
  ///
  /// @param at where the request names it
  record Plain(Operand operand, Identifier name, String at) implements Selected {}

  /// A value computed over a group of rows.
  ///
  /// @param operand empty for the rows themselves, which only COUNT takes
  /// @param distinct whether equal values count once, which only COUNT takes
  /// @param at where the request names it
  record Aggregate(
      Function function, Optional<Operand> operand, boolean distinct, Identifier name, String at)
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
