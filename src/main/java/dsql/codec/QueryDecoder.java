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
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
    boolean groupsKnown =
        faults.below(fields.at("select")).none() && faults.below(fields.at("groupBy")).none();
    Optional<Filter> where = filter("where");
    Optional<Filter> having = filter("having");
    List<Order> orderBy = orderBy();
    List<Identifier> key = fields.identifiers("key", Query.MAX_TERMS);
    int limit = fields.integer("limit", 1, Query.MAX_LIMIT).orElse(Query.DEFAULT_LIMIT);
    Optional<String> cursor = fields.string("cursor");
    boolean total = fields.bool("total", false);
    if (groupsKnown && Query.aggregates(select, groupBy)) {
      Set<Identifier> names = new HashSet<>(groupBy);
      select.stream()
          .filter(Selected.Aggregate.class::isInstance)
          .forEach(s -> names.add(s.name()));
      checkGroups(names, orderBy, having, key);
    } else if (groupsKnown && having.isPresent()) {
      faults.invalid(fields.at("having"), "only groups have it: use where, or select an aggregate");
    }
    return faults.none()
        ? table.map(name ->
            new Query(name, select, where, groupBy, having, orderBy, key, limit, cursor, total))
        : Optional.empty();
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
  private void checkGroups(
      Set<Identifier> names, List<Order> orderBy, Optional<Filter> having, List<Identifier> key) {
    for (Order order : orderBy) {
      if (!isOfGroup(order.operand(), names)) {
        faults.invalid(
            order.at(),
            "groups can be ordered only by columns listed in groupBy and by selected aggregates");
      }
    }
    having.ifPresent(filter -> checkHaving(filter, names));
    if (!key.isEmpty()) {
      faults.invalid(fields.at("key"), "groups need no key: leave the field out");
    }
  }

  private void checkHaving(Filter having, Set<Identifier> names) {
    for (Filter.Condition condition : having.conditions()) {
      if (!isOfGroup(condition.operand(), names)) {
        faults.invalid(
            condition.pointer(),
            "having can name only columns listed in groupBy and selected aggregates");
      }
    }
    for (String pointer : having.ofRows()) {
      faults.invalid(pointer, "having takes conditions on single values: use where");
    }
  }

  private static boolean isOfGroup(Operand operand, Set<Identifier> names) {
    return operand.member().isEmpty() && names.contains(operand.column());
  }
}
