package dsql.json;

import dsql.action.Fault;
import dsql.action.Faults;
import dsql.action.Filter;
import dsql.action.Identifier;
import dsql.action.Query;
import dsql.action.Query.Nulls;
import dsql.action.Query.Order;
import dsql.action.Selected;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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
    List<Identifier> groupBy = groupBy();
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

  private List<Identifier> groupBy() {
    List<Identifier> groupBy = fields.identifiers("groupBy");
    atMost(groupBy.size(), "groupBy");
    return groupBy;
  }

  private void atMost(int terms, String name) {
    if (terms > Query.MAX_TERMS) {
      faults.add(
          fields.at(name),
          Fault.Code.INVALID_VALUE,
          "name at most " + Query.MAX_TERMS + " columns");
    }
  }

  private List<Order> orderBy() {
    List<Json> elements = fields.array("orderBy");
    atMost(elements.size(), "orderBy");
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

  private void checkOrder(Query query) {
    for (int i = 0; i < query.orderBy().size(); i++) {
      Identifier name = query.orderBy().get(i).column();
      boolean aggregate =
          query.select().stream()
              .anyMatch(s -> s instanceof Selected.Aggregate && s.name().equals(name));
      if (!aggregate && !query.groupBy().contains(name)) {
        faults.add(
            Faults.at(Faults.at(fields.at("orderBy"), i), "column"),
            Fault.Code.INVALID_VALUE,
            "groups are ordered by columns of groupBy and selected aggregates");
      }
    }
  }
}
