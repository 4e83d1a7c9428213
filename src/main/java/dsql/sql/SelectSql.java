package dsql.sql;

import dsql.action.ColumnType;
import dsql.action.Fault;
import dsql.action.Faults;
import dsql.action.Filter;
import dsql.action.Identifier;
import dsql.action.InvalidRequest;
import dsql.action.Query;
import dsql.action.Query.Order;
import dsql.action.Result.ColumnHead;
import dsql.action.Value;
import dsql.sql.TableShape.ColumnShape;
import dsql.sql.ValueEncoder.Use;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// A query as one SELECT, which asks for one row more than the page holds.
///
/// @param columns what it selects, in order
public record SelectSql(Sql sql, List<ColumnHead> columns) {

  public SelectSql {
    columns = List.copyOf(columns);
  }

  /// The statement for the query of a table of that shape.
  ///
  /// @throws InvalidRequest when a column is unknown or a value does not fit its column
  public static SelectSql of(Query query, TableShape shape) {
    return new Builder(query, shape).build();
  }

  private static final class Builder {
    private final Query query;
    private final TableShape shape;
    private final Faults faults = new Faults();
    private final List<Parameter> parameters = new ArrayList<>();

    private Builder(Query query, TableShape shape) {
      this.query = query;
      this.shape = shape;
    }

    private SelectSql build() {
      List<ColumnShape> selected = selected();
      StringBuilder text = new StringBuilder("SELECT ");
      text.append(
          selected.stream()
              .map(column -> column.name().quoted())
              .collect(Collectors.joining(", ")));
      text.append(" FROM ").append(shape.qualified());
      query.where().ifPresent(filter -> text.append(" WHERE ").append(predicate(filter)));
      List<String> order = order();
      if (!order.isEmpty()) {
        text.append(" ORDER BY ").append(String.join(", ", order));
      }
      text.append(" LIMIT ?");
      parameters.add(new Parameter.Text(Integer.toString(query.limit() + 1)));
      faults.throwIfAny();
      return new SelectSql(
          new Sql(text.toString(), parameters),
          selected.stream().map(c -> new ColumnHead(c.name().name(), c.type())).toList());
    }

    private List<ColumnShape> selected() {
      if (query.select().isEmpty()) {
        return List.copyOf(shape.columns().values());
      }
      List<ColumnShape> selected = new ArrayList<>();
      for (int i = 0; i < query.select().size(); i++) {
        column(query.select().get(i), Faults.at("/select", i)).ifPresent(selected::add);
      }
      return selected;
    }

    private String predicate(Filter filter) {
      return switch (filter) {
        case Filter.And(List<Filter> all) ->
            all.stream().map(this::predicate).collect(Collectors.joining(" AND "));
        case Filter.IsNull(Identifier name, String pointer) -> {
          column(name, pointer);
          yield name.quoted() + " IS NULL";
        }
        case Filter.Equal(Identifier name, Value value, String pointer) -> {
          column(name, pointer).ifPresent(column -> bind(column, value, pointer));
          yield name.quoted() + " = ?";
        }
      };
    }

    private void bind(ColumnShape column, Value value, String pointer) {
      if (column.type().base() == ColumnType.Base.JSON) {
        faults.add(pointer, Fault.Code.INVALID_VALUE, "a json column cannot be compared");
        return;
      }
      try {
        parameters.add(ValueEncoder.encode(value, column.type(), Use.COMPARE));
      } catch (InvalidValue e) {
        faults.add(pointer, Fault.Code.INVALID_VALUE, e.detail());
      }
    }

    /// The order asked for, made total by the primary key.
    private List<String> order() {
      List<String> terms = new ArrayList<>();
      List<Identifier> named = new ArrayList<>();
      for (int i = 0; i < query.orderBy().size(); i++) {
        Order order = query.orderBy().get(i);
        String pointer = Faults.at(Faults.at("/orderBy", i), "column");
        Optional<ColumnShape> column = column(order.column(), pointer);
        if (column.isPresent() && column.get().type().base() == ColumnType.Base.JSON) {
          faults.add(pointer, Fault.Code.INVALID_VALUE, "a json column has no order");
        }
        named.add(order.column());
        terms.add(
            order.column().quoted()
                + (order.descending() ? " DESC" : "")
                + order.nulls().map(nulls -> " NULLS " + nulls.name()).orElse(""));
      }
      for (Identifier key : shape.primaryKey()) {
        if (!named.contains(key)) {
          terms.add(key.quoted());
        }
      }
      return terms;
    }

    private Optional<ColumnShape> column(Identifier name, String pointer) {
      Optional<ColumnShape> column = shape.column(name);
      if (column.isEmpty()) {
        faults.add(
            pointer,
            Fault.Code.UNKNOWN_COLUMN,
            "the table has no such column; it has: " + shape.columnNames());
      }
      return column;
    }
  }
}
