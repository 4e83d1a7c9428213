package dsql.codec;

import dsql.action.Faults;
import dsql.action.Filter;
import dsql.action.Identifier;
import dsql.action.Member;
import dsql.action.Operand;
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
    Optional<Filter> where = filter("where");
    Optional<Filter> having = filter("having");
    List<Order> orderBy = orderBy();
    List<Identifier> key = fields.identifiers("key", Query.MAX_TERMS);
    int limit = fields.integer("limit", 1, Query.MAX_LIMIT).orElse(Query.DEFAULT_LIMIT);
    Optional<String> cursor = fields.string("cursor");
    boolean total = fields.bool("total", false);
    if (!faults.none() || table.isEmpty()) {
      return Optional.empty();
    }
    Query query =
        new Query(table.get(), select, where, groupBy, having, orderBy, key, limit, cursor, total);
    if (query.aggregated()) {
      checkGroups(query);
    } else if (having.isPresent()) {
      faults.invalid(fields.at("having"), "only groups have it: use where, or select an aggregate");
    }
    return Optional.of(query);
  }

  private Optional<Filter> filter(String name) {
    @Nullable Json filter = fields.takeNonNull(name);
    return filter == null
        ? Optional.empty()
        : new FilterDecoder(faults).decode(filter, fields.at(name));
  }

  private List<Order> orderBy() {
    List<Json> elements = fields.array("orderBy", Query.MAX_TERMS, "columns");
    List<Order> orders = new ArrayList<>();
    for (int i = 0; i < elements.size(); i++) {
      Optional<Order> order = order(elements.get(i), Faults.at(fields.at("orderBy"), i));
      if (order.isPresent()
          && orders.stream().anyMatch(o -> o.operand().equals(order.get().operand()))) {
        faults.invalid(order.get().at(), "the column is named twice");
      }
      order.ifPresent(orders::add);
    }
    return orders;
  }

  private Optional<Order> order(Json element, String at) {
    if (element instanceof Str) {
      return Fields.identifier(element, at, faults)
          .map(name -> new Order(Operand.of(name), false, Optional.empty(), at));
    }
    if (element instanceof Obj object) {
      return order(new Fields(object, at, faults));
    }
    Fields.wrongType(at, "a column's name or an object", element, faults);
    return Optional.empty();
  }

  private Optional<Order> order(Fields order) {
    Optional<Identifier> column = order.requireIdentifier("column");
    Optional<Member> member = MemberDecoder.decode(order, faults);
    Direction direction =
        RequestDecoder.choice(order, "direction", Direction.class, Direction.ASC, faults);
    Optional<Nulls> nulls = RequestDecoder.choice(order, "nulls", Nulls.class, faults);
    order.done();
    return column.map(name ->
        new Order(
            new Operand(name, member), direction == Direction.DESC, nulls, order.at("column")));
  }

  /// Groups have no columns but those of `groupBy` and the selected aggregates.
  private void checkGroups(Query query) {
    for (Order order : query.orderBy()) {
      if (!isOfGroup(order.operand(), query)) {
        faults.invalid(
            order.at(),
            "groups can be ordered only by columns listed in groupBy and by selected aggregates");
      }
    }
    if (query.having().isPresent()) {
      checkHaving(query.having().get(), query);
    }
    if (!query.key().isEmpty()) {
      faults.invalid(fields.at("key"), "groups need no key: leave the field out");
    }
  }

  private void checkHaving(Filter having, Query query) {
    for (Filter.Condition condition : having.conditions()) {
      if (!isOfGroup(condition.operand(), query)) {
        faults.invalid(
            condition.pointer(),
            "having can name only columns listed in groupBy and selected aggregates");
      }
    }
    for (String pointer : having.ofRows()) {
      faults.invalid(pointer, "having takes conditions on single values: use where");
    }
  }

  private static boolean isOfGroup(Operand operand, Query query) {
    Identifier name = operand.column();
    return operand.member().isEmpty()
        && (query.groupBy().contains(name)
            || query.select().stream()
                .anyMatch(s -> s instanceof Selected.Aggregate && s.name().equals(name)));
  }
}
