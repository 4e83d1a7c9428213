package dsql.codec;

import dsql.action.Fault;
import dsql.action.Faults;
import dsql.action.Filter;
import dsql.action.Filter.Comparison;
import dsql.action.Identifier;
import dsql.action.Operand;
import dsql.action.Query;
import dsql.action.Value;
import dsql.json.Json;
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

/// Decodes a filter, in which the members of an object are joined by AND. Confined to one
/// invocation.
final class FilterDecoder {

  private static final String OPERATORS =
      "eq, ne, gt, gte, lt, lte, in, notIn, like, ilike, between, isNull";

  private static final String DOCUMENT_OPERATORS = "; for a json column also at, contains, has";

  private final Faults faults;
  private int conditions;
  private int values;

  FilterDecoder(Faults faults) {
    this.faults = faults;
  }

  /// The filter; empty if it selects every row or is faulty.
  Optional<Filter> decode(Json where, String at) {
    if (where instanceof Obj(List<Member> members) && members.isEmpty()) {
      return Optional.empty();
    }
    Optional<Filter> filter = all(where, at, 0);
    checkCount(conditions, Filter.MAX_CONDITIONS, "conditions", at);
    checkCount(values, Filter.MAX_VALUES, "values", at);
    return filter;
  }

  /// The condition in the object's `where`; empty if there is none or it is faulty.
  Optional<Filter> decode(Fields object) {
    Json where = object.takeNonNull("where");
    if (where == null) {
      return Optional.empty();
    }
    if (where instanceof Obj empty && empty.members().isEmpty()) {
      faults.invalid(object.at("where"), "give at least one condition");
    }
    return decode(where, object.at("where"));
  }

  private void checkCount(int count, int max, String what, String at) {
    if (count > max) {
      faults.invalid(at, "a filter has at most " + max + ' ' + what + "; this one has more");
    }
  }

  /// Whether the filter is already refused for its size, so that the rest of it need not be
  /// decoded.
  private boolean isTooLarge() {
    return conditions > Filter.MAX_CONDITIONS || values > Filter.MAX_VALUES || faults.full();
  }

  /// @param depth how many `and`, `or` and `not` enclose it
  private Optional<Filter> all(Json value, String at, int depth) {
    if (!(value instanceof Obj(List<Member> members))) {
      Fields.wrongType(at, "an object", value, faults);
      return Optional.empty();
    }
    if (members.isEmpty()) {
      faults.invalid(at, "give at least one condition");
    }
    List<Filter> all = new ArrayList<>();
    for (Member member : members) {
      if (isTooLarge()) {
        break;
      }
      String pointer = Faults.at(at, member.name());
      if (member.name().equals("in") && isTuples(member.value())) {
        tuples((Obj) member.value(), pointer).ifPresent(all::add);
        continue;
      }
      switch (member.name()) {
        case "and" -> list(member.value(), pointer, depth).map(Filter.And::new).ifPresent(all::add);
        case "or" -> list(member.value(), pointer, depth).map(Filter.Or::new).ifPresent(all::add);
        case "not" ->
            deeper(member.value(), pointer, depth).map(Filter.Not::new).ifPresent(all::add);
        default ->
            Fields.identifier(new Str(member.name()), pointer, faults)
                .ifPresent(column -> all.addAll(column(column, member.value(), pointer)));
      }
    }
    return all.isEmpty()
        ? Optional.empty()
        : Optional.of(all.size() == 1 ? all.getFirst() : new Filter.And(all));
  }

  private Optional<Filter> deeper(Json value, String at, int depth) {
    return isTooDeep(at, depth) ? Optional.empty() : all(value, at, depth + 1);
  }

  private boolean isTooDeep(String at, int depth) {
    if (depth == Filter.MAX_DEPTH) {
      faults.invalid(
          at,
          "\"and\", \"or\" and \"not\" must not nest deeper than " + Filter.MAX_DEPTH + " levels");
    }
    return depth == Filter.MAX_DEPTH;
  }

