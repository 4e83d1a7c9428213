package dsql.codec;

import dsql.action.Fault;
import dsql.action.Faults;
import dsql.action.Filter;
import dsql.action.Filter.Comparison;
import dsql.action.Identifier;
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

/// Decodes `where`, in which the members of an object are joined by AND. Confined to one
/// invocation.
final class FilterDecoder {

  private static final String OPERATORS =
      "eq, ne, gt, gte, lt, lte, in, notIn, like, ilike, between, isNull";

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
        yield List.of(equality(column, value, false, at));
      }
      case Obj(List<Member> operators) -> {
        if (operators.isEmpty()) {
          faults.invalid(at, "give an operator: " + OPERATORS);
        }
        List<Filter> filters = new ArrayList<>();
        for (Member operator : operators) {
          if (isTooLarge()) {
            break;
          }
          conditions++;
          operator(column, operator, Faults.at(at, operator.name())).ifPresent(filters::add);
        }
        yield filters;
      }
      case Arr _ -> {
        faults.add(
            at,
            Fault.Code.WRONG_TYPE,
            "give a value, null or an object of operators; for a list {\"in\": […]}");
        yield List.of();
      }
    };
  }

  private Optional<Filter> operator(Identifier column, Member operator, String at) {
    Json value = operator.value();
    return switch (operator.name()) {
      case "eq" -> Optional.of(equality(column, value, false, at));
      case "ne" -> Optional.of(equality(column, value, true, at));
      case "gt" -> compared(column, Comparison.GT, value, at);
      case "gte" -> compared(column, Comparison.GTE, value, at);
      case "lt" -> compared(column, Comparison.LT, value, at);
      case "lte" -> compared(column, Comparison.LTE, value, at);
      case "in" -> among(column, false, value, at);
      case "notIn" -> among(column, true, value, at);
      case "like" -> like(column, false, value, at);
      case "ilike" -> like(column, true, value, at);
      case "between" -> between(column, value, at);
      case "isNull" -> isNull(column, value, at);
      default -> {
        faults.add(at, Fault.Code.UNKNOWN_FIELD, "unknown operator; known: " + OPERATORS);
        yield Optional.empty();
      }
    };
  }

  private Filter equality(Identifier column, Json value, boolean negated, String at) {
    if (value instanceof Null) {
      return new Filter.IsNull(column, negated, at);
    }
    values++;
    Comparison comparison = negated ? Comparison.NE : Comparison.EQ;
    return new Filter.Compare(column, comparison, RequestDecoder.value(value), at);
  }

  private Optional<Filter> compared(
      Identifier column, Comparison comparison, Json value, String at) {
    return value(value, at).map(given -> new Filter.Compare(column, comparison, given, at));
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

  private Optional<Filter> among(Identifier column, boolean negated, Json value, String at) {
    List<Value> list = list(value, at);
    return value instanceof Arr
        ? Optional.of(new Filter.In(column, negated, list, at))
        : Optional.empty();
  }

  private Optional<Filter> between(Identifier column, Json value, String at) {
    List<Value> bounds = list(value, at);
    if (value instanceof Arr(List<Json> elements) && elements.size() != 2) {
      faults.invalid(at, "give two values, the lower one first");
      return Optional.empty();
    }
    return bounds.size() == 2
        ? Optional.of(new Filter.Between(column, bounds.getFirst(), bounds.getLast(), at))
        : Optional.empty();
  }

  private Optional<Filter> like(Identifier column, boolean ignoreCase, Json value, String at) {
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
    return Optional.of(new Filter.Like(column, ignoreCase, pattern, at));
  }

  private Optional<Filter> isNull(Identifier column, Json value, String at) {
    if (!(value instanceof Bool(boolean expected))) {
      Fields.wrongType(at, "true or false", value, faults);
      return Optional.empty();
    }
    return Optional.of(new Filter.IsNull(column, !expected, at));
  }
}
