package dsql.sql;

import dsql.action.ColumnType;
import dsql.action.ColumnType.Base;
import dsql.action.Faults;
import dsql.action.Filter;
import dsql.action.Filter.Comparison;
import dsql.action.Identifier;
import dsql.action.Operand;
import dsql.action.Value;
import dsql.sql.Operands.Expression;
import dsql.sql.ValueEncoder.Use;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
  public record Literal(String text, String type) {}

  private static final ColumnType TEXT = ColumnType.ofCatalog("text");

  private final Operands operands;
  private final Faults faults;
  private final @Nullable Map<Literal, String> canonical;
  private boolean prepared;
  private final Set<Literal> literals = new LinkedHashSet<>();

  private LiteralFilter(TableShape shape, Faults faults, @Nullable Map<Literal, String> canonical) {
    this.operands = Operands.ofDefinition(shape, faults);
    this.faults = faults;
    this.canonical = canonical;
  }

  /// The condition for DDL; it must not be used if a fault was added.
  static String of(Filter filter, TableShape shape, Faults faults) {
    return new LiteralFilter(shape, faults, null).condition(filter);
  }

  /// The condition for a prepared statement, where the driver sends two question marks as one.
  static String prepared(Filter filter, TableShape shape) {
    LiteralFilter sql = new LiteralFilter(shape, new Faults(), null);
    sql.prepared = true;
    return sql.condition(filter);
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
      case Filter.Compare(Operand operand, Comparison comparison, Value value, String at) -> {
        Optional<Expression> known = operands.comparable(operand, at);
        yield compared(known, comparison.sql(), literal(known, value, at));
      }
      case Filter.In in -> among(in);
      case Filter.Like(Operand operand, boolean ignoreCase, String pattern, String at) ->
          compared(
              operands.text(operand, at),
              like(ignoreCase),
              encoded(new Value.Text(pattern), TEXT, at));
      case Filter.Between(Operand operand, Value low, Value high, String at) -> {
        Optional<Expression> known = operands.comparable(operand, at);
        String least = literal(known, low, Faults.at(at, 0));
        String most = literal(known, high, Faults.at(at, 1));
        yield '(' + compared(known, ">=", least) + " AND " + compared(known, "<=", most) + ')';
      }
      case Filter.IsNull(Operand operand, boolean negated, String at) ->
          '(' + sql(operands.find(operand, at)) + (negated ? " IS NOT NULL)" : " IS NULL)");
      case Filter.Contains(Identifier column, Value document, String at) -> {
        Optional<Expression> known = operands.jsonb(column, at);
        yield compared(known, "@>", literal(known, document, at));
      }
      case Filter.Has(Identifier column, String key, String at) ->
          compared(
              operands.jsonb(column, at),
              prepared ? "??" : "?",
              encoded(new Value.Text(key), TEXT, at));
      case Filter.Tuples tuples -> tuples(tuples);
    };
  }

  private String joined(List<Filter> filters, String word) {
    return filters.stream().map(this::condition).collect(Collectors.joining(word, "(", ")"));
  }

  private static String compared(Optional<Expression> operand, String operator, String literal) {
    return '(' + sql(operand) + ' ' + operator + ' ' + literal + ')';
  }

  /// A placeholder stands for an operand that is faulty.
  private static String sql(Optional<Expression> operand) {
    return operand.map(Expression::sql).orElse("NULL");
  }

  private String among(Filter.In in) {
    Optional<Expression> known = operands.comparable(in.operand(), in.pointer());
    boolean negated = in.negated();
    List<String> list = new ArrayList<>();
    for (int i = 0; i < in.values().size(); i++) {
      list.add(literal(known, in.values().get(i), Faults.at(in.pointer(), i)));
    }
    if (list.isEmpty()) {
      return negated ? "true" : "false";
    }
    if (list.size() == 1) {
      return compared(known, negated ? "<>" : "=", list.getFirst());
    }
    String all = String.join(", ", list);
    if (canonical == null) {
      return compared(known, negated ? "NOT IN" : "IN", '(' + all + ')');
    }
    return compared(
        known, negated ? "<>" : "=", (negated ? "ALL" : "ANY") + " (ARRAY[" + all + "])");
  }

  private String tuples(Filter.Tuples tuples) {
    List<Filter> rows = new ArrayList<>();
    for (int i = 0; i < tuples.rows().size(); i++) {
      String at = Faults.at(Faults.at(tuples.pointer(), "values"), i);
      List<Filter> columns = new ArrayList<>();
      for (int j = 0; j < tuples.columns().size(); j++) {
        columns.add(
            new Filter.Compare(
                Operand.of(tuples.columns().get(j)),
                Comparison.EQ,
                tuples.rows().get(i).get(j),
                Faults.at(at, j)));
      }
      rows.add(new Filter.And(columns));
    }
    return rows.isEmpty() ? "false" : joined(rows, " OR ");
  }

  private String like(boolean ignoreCase) {
    if (canonical == null) {
      return ignoreCase ? "ILIKE" : "LIKE";
    }
    return ignoreCase ? "~~*" : "~~";
  }

  private String literal(Optional<Expression> operand, Value value, String at) {
    return operand.isEmpty() ? "NULL" : encoded(value, operand.get().type(), at);
  }

  private String encoded(Value value, ColumnType type, String at) {
    try {
      Literal literal = literal(ValueEncoder.encode(value, type, Use.COMPARE), type.base());
      literals.add(literal);
      String written = literal.text();
      if (canonical != null) {
        written = canonical.getOrDefault(literal, written);
      }
      return quoted(written) + "::" + literal.type();
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
    String text = Objects.requireNonNull(Parameter.text(parameter), "NULL is not compared.");
    return new Literal(text, parameter instanceof Parameter.Typed typed ? typed.type() : type);
  }
}
