package dsql.sql;

import dsql.action.ColumnType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An order of rows, and what comes after a position in it.
///
/// What follows is written out column by column, because a comparison of whole rows knows neither
/// directions nor NULLs.
///
/// @param terms the last of which tells any two rows apart, where the order is total; empty where
///   there is one row at most
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

    private String sql(String what) {
      String nulls = hasIndexOrder() ? "" : nullsFirst ? " NULLS FIRST" : " NULLS LAST";
      return what + direction() + nulls;
    }

    private String direction() {
      return descending ? " DESC" : "";
    }

    /// Whether NULLs stand where an index has them.
    private boolean hasIndexOrder() {
      return nullsFirst == descending;
    }

    private String compared(String orEqual) {
      return expression + (descending ? " <" : " >") + orEqual + " ?";
    }

    /// What an aggregate has become the server knows best.
    private Parameter parameter(String value) {
      return aggregate ? new Parameter.Text(value) : Parameter.of(value, type);
    }

    private boolean nullsFollow() {
      return nullable && !nullsFirst;
    }
  }

  /// Rows that follow one another in an index.
  ///
  /// @param condition holds for them; without text for all
  /// @param order theirs, as it stands after ORDER BY; empty where there is none
  record Range(Sql condition, String order) {}

  private static final Sql EVERYTHING = new Sql("", List.of());

  /// The terms as they stand after ORDER BY.
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

  /// The same, with the terms called by their columns' numbers.
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

  /// The rows after a position, or all, in one piece.
  Range whole(Optional<Position> after) {
    return new Range(after.isPresent() ? after(after.get()) : EVERYTHING, sql());
  }

  /// Whether the rows may be read as two pieces, of values and of NULLs.
  boolean mayHavePieces() {
    return !terms.isEmpty() && terms.getFirst().nullable();
  }

  /// The rows after a position, or all, as at most two pieces, the first one first, each of which
  /// an index can serve that begins with the first term: it keeps its NULLs after the values, or
  /// before them when read backwards, and begins at a value or at the NULLs, not at either.
  List<Range> ranges(Optional<Position> after) {
    if (!mayHavePieces()) {
      return List.of(whole(after));
    }
    Term first = terms.getFirst();
    if (after.isEmpty()) {
      if (first.hasIndexOrder()) {
        return List.of(whole(after));
      }
      Range values = new Range(new Sql(first.expression + " IS NOT NULL", List.of()), values());
      return first.nullsFirst ? List.of(nulls(after), values) : List.of(values, nulls(after));
    }
    if (after.get().values().getFirst() == null) {
      Range rest = nulls(after);
      return first.nullsFirst
          ? List.of(
              rest, new Range(new Sql(first.expression + " IS NOT NULL", List.of()), values()))
          : List.of(rest);
    }
    Range rest = new Range(bounded(after.get(), false), values());
    return first.nullsFirst ? List.of(rest) : List.of(rest, nulls(Optional.empty()));
  }

  /// The order of rows without NULL in the first term.
  private String values() {
    Term first = terms.getFirst();
    String rest = sql(rest());
    return first.expression + first.direction() + (rest.isEmpty() ? "" : ", " + rest);
  }

  private List<Term> rest() {
    return terms.subList(1, terms.size());
  }

  /// The rows with NULL in the first term, after a position among them.
  private Range nulls(Optional<Position> after) {
    List<Parameter> parameters = new ArrayList<>();
    String condition = terms.getFirst().expression + " IS NULL";
    if (after.isPresent()) {
      condition += " AND (" + after(after.get(), 1, true, parameters) + ')';
    }
    return new Range(new Sql(condition, parameters), sql(rest()));
  }

  private Sql after(Position position) {
    return bounded(position, true);
  }

  /// What follows a position, with a bound on the first term where it has one, which the rest
  /// implies: it is what an index can begin at.
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

  /// @param withNulls whether NULLs of this term may be among what follows
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
