package dsql.sql;

import dsql.action.ColumnType;
import dsql.action.ColumnType.Base;
import dsql.action.Faults;
import dsql.action.Identifier;
import dsql.action.Operand;
import dsql.action.Query;
import dsql.action.Result.ColumnHead;
import dsql.action.Selected;
import dsql.action.Selected.Aggregate;
import dsql.action.Selected.Function;
import dsql.action.Selected.Plain;
import dsql.json.LowerCase;
import dsql.sql.Operands.Expression;
import dsql.sql.TableShape.ColumnShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The expressions that a query selects, and the result columns that they become.
///
/// @param outputs the members of the rows, in order
record Projection(List<Output> outputs) {

  /// The alias of the table in every statement.
  static final String ALIAS = "t";

  Projection {
    outputs = List.copyOf(outputs);
  }

  /// One member of the rows.
  record Output(Expression expression, String name) {
    private String sql() {
      String text = expression.sql();
      Identifier as = new Identifier(name);
      return text.equals(Operands.column(as)) ? text : text + " AS " + as.quoted();
    }
  }

  /// The projection of the query on a table with that shape; its errors are added to the faults.
  static Projection of(Query query, TableShape shape, Faults faults) {
    List<Output> outputs = new ArrayList<>();
    if (query.select().isEmpty()) {
      for (ColumnShape column : shape.columns().values()) {
        outputs.add(new Output(Operands.expression(column), column.name().name()));
      }
      return new Projection(outputs);
    }
    Operands operands = Operands.ofRows(shape, faults);
    for (Selected selected : query.select()) {
      Optional<Expression> expression = expression(selected, operands, faults);
      if (expression.isPresent()) {
        outputs.add(new Output(expression.get(), selected.name().name()));
      }
    }
    return new Projection(outputs);
  }

  /// The outputs as written after SELECT.
  List<String> sql() {
    List<String> texts = new ArrayList<>(outputs.size());
    for (Output output : outputs) {
      texts.add(output.sql());
    }
    return texts;
  }

  List<ColumnHead> heads() {
    List<ColumnHead> heads = new ArrayList<>(outputs.size());
    for (Output output : outputs) {
      heads.add(new ColumnHead(output.name(), output.expression().type()));
    }
    return List.copyOf(heads);
  }

  /// The index of the first output with that expression; -1 if there is none.
  int indexOf(String expression) {
    for (int i = 0; i < outputs.size(); i++) {
      if (outputs.get(i).expression.sql().equals(expression)) {
        return i;
      }
    }
    return -1;
  }

  /// The selected aggregate with that name, if there is one.
  Optional<Output> aggregate(Identifier name) {
    for (Output output : outputs) {
      if (output.expression.aggregate() && output.name.equals(name.name())) {
        return Optional.of(output);
      }
    }
    return Optional.empty();
  }

  private static Optional<Expression> expression(
      Selected selected, Operands operands, Faults faults) {
    return switch (selected) {
      case Plain(Operand operand, _, String at) -> operands.find(operand, at);
      case Aggregate aggregate -> {
        if (aggregate.operand().isEmpty()) {
          yield Optional.of(new Expression("count(*)", type(Base.BIGINT), false, true));
        }
        yield operands
            .find(aggregate.operand().get(), aggregate.at())
            .flatMap(of -> aggregate(aggregate, of, faults));
      }
    };
  }

  private static Optional<Expression> aggregate(Aggregate aggregate, Expression of, Faults faults) {
    Function function = aggregate.function();
    Optional<Base> type = type(function, of.type().base());
    String word = LowerCase.of(function);
    if (type.isEmpty()) {
      faults.invalid(
          aggregate.at(), "there is no " + word + " of a column of type " + of.type().sql());
    }
    if (aggregate.distinct() && !of.type().base().hasOrder()) {
      faults.invalid(aggregate.at(), "the values of a json column cannot be told apart");
    }
    String expression = word + (aggregate.distinct() ? "(DISTINCT " : "(") + of.sql() + ')';
    return type.map(
        base -> new Expression(expression, type(base), function != Function.COUNT, true));
  }

  private static ColumnType type(Base base) {
    return ColumnType.ofCatalog(base.sqlName());
  }

  /// The type of an aggregate, as [PostgreSQL
  /// documents](https://www.postgresql.org/docs/16/functions-aggregate.html) it; empty if the
  /// function does not apply.
  private static Optional<Base> type(Function function, Base of) {
    return switch (function) {
      case COUNT -> Optional.of(Base.BIGINT);
      case SUM ->
          switch (of) {
            case SMALLINT, INTEGER -> Optional.of(Base.BIGINT);
            case BIGINT, NUMERIC -> Optional.of(Base.NUMERIC);
            case REAL, DOUBLE, INTERVAL -> Optional.of(of);
            default -> Optional.empty();
          };
      case AVG ->
          switch (of) {
            case SMALLINT, INTEGER, BIGINT, NUMERIC -> Optional.of(Base.NUMERIC);
            case REAL, DOUBLE -> Optional.of(Base.DOUBLE);
            case INTERVAL -> Optional.of(of);
            default -> Optional.empty();
          };
      case MIN, MAX ->
          switch (of) {
            case VARCHAR -> Optional.of(Base.TEXT);
            case CHAR -> Optional.of(Base.BPCHAR);
            case BOOLEAN, BYTEA, UUID, JSON, JSONB, OTHER -> Optional.empty();
            default -> Optional.of(of);
          };
    };
  }
}
