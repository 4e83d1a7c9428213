package dsql.json;

import dsql.action.Fault;
import dsql.action.Faults;
import dsql.action.Filter;
import dsql.action.Identifier;
import dsql.action.Query;
import dsql.action.Query.Nulls;
import dsql.action.Query.Order;
import dsql.json.Json.Arr;
import dsql.json.Json.Bool;
import dsql.json.Json.Member;
import dsql.json.Json.Null;
import dsql.json.Json.Num;
import dsql.json.Json.Obj;
import dsql.json.Json.Str;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Decodes `query`. Confined to one invocation.
final class QueryDecoder {

  /// Which way an order runs.
  private enum Direction {
    ASC,
    DESC
  }

  private final Fields fields;
  private final Faults faults;

  QueryDecoder(Fields fields, Faults faults) {
    this.fields = fields;
    this.faults = faults;
  }

  Optional<Query> decode(Optional<Identifier> table) {
    List<Identifier> select = fields.identifiers("select");
    Optional<Filter> where = where();
    List<Order> orderBy = orderBy();
    int limit = fields.integer("limit", 1, Query.MAX_LIMIT).orElse(Query.DEFAULT_LIMIT);
    if (fields.takeNonNull("cursor") != null) {
      faults.add(
          fields.at("cursor"),
          Fault.Code.UNSUPPORTED,
          "this version gives no cursors: leave it out");
    }
    return faults.none()
        ? table.map(name -> new Query(name, select, where, orderBy, limit))
        : Optional.empty();
  }

  private Optional<Filter> where() {
    Json value = fields.takeNonNull("where");
    if (value == null) {
      return Optional.empty();
    }
    String at = fields.at("where");
    if (!(value instanceof Obj(List<Member> members))) {
      Fields.wrongType(at, "an object", value, faults);
      return Optional.empty();
    }
    List<Filter> all = new ArrayList<>();
    for (Member member : members) {
      String pointer = Faults.at(at, member.name());
      Fields.identifier(new Str(member.name()), pointer, faults)
          .flatMap(column -> term(column, member.value(), pointer))
          .ifPresent(all::add);
    }
    return all.isEmpty() ? Optional.empty() : Optional.of(new Filter.And(all));
  }

  private Optional<Filter> term(Identifier column, Json value, String pointer) {
    return switch (value) {
      case Null _ -> Optional.of(new Filter.IsNull(column, pointer));
      case Str _, Num _, Bool _ ->
          Optional.of(new Filter.Equal(column, RequestDecoder.value(value), pointer));
      case Obj _, Arr _ -> {
        faults.add(
            pointer,
            Fault.Code.UNSUPPORTED,
            "this version compares for equality: a string, a number, a boolean or null");
        yield Optional.empty();
      }
    };
  }

  private List<Order> orderBy() {
    List<Json> elements = fields.array("orderBy");
    List<Order> orders = new ArrayList<>();
    for (int i = 0; i < elements.size(); i++) {
      String at = Faults.at(fields.at("orderBy"), i);
      Optional<Order> order = Fields.object(elements.get(i), at, faults).flatMap(this::order);
      if (order.isPresent()
          && orders.stream().anyMatch(o -> o.column().equals(order.get().column()))) {
        faults.add(Faults.at(at, "column"), Fault.Code.INVALID_VALUE, "the column is named twice");
      }
      order.ifPresent(orders::add);
    }
    return orders;
  }

  private Optional<Order> order(Fields order) {
    Optional<Identifier> column = order.requireIdentifier("column");
    Direction direction =
        RequestDecoder.choice(order, "direction", Direction.class, Direction.ASC, faults);
    Optional<Nulls> nulls = RequestDecoder.choice(order, "nulls", Nulls.class, faults);
    order.done();
    return column.map(name -> new Order(name, direction == Direction.DESC, nulls));
  }
}
