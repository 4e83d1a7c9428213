package dsql.sql;

import dsql.action.ColumnType;
import dsql.action.ColumnType.Base;
import dsql.action.Faults;
import dsql.action.Filter;
import dsql.action.Identifier;
import dsql.action.Value;
import dsql.sql.TableShape.ColumnShape;
import dsql.sql.ValueEncoder.Use;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Turns a filter into an SQL condition. Confined to one statement.
final class FilterSql {

  private static final ColumnType TEXT = ColumnType.ofCatalog("text");

  static final Set<Base> TEXTS = EnumSet.of(Base.CHAR, Base.BPCHAR, Base.VARCHAR, Base.TEXT);

  private final TableShape shape;
  private final Faults faults;
  private final List<Parameter> parameters = new ArrayList<>();

  private FilterSql(TableShape shape, Faults faults) {
    this.shape = shape;
    this.faults = faults;
  }

  /// The condition; it must not be used if a fault was added.
  static Sql of(Filter filter, TableShape shape, Faults faults) {
    FilterSql sql = new FilterSql(shape, faults);
    return new Sql(sql.predicate(filter), sql.parameters);
  }

  private String predicate(Filter filter) {
    return switch (filter) {
      case Filter.And(List<Filter> all) -> joined(all, " AND ");
      case Filter.Or(List<Filter> any) -> joined(any, " OR ");
      case Filter.Not(Filter negated) -> "NOT " + parenthesized(predicate(negated));
      case Filter.Compare compare -> {
        bind(comparable(compare.column(), compare.pointer()), compare.value(), compare.pointer());
        yield Projection.column(compare.column()) + ' ' + compare.comparison().sql() + " ?";
      }
      case Filter.In in -> among(in);
      case Filter.Like like -> like(like);
      case Filter.Between between -> {
        Optional<ColumnShape> known = comparable(between.column(), between.pointer());
        bind(known, between.low(), Faults.at(between.pointer(), 0));
        bind(known, between.high(), Faults.at(between.pointer(), 1));
        yield Projection.column(between.column()) + " BETWEEN ? AND ?";
      }
      case Filter.IsNull(Identifier column, boolean negated, String at) -> {
        shape.column(column, at, faults);
        yield Projection.column(column) + (negated ? " IS NOT NULL" : " IS NULL");
      }
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

  private String among(Filter.In in) {
    Optional<ColumnShape> known = comparable(in.column(), in.pointer());
    int count = in.values().size();
    for (int i = 0; i < count; i++) {
      bind(known, in.values().get(i), Faults.at(in.pointer(), i));
    }
    if (count == 0) {
      return in.negated() ? "TRUE" : "FALSE";
    }
    String marks = "?, ".repeat(count - 1) + '?';
    return Projection.column(in.column()) + (in.negated() ? " NOT IN (" : " IN (") + marks + ')';
  }

  private String like(Filter.Like like) {
    String at = like.pointer();
    Optional<ColumnShape> known = shape.column(like.column(), at, faults);
    if (known.isPresent() && !TEXTS.contains(known.get().type().base())) {
      faults.invalid(
          at, "only a text column can match a pattern; this one is " + known.get().type().sql());
    } else if (known.isPresent()) {
      // A pattern bound as char(n) would lose its trailing blanks.
      bind(new Value.Text(like.pattern()), known.get().type(), TEXT, at);
    }
    return Projection.column(like.column()) + (like.ignoreCase() ? " ILIKE ?" : " LIKE ?");
  }

  private Optional<ColumnShape> comparable(Identifier column, String at) {
    Optional<ColumnShape> known = shape.column(column, at, faults);
    if (known.isPresent() && !known.get().type().base().hasOrder()) {
      faults.invalid(at, "a json column cannot be compared");
      return Optional.empty();
    }
    return known;
  }

  private void bind(Optional<ColumnShape> column, Value value, String at) {
    if (column.isPresent()) {
      bind(value, column.get().type(), column.get().type(), at);
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