  private Optional<List<Filter>> list(Json value, String at, int depth) {
    if (isTooDeep(at, depth)) {
      return Optional.empty();
    }
    List<Json> elements = Fields.array(value, at, faults);
    if (elements.isEmpty() && value instanceof Arr) {
      faults.invalid(at, "give at least one filter");
    }
    List<Filter> filters = new ArrayList<>();
    for (int i = 0; i < elements.size() && !isTooLarge(); i++) {
      all(elements.get(i), Faults.at(at, i), depth + 1).ifPresent(filters::add);
    }
    return filters.isEmpty() ? Optional.empty() : Optional.of(filters);
  }

  private List<Filter> column(Identifier column, Json value, String at) {
    return switch (value) {
      case Null _, Str _, Num _, Bool _ -> {
        conditions++;
        yield List.of(equality(Operand.of(column), value, false, at));
      }
      case Obj object -> operators(column, object, at);
      case Arr _ -> {
        faults.add(
            at,
            Fault.Code.WRONG_TYPE,
            "give a value, null or an object of operators; for a list {\"in\": […]}");
        yield List.of();
      }
    };
  }

  private List<Filter> operators(Identifier column, Obj object, String at) {
    Fields fields = new Fields(object, at, faults);
    Operand operand = new Operand(column, MemberDecoder.decode(fields, faults));
    List<Filter> filters = new ArrayList<>();
    int operators = 0;
    for (Member member : object.members()) {
      if (member.name().equals("at") || member.name().equals("type")) {
        continue;
      }
      if (isTooLarge()) {
        break;
      }
      operators++;
      conditions++;
      operator(operand, member, Faults.at(at, member.name())).ifPresent(filters::add);
    }
    if (operators == 0) {
      faults.invalid(at, "give an operator: " + OPERATORS);
    }
    return filters;
  }

  private Optional<Filter> operator(Operand operand, Member operator, String at) {
    Json value = operator.value();
    return switch (operator.name()) {
      case "contains", "has" -> ofDocument(operand, operator, at);
      case "eq" -> Optional.of(equality(operand, value, false, at));
      case "ne" -> Optional.of(equality(operand, value, true, at));
      case "gt" -> compared(operand, Comparison.GT, value, at);
      case "gte" -> compared(operand, Comparison.GTE, value, at);
      case "lt" -> compared(operand, Comparison.LT, value, at);
      case "lte" -> compared(operand, Comparison.LTE, value, at);
      case "in" -> among(operand, false, value, at);
      case "notIn" -> among(operand, true, value, at);
      case "like" -> like(operand, false, value, at);
      case "ilike" -> like(operand, true, value, at);
      case "between" -> between(operand, value, at);
      case "isNull" -> isNull(operand, value, at);
      default -> {
        faults.add(
            at,
            Fault.Code.UNKNOWN_FIELD,
            "unknown operator; known: " + OPERATORS + DOCUMENT_OPERATORS);
        yield Optional.empty();
      }
    };
  }

  private Optional<Filter> ofDocument(Operand operand, Member operator, String at) {
    if (operand.member().isPresent()) {
      faults.invalid(at, "contains and has concern the whole document: leave \"at\" out");
      return Optional.empty();
    }
    values++;
    if (operator.name().equals("contains")) {
      // Here a null is one of JSON, which an array may contain.
      Value document =
          operator.value() instanceof Null
              ? new Value.Structure("null")
              : RequestDecoder.value(operator.value());
      return Optional.of(new Filter.Contains(operand.column(), document, at));
    }
    if (operator.value() instanceof Str(String key)) {
      return Optional.of(new Filter.Has(operand.column(), key, at));
    }
    Fields.wrongType(at, "a member's name as a string", operator.value(), faults);
    return Optional.empty();
  }

  /// Whether a member named `in` means several columns, rather than a column of that name.
  private static boolean isTuples(Json value) {
    return value instanceof Obj object
        && (object.get("columns") != null || object.get("values") != null);
  }

