package dsql.sql;

import dsql.action.ColumnType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A total order of rows, and what comes after a position in it.
///
/// @param terms the last of which tells any two rows apart; empty where there is one row at most
record Ordering(List<Term> terms) {

  Ordering {
    terms = List.copyOf(terms);
  }

  /// One term.
  ///
  /// @param expression a column or an aggregate, in SQL
  /// @param aggregate whether it is an aggregate, which WHERE cannot hold
  record Term(
      String expression,
      ColumnType type,
      boolean aggregate,
      boolean nullable,
      boolean descending,
      boolean nullsFirst) {

    private String sql() {
      String nulls = nullsFirst == descending ? "" : nullsFirst ? " NULLS FIRST" : " NULLS LAST";
      return expression + (descending ? " DESC" : "") + nulls;
    }

    private String compared(String orEqual) {
      return expression + (descending ? " <" : " >") + orEqual + " ?";
    }

    /// Whether NULLs come after a value.
    private boolean nullsFollow() {
      return nullable && !nullsFirst;
    }
  }

  /// The terms as they stand after ORDER BY.
  String sql() {
    return terms.stream().map(Term::sql).collect(Collectors.joining(", "));
  }

  boolean hasAggregates() {
    return terms.stream().anyMatch(Term::aggregate);
  }

  /// The condition that holds for the rows after a position, written out column by column, because
  /// a comparison of whole rows knows neither directions nor NULLs. The bound on the first column,
  /// which the rest implies, is what an index can begin at.
  Sql after(Position position) {
    List<Parameter> parameters = new ArrayList<>();
    Term first = terms.getFirst();
    @Nullable String value = position.values().getFirst();
    String bound = "";
    if (terms.size() > 1 && value != null && !first.nullsFollow()) {
      bound = first.compared("=") + " AND ";
      parameters.add(new Parameter.Text(value));
    }
    return new Sql(bound + '(' + after(position, 0, parameters) + ')', parameters);
  }

  private String after(Position position, int i, List<Parameter> parameters) {
    Term term = terms.get(i);
    @Nullable String value = position.values().get(i);
    List<String> ways = new ArrayList<>();
    if (value != null) {
      parameters.add(new Parameter.Text(value));
      ways.add(term.compared(""));
      if (term.nullsFollow()) {
        ways.add(term.expression + " IS NULL");
      }
    } else if (term.nullsFirst) {
      ways.add(term.expression + " IS NOT NULL");
    }
    if (i + 1 < terms.size()) {
      if (value != null) {
        parameters.add(new Parameter.Text(value));
      }
      String same = term.expression + (value == null ? " IS NULL" : " = ?");
      ways.add(same + " AND (" + after(position, i + 1, parameters) + ')');
    }
    return ways.isEmpty() ? "FALSE" : String.join(" OR ", ways);
  }
}
