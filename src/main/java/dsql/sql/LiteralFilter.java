package dsql.sql;

import dsql.action.ColumnType;
import dsql.action.ColumnType.Base;
import dsql.action.Faults;
import dsql.action.Filter;
import dsql.action.Filter.Comparison;
import dsql.action.Identifier;
import dsql.action.Value;
import dsql.sql.TableShape.ColumnShape;
import dsql.sql.ValueEncoder.Use;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Turns a filter into the condition of a check or a partial index. DDL takes no bound parameters,
/// so the values are written as literals, each encoded for its column's type and quoted. To be
/// compared with the condition that the catalog has, it is written in the forms in which PostgreSQL
/// prints it, such as `= ANY (ARRAY[…])` for a list. Confined to one statement.
public final class LiteralFilter {

  /// A value in the condition.
  ///
  /// @param type the type's name in SQL
  public record Literal(String text, String type) {
    /// The literal as a standard-conforming string with its type.
    String sql(String canonical) {
      return quoted(canonical) + "::" + type;
    }
  }

  private final TableShape shape;
  private final Faults faults;
  private final @Nullable Map<Literal, String> canonical;
  private final Set<Literal> literals = new LinkedHashSet<>();

  private LiteralFilter(TableShape shape, Faults faults, @Nullable Map<Literal, String> canonical) {
    this.shape = shape;
    this.faults = faults;
    this.canonical = canonical;
  }

  /// The condition for DDL; it must not be used if a fault was added.
  static String of(Filter filter, TableShape shape, Faults faults) {
    return new LiteralFilter(shape, faults, null).condition(filter);
  }

  /// The values in the condition.
  public static Set<Literal> literals(Filter filter, TableShape shape) {
    LiteralFilter sql = new LiteralFilter(shape, new Faults(), null);
    sql.condition(filter);
    return sql.literals;
  }

  /// The condition as the server prints it.
  ///
  /// @param canonical the server's text of each value
  public static String of(Filter filter, TableShape shape, Map<Literal, String> canonical) {
    return new LiteralFilter(shape, new Faults(), canonical).condition(filter);
  }

  /// A query of the server's texts of some values, in their order.
  ///
  /// @param literals all of the same type, which is not empty
  public static Sql canonical(List<Literal> literals) {
    ArrayText texts = new ArrayText();
    literals.forEach(literal -> texts.add(new Parameter.Text(literal.text())));
    String type = literals.getFirst().type();
    return new Sql(
        "SELECT u.v::"
            + type
            + "::text FROM unnest(?::text[]) WITH ORDINALITY AS u(v, n) ORDER BY u.n",
        List.of(new Parameter.Text(texts.toString())));
  }

  static String quoted(String text) {
    return '\'' + text.replace("'", "''") + '\'';
  }

  private String condition(Filter filter) {
    return switch (filter) {
      case Filter.And(List<Filter> all) -> joined(all, " AND ");
      case Filter.Or(List<Filter> any) -> joined(any, " OR ");
      case Filter.Not(Filter negated) -> "(NOT " + condition(negated) + ')';
      case Filter.Compare(Identifier column, Comparison comparison, Value value, String at) ->
          compared(column, comparison.sql(), literal(comparable(column, at), value, at));
      case Filter.In(Identifier column, boolean negated, List<Value> values, String at) ->
          among(column, negated, values, at);
      case Filter.Like(Identifier column, boolean ignoreCase, String pattern, String at) ->
          compared(column, like(ignoreCase), pattern(column, pattern, at));
      case Filter.Between(Identifier column, Value low, Value high, String at) -> {
        Optional<ColumnShape> known = comparable(column, at);
        String least = literal(known, low, Faults.at(at, 0));
        String most = literal(known, high, Faults.at(at, 1));
        yield '(' + compared(column, ">=", least) + " AND " + compared(column, "<=", most) + ')';
      }
      case Filter.IsNull(Identifier column, boolean negated, String at) -> {
        shape.column(column, at, faults);
        yield '(' + column.quoted() + (negated ? " IS NOT NULL)" : " IS NULL)");
      }
    };
  }

  private String joined(List<Filter> filters, String word) {
    return filters.stream().map(this::condition).collect(Collectors.joining(word, "(", ")"));
  }

  private static String compared(Identifier column, String operator, String literal) {
    return '(' + column.quoted() + ' ' + operator + ' ' + literal + ')';
  }

  private String among(Identifier column, boolean negated, List<Value> values, String at) {
    Optional<ColumnShape> known = comparable(column, at);
    if (values.isEmpty()) {
      return negated ? "true" : "false";
    }
    if (values.size() == 1) {
      String only = literal(known, values.getFirst(), Faults.at(at, 0));
      return compared(column, negated ? "<>" : "=", only);
    }
    List<String> list = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      list.add(literal(known, values.get(i), Faults.at(at, i)));
    }
    String all = String.join(", ", list);
    if (canonical == null) {
      return compared(column, negated ? "NOT IN" : "IN", '(' + all + ')');
    }
    return compared(
        column, negated ? "<>" : "=", (negated ? "ALL" : "ANY") + " (ARRAY[" + all + "])");
  }

  private String like(boolean ignoreCase) {
    if (canonical == null) {
      return ignoreCase ? "ILIKE" : "LIKE";
    }
    return ignoreCase ? "~~*" : "~~";
  }

  private String pattern(Identifier column, String pattern, String at) {
    Optional<ColumnShape> known = shape.column(column, at, faults);
    if (known.isPresent() && !FilterSql.TEXTS.contains(known.get().type().base())) {
      faults.invalid(
          at, "only a text column can match a pattern; this one is " + known.get().type().sql());
    }
    return encoded(new Value.Text(pattern), ColumnType.ofCatalog("text"), at);
  }

  private Optional<ColumnShape> comparable(Identifier column, String at) {
    Optional<ColumnShape> known = shape.column(column, at, faults);
    if (known.isPresent() && !known.get().type().base().hasOrder()) {
      faults.invalid(at, "a json column cannot be compared");
    }
    return known;
  }

  private String literal(Optional<ColumnShape> column, Value value, String at) {
    return column.isEmpty() ? "NULL" : encoded(value, column.get().type(), at);
  }

  private String encoded(Value value, ColumnType type, String at) {
    try {
      Literal literal = literal(ValueEncoder.encode(value, type, Use.COMPARE), type.base());
      literals.add(literal);
      return literal.sql(
          canonical == null ? literal.text() : canonical.getOrDefault(literal, literal.text()));
    } catch (InvalidValue e) {
      faults.invalid(at, e.detail());
      return "NULL";
    }
  }

  private static Literal literal(Parameter parameter, Base base) {
    String type =
        switch (base) {
          case CHAR, BPCHAR -> "bpchar";
          case VARCHAR -> "text";
          default -> base.sqlName();
        };
    return switch (parameter) {
      case Parameter.Null _ -> throw new IllegalArgumentException("NULL is not compared.");
      case Parameter.Text(String text) -> new Literal(text, type);
      case Parameter.Typed(String text, String name) -> new Literal(text, name);
      case Parameter.Bytes bytes ->
          new Literal("\\x" + HexFormat.of().formatHex(bytes.value()), type);
    };
  }
}