  private Optional<Filter> tuples(Obj object, String at) {
    conditions++;
    Fields fields = new Fields(object, at, faults);
    Json names = fields.require("columns");
    Json given = fields.require("values");
    fields.done();
    if (names == null || given == null) {
      return Optional.empty();
    }
    List<Identifier> columns =
        Fields.identifiers(names, fields.at("columns"), Query.MAX_TERMS, faults);
    String valuesAt = fields.at("values");
    List<Json> elements = Fields.array(given, valuesAt, faults);
    List<List<Value>> rows = new ArrayList<>();
    for (int i = 0; i < elements.size() && !columns.isEmpty() && !isTooLarge(); i++) {
      String rowAt = Faults.at(valuesAt, i);
      if (elements.get(i) instanceof Arr(List<Json> row) && row.size() != columns.size()) {
        faults.invalid(
            rowAt, "give one value for each of the " + columns.size() + " columns, in their order");
      } else {
        rows.add(list(elements.get(i), rowAt));
      }
    }
    return given instanceof Arr && !columns.isEmpty()
        ? Optional.of(new Filter.Tuples(columns, rows, at))
        : Optional.empty();
  }

  private Filter equality(Operand operand, Json value, boolean negated, String at) {
    if (value instanceof Null) {
      return new Filter.IsNull(operand, negated, at);
    }
    values++;
    Comparison comparison = negated ? Comparison.NE : Comparison.EQ;
    return new Filter.Compare(operand, comparison, RequestDecoder.value(value), at);
  }

  private Optional<Filter> compared(Operand operand, Comparison comparison, Json value, String at) {
    return value(value, at).map(given -> new Filter.Compare(operand, comparison, given, at));
  }

  private Optional<Value> value(Json value, String at) {
    if (value instanceof Null) {
      faults.add(
          at,
          Fault.Code.WRONG_TYPE,
          "null cannot be compared: give a value, or add the condition {\"isNull\": true}");
      return Optional.empty();
    }
    values++;
    return Optional.of(RequestDecoder.value(value));
  }

  private List<Value> list(Json value, String at) {
    List<Json> elements = Fields.array(value, at, faults);
    List<Value> list = new ArrayList<>(Math.min(elements.size(), Filter.MAX_VALUES));
    for (int i = 0; i < elements.size() && !isTooLarge(); i++) {
      value(elements.get(i), Faults.at(at, i)).ifPresent(list::add);
    }
    return list;
  }

  private Optional<Filter> among(Operand operand, boolean negated, Json value, String at) {
    List<Value> list = list(value, at);
    return value instanceof Arr
        ? Optional.of(new Filter.In(operand, negated, list, at))
        : Optional.empty();
  }

  private Optional<Filter> between(Operand operand, Json value, String at) {
    List<Value> bounds = list(value, at);
    if (value instanceof Arr(List<Json> elements) && elements.size() != 2) {
      faults.invalid(at, "give two values, the lower one first");
      return Optional.empty();
    }
    return bounds.size() == 2
        ? Optional.of(new Filter.Between(operand, bounds.getFirst(), bounds.getLast(), at))
        : Optional.empty();
  }

  private Optional<Filter> like(Operand operand, boolean ignoreCase, Json value, String at) {
    if (!(value instanceof Str(String pattern))) {
      Fields.wrongType(at, "a pattern as a string", value, faults);
      return Optional.empty();
    }
    values++;
    int end = pattern.length();
    while (end > 0 && pattern.charAt(end - 1) == '\\') {
      end--;
    }
    if ((pattern.length() - end) % 2 == 1) {
      faults.invalid(at, "the pattern ends in a lone backslash: double it to match one");
    }
    return Optional.of(new Filter.Like(operand, ignoreCase, pattern, at));
  }

  private Optional<Filter> isNull(Operand operand, Json value, String at) {
    if (!(value instanceof Bool(boolean expected))) {
      Fields.wrongType(at, "true or false", value, faults);
      return Optional.empty();
    }
    return Optional.of(new Filter.IsNull(operand, !expected, at));
  }
}
