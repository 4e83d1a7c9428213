package dsql.sql;

import dsql.action.ColumnType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An order of rows, and the conditions for the rows after a position in it.
///
/// These conditions compare column by column, because a comparison of whole rows supports neither
/// directions nor NULLs.
///
/// @param terms the terms; they leave no two rows equal if the order is total, and there are none
///   if there is at most one row
record Ordering(List<Term> terms) {

  Ordering {
    terms = List.copyOf(terms);
  }

  /// One term.
  ///
  /// @param expression a column or an aggregate, in SQL
  /// @param aggregate whether it is an aggregate, which WHERE cannot contain
  record Term(
      String expression,
      ColumnType type,
      boolean aggregate,
      boolean nullable,
      boolean descending,
      boolean nullsFirst) {

    private String sql(String what) {
      String nulls = hasIndexOrder() ? "" : nullsFirst ? " NULLS FIRST" : " NULLS LAST";
      return what + direction() + nulls;
    }

    private String direction() {
      return descending ? " DESC" : "";
    }

    /// Whether NULLs come where an index has them.
    private boolean hasIndexOrder() {
      return nullsFirst == descending;
    }

    private String compared(String orEqual) {
      return expression + (descending ? " <" : " >") + orEqual + " ?";
    }

    /// An aggregate's value gets no type: the server knows what type the aggregate has.
    private Parameter parameter(String value) {
      return aggregate ? new Parameter.Text(value) : Parameter.of(value, type);
    }

    private boolean nullsFollow() {
      return nullable && !nullsFirst;
    }
  }

  /// Rows that are adjacent in an index.
  ///
  /// @param condition the condition that selects them; its text is empty for all rows
  /// @param order their order, as written after ORDER BY; empty if they need none
  record Range(Sql condition, String order) {}

  private static final Sql EVERYTHING = new Sql("", List.of());

  /// The terms as written after ORDER BY.
  String sql() {
    return sql(terms);
  }

  private static String sql(List<Term> terms) {
    StringBuilder text = new StringBuilder();
    for (Term term : terms) {
      text.append(text.isEmpty() ? "" : ", ").append(term.sql(term.expression()));
    }
    return text.toString();
  }

  /// The terms as written after ORDER BY, with column numbers instead of expressions.
  String byNumber(List<Integer> columns) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < terms.size(); i++) {
      texts.add(terms.get(i).sql(Integer.toString(columns.get(i))));
    }
    return String.join(", ", texts);
  }

  boolean hasAggregates() {
    for (Term term : terms) {
      if (term.aggregate()) {
        return true;
      }
    }
    return false;
  }

  /// The rows after a position, or all rows, as one range.
  Range whole(Optional<Position> after) {
    return new Range(after.isPresent() ? bounded(after.get(), true) : EVERYTHING, sql());
  }

  /// Whether the rows can be read as two ranges, one of values and one of NULLs.
  boolean mayHavePieces() {
    return !terms.isEmpty() && terms.getFirst().nullable();
  }

  /// The rows after a position, or all rows, as one or two ranges in their order. An index that
  /// begins with the first term can serve each of them: it keeps NULLs after the values, or before
  /// them when it is read backwards, and a scan can begin at a value or at the NULLs, but not at
  /// both.
  List<Range> ranges(Optional<Position> after) {
    if (!mayHavePieces() || (after.isEmpty() && terms.getFirst().hasIndexOrder())) {
      return List.of(whole(after));
    }
    boolean nullsFirst = terms.getFirst().nullsFirst;
    boolean atNull = after.isPresent() && after.get().values().getFirst() == null;
    Range values = values(atNull ? Optional.empty() : after);
    Range nulls = nulls(atNull ? after : Optional.empty());
    if (after.isPresent() && atNull != nullsFirst) {
      return List.of(atNull ? nulls : values);
    }
    return nullsFirst ? List.of(nulls, values) : List.of(values, nulls);
  }

  /// The rows whose first term is not NULL, after a position among them if there is one.
  private Range values(Optional<Position> after) {
    Term first = terms.getFirst();
    String rest = sql(rest());
    return new Range(
        after.isPresent()
            ? bounded(after.get(), false)
            : new Sql(first.expression + " IS NOT NULL", List.of()),
        first.expression + first.direction() + (rest.isEmpty() ? "" : ", " + rest));
  }

  private List<Term> rest() {
    return terms.subList(1, terms.size());
  }

  /// The rows whose first term is NULL, after a position among them if there is one.
  private Range nulls(Optional<Position> after) {
    List<Parameter> parameters = new ArrayList<>();
    String condition = terms.getFirst().expression + " IS NULL";
    if (after.isPresent()) {
      condition += " AND (" + after(after.get(), 1, true, parameters) + ')';
    }
    return new Range(new Sql(condition, parameters), sql(rest()));
  }

  /// The condition for the rows after a position. If the first term allows it, the condition begins
  /// with a bound on that term; the rest implies the bound, but an index scan can begin there.
  private Sql bounded(Position position, boolean withNulls) {
    List<Parameter> parameters = new ArrayList<>();
    Term first = terms.getFirst();
    @Nullable String value = position.values().getFirst();
    String bound = "";
    if (terms.size() > 1 && value != null && !(withNulls && first.nullsFollow())) {
      bound = first.compared("=") + " AND ";
      parameters.add(first.parameter(value));
    }
    return new Sql(bound + '(' + after(position, 0, withNulls, parameters) + ')', parameters);
  }

  /// @param withNulls whether the rows that follow may have NULL in this term
  private String after(Position position, int i, boolean withNulls, List<Parameter> parameters) {
    if (i == terms.size()) {
      return "FALSE";
    }
    Term term = terms.get(i);
    @Nullable String value = position.values().get(i);
    List<String> ways = new ArrayList<>();
    if (value != null) {
      parameters.add(term.parameter(value));
      ways.add(term.compared(""));
      if (withNulls && term.nullsFollow()) {
        ways.add(term.expression + " IS NULL");
      }
    } else if (term.nullsFirst) {
      ways.add(term.expression + " IS NOT NULL");
    }
    if (i + 1 < terms.size()) {
      if (value != null) {
        parameters.add(term.parameter(value));
      }
      String same = term.expression + (value == null ? " IS NULL" : " = ?");
      ways.add(same + " AND (" + after(position, i + 1, true, parameters) + ')');
    }
    return ways.isEmpty() ? "FALSE" : String.join(" OR ", ways);
  }
}
