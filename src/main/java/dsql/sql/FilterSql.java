package dsql.sql;

import dsql.action.ColumnType;
import dsql.action.Faults;
import dsql.action.Filter;
import dsql.action.Identifier;
import dsql.action.Operand;
import dsql.action.Value;
import dsql.sql.Operands.Expression;
import dsql.sql.ValueEncoder.Use;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Turns a filter into an SQL condition. Confined to one statement.
final class FilterSql {

  private static final ColumnType TEXT = ColumnType.ofCatalog("text");

  private final Operands operands;
  private final Faults faults;
  private final List<Parameter> parameters = new ArrayList<>();

  private FilterSql(Operands operands, Faults faults) {
    this.operands = operands;
    this.faults = faults;
  }

  /// The condition on the rows of a table; it must not be used if a fault was added.
  static Sql of(Filter filter, TableShape shape, Faults faults) {
    return of(filter, Operands.ofRows(shape, faults), faults);
  }

  /// The condition on what the operands belong to.
  static Sql of(Filter filter, Operands operands, Faults faults) {
    FilterSql sql = new FilterSql(operands, faults);
    return new Sql(sql.predicate(filter), sql.parameters);
  }

  private String predicate(Filter filter) {
    return switch (filter) {
      case Filter.And(List<Filter> all) -> joined(all, " AND ");
      case Filter.Or(List<Filter> any) -> joined(any, " OR ");
      case Filter.Not(Filter negated) -> "NOT " + parenthesized(predicate(negated));
      case Filter.Compare compare -> {
        Optional<Expression> of = operands.comparable(compare.operand(), compare.pointer());
        bind(of, compare.value(), compare.pointer());
        yield sql(of) + ' ' + compare.comparison().sql() + " ?";
      }
      case Filter.In in -> among(in);
      case Filter.Like like -> like(like);
      case Filter.Between between -> {
        Optional<Expression> of = operands.comparable(between.operand(), between.pointer());
        bind(of, between.low(), Faults.at(between.pointer(), 0));
        bind(of, between.high(), Faults.at(between.pointer(), 1));
        yield sql(of) + " BETWEEN ? AND ?";
      }
      case Filter.IsNull(Operand operand, boolean negated, String at) ->
          sql(operands.find(operand, at)) + (negated ? " IS NOT NULL" : " IS NULL");
      case Filter.Contains(Identifier column, Value document, String at) -> {
        bind(operands.jsonb(column, at), document, at);
        yield Operands.column(column) + " @> ?::jsonb";
      }
      case Filter.Has(Identifier column, String key, String at) -> {
        operands.jsonb(column, at);
        bind(new Value.Text(key), TEXT, TEXT, at);
        // The driver takes the doubled mark for the operator's own.
        yield Operands.column(column) + " ?? ?";
      }
      case Filter.Tuples tuples -> tuples(tuples);
    };
  }

  private String joined(List<Filter> filters, String word) {
    return filters.stream()
        .map(filter -> parenthesized(predicate(filter)))
        .collect(Collectors.joining(word));
  }

  private static String parenthesized(String predicate) {
    return '(' + predicate + ')';
  }

  private static String sql(Optional<Expression> of) {
    return of.isPresent() ? of.get().sql() : "";
  }

  private String among(Filter.In in) {
    Optional<Expression> of = operands.comparable(in.operand(), in.pointer());
    int count = in.values().size();
    for (int i = 0; i < count; i++) {
      bind(of, in.values().get(i), Faults.at(in.pointer(), i));
    }
    if (count == 0) {
      return in.negated() ? "TRUE" : "FALSE";
    }
    String marks = "?, ".repeat(count - 1) + '?';
    return sql(of) + (in.negated() ? " NOT IN (" : " IN (") + marks + ')';
  }

  private String like(Filter.Like like) {
    String at = like.pointer();
    Optional<Expression> of = operands.text(like.operand(), at);
    if (of.isPresent()) {
      // A pattern bound as char(n) would lose its trailing blanks.
      bind(new Value.Text(like.pattern()), of.get().type(), TEXT, at);
    }
    return sql(of) + (like.ignoreCase() ? " ILIKE ?" : " LIKE ?");
  }

  /// Written out with AND and OR, because nothing proves that DSQL takes `(a, b) IN (…)`.
  private String tuples(Filter.Tuples tuples) {
    List<Optional<Expression>> columns = new ArrayList<>();
    StringBuilder equal = new StringBuilder("(");
    for (int i = 0; i < tuples.columns().size(); i++) {
      String at = Faults.at(tuples.pointer() + "/columns", i);
      Optional<Expression> of = operands.comparable(Operand.of(tuples.columns().get(i)), at);
      equal.append(i == 0 ? "" : " AND ").append(sql(of)).append(" = ?");
      columns.add(of);
    }
    equal.append(')');
    for (int row = 0; row < tuples.rows().size(); row++) {
      String at = Faults.at(tuples.pointer() + "/values", row);
      for (int i = 0; i < columns.size(); i++) {
        bind(columns.get(i), tuples.rows().get(row).get(i), Faults.at(at, i));
      }
    }
    return tuples.rows().isEmpty()
        ? "FALSE"
        : String.join(" OR ", Collections.nCopies(tuples.rows().size(), equal.toString()));
  }

  private void bind(Optional<Expression> of, Value value, String at) {
    if (of.isPresent()) {
      bind(value, of.get().type(), of.get().type(), at);
    }
  }

  /// @param type the type that the value must fit
  /// @param bound the type that it is bound as
  private void bind(Value value, ColumnType type, ColumnType bound, String at) {
    try {
      Parameter parameter = ValueEncoder.encode(value, type, Use.COMPARE);
      parameters.add(
          parameter instanceof Parameter.Text(String text) ? Parameter.of(text, bound) : parameter);
    } catch (InvalidValue e) {
      faults.invalid(at, e.detail());
    }
  }
}
