package dsql.sql;

import dsql.action.ColumnType;
import dsql.action.ColumnType.Base;
import dsql.action.Faults;
import dsql.action.Identifier;
import dsql.action.Query;
import dsql.action.Result.ColumnHead;
import dsql.action.Selected;
import dsql.action.Selected.Aggregate;
import dsql.action.Selected.Function;
import dsql.action.Selected.Plain;
import dsql.json.LowerCase;
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
  ///
  /// @param expression a column or an aggregate, in SQL
  /// @param aggregate whether it is an aggregate
  record Output(String expression, boolean aggregate, boolean nullable, ColumnHead head) {
    private String sql() {
      Identifier name = new Identifier(head.name());
      return expression.equals(column(name)) ? expression : expression + " AS " + name.quoted();
    }
  }

  /// The projection of the query on a table with that shape; its errors are added to the faults.
  static Projection of(Query query, TableShape shape, Faults faults) {
    if (query.select().isEmpty()) {
      return new Projection(
          shape.columns().values().stream().map(column -> plain(column, column.name())).toList());
    }
    List<Output> outputs = new ArrayList<>();
    for (int i = 0; i < query.select().size(); i++) {
      output(query.select().get(i), shape, Faults.at("/select", i), faults).ifPresent(outputs::add);
    }
    return new Projection(outputs);
  }

  /// A column qualified by the table's alias. ORDER BY takes a bare name for an output before it
  /// takes it for a column, and an output may have another column's name; a qualified name always
  /// means a column.
  static String column(Identifier name) {
    return ALIAS + '.' + name.quoted();
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
      heads.add(output.head());
    }
    return List.copyOf(heads);
  }

  /// The index of the first output with that expression; -1 if there is none.
  int indexOf(String expression) {
    for (int i = 0; i < outputs.size(); i++) {
      if (outputs.get(i).expression.equals(expression)) {
        return i;
      }
    }
    return -1;
  }

  /// The selected aggregate with that name, if there is one.
  Optional<Output> aggregate(Identifier name) {
    for (Output output : outputs) {
      if (output.aggregate && output.head.name().equals(name.name())) {
        return Optional.of(output);
      }
    }
    return Optional.empty();
  }

  private static Output plain(ColumnShape column, Identifier name) {
    return new Output(
        column(column.name()),
        false,
        column.nullable(),
        new ColumnHead(name.name(), column.type()));
  }

  private static Optional<Output> output(
      Selected selected, TableShape shape, String at, Faults faults) {
    return switch (selected) {
      case Plain(Identifier column, Identifier name) ->
          shape.column(column, at, faults).map(known -> plain(known, name));
      case Aggregate(Function function, Optional<Identifier> column, Identifier name) -> {
        if (column.isEmpty()) {
          yield Optional.of(aggregate("count(*)", function, type(Base.BIGINT), name));
        }
        yield shape
            .column(column.get(), at, faults)
            .flatMap(known -> aggregate(function, known, name, at, faults));
      }
    };
  }

  private static Optional<Output> aggregate(
      Function function, ColumnShape column, Identifier name, String at, Faults faults) {
    Optional<Base> type = type(function, column.type().base());
    String word = LowerCase.of(function);
    if (type.isEmpty()) {
      faults.invalid(at, "there is no " + word + " of a column of type " + column.type().sql());
    }
    String expression = word + '(' + column(column.name()) + ')';
    return type.map(base -> aggregate(expression, function, type(base), name));
  }

  private static Output aggregate(
      String expression, Function function, ColumnType type, Identifier name) {
    return new Output(
        expression, true, function != Function.COUNT, new ColumnHead(name.name(), type));
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
