package dsql.codec;

import dsql.action.Faults;
import dsql.action.Filter;
import dsql.action.Identifier;
import dsql.action.Query;
import dsql.action.Query.Nulls;
import dsql.action.Query.Order;
import dsql.action.Selected;
import dsql.json.Json;
import dsql.json.Json.Obj;
import dsql.json.Json.Str;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Decodes `query`. Confined to one invocation.
final class QueryDecoder {

  /// The values of `direction`.
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
    List<Identifier> groupBy = fields.identifiers("groupBy", Query.MAX_TERMS);
    List<Selected> select = new SelectDecoder(fields, faults).decode(groupBy);
    @Nullable Json where = fields.takeNonNull("where");
    Optional<Filter> filter =
        where == null
            ? Optional.empty()
            : new FilterDecoder(faults).decode(where, fields.at("where"));
    List<Order> orderBy = orderBy();
    int limit = fields.integer("limit", 1, Query.MAX_LIMIT).orElse(Query.DEFAULT_LIMIT);
    Optional<String> cursor = fields.string("cursor");
    if (!faults.none() || table.isEmpty()) {
      return Optional.empty();
    }
    Query query = new Query(table.get(), select, filter, groupBy, orderBy, limit, cursor);
    if (query.aggregated()) {
      checkOrder(query);
    }
    return Optional.of(query);
  }

  private List<Order> orderBy() {
    List<Json> elements = fields.array("orderBy", Query.MAX_TERMS, "columns");
    List<Order> orders = new ArrayList<>();
    for (int i = 0; i < elements.size(); i++) {
      Optional<Order> order = order(elements.get(i), Faults.at(fields.at("orderBy"), i));
      if (order.isPresent()
          && orders.stream().anyMatch(o -> o.column().equals(order.get().column()))) {
        faults.invalid(order.get().at(), "the column is named twice");
      }
      order.ifPresent(orders::add);
    }
    return orders;
  }

  private Optional<Order> order(Json element, String at) {
    if (element instanceof Str) {
      return Fields.identifier(element, at, faults)
          .map(name -> new Order(name, false, Optional.empty(), at));
    }
    if (element instanceof Obj object) {
      return order(new Fields(object, at, faults));
    }
    Fields.wrongType(at, "a column's name or an object", element, faults);
    return Optional.empty();
  }

  private Optional<Order> order(Fields order) {
    Optional<Identifier> column = order.requireIdentifier("column");
    Direction direction =
        RequestDecoder.choice(order, "direction", Direction.class, Direction.ASC, faults);
    Optional<Nulls> nulls = RequestDecoder.choice(order, "nulls", Nulls.class, faults);
    order.done();
    return column.map(
        name -> new Order(name, direction == Direction.DESC, nulls, order.at("column")));
  }

  private void checkOrder(Query query) {
    for (Order order : query.orderBy()) {
      Identifier name = order.column();
      boolean aggregate =
          query.select().stream()
              .anyMatch(s -> s instanceof Selected.Aggregate && s.name().equals(name));
      if (!aggregate && !query.groupBy().contains(name)) {
        faults.invalid(
            order.at(),
            "groups can be ordered only by columns listed in groupBy and by selected aggregates");
      }
    }
  }
}
