package dsql.codec;

import dsql.action.Fault;
import dsql.action.Faults;
import dsql.action.Identifier;
import dsql.action.Member;
import dsql.action.Operand;
import dsql.action.Query;
import dsql.action.Selected;
import dsql.action.Selected.Aggregate;
import dsql.action.Selected.Function;
import dsql.action.Selected.Plain;
import dsql.json.Json;
import dsql.json.Json.Obj;
import dsql.json.Json.Str;
import dsql.json.LowerCase;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Decodes `select` and checks it against `groupBy`. Confined to one invocation.
final class SelectDecoder {

  private final Fields fields;
  private final Faults faults;

  SelectDecoder(Fields fields, Faults faults) {
    this.fields = fields;
    this.faults = faults;
  }

  List<Selected> decode(List<Identifier> groupBy) {
    Json value = fields.takeNonNull("select");
    String at = fields.at("select");
    if (value == null) {
      if (!groupBy.isEmpty()) {
        faults.add(at, Fault.Code.MISSING, "a query with groupBy must name what to select");
      }
      return List.of();
    }
    List<Json> elements = Fields.array(value, at, faults);
    if (elements.isEmpty() && value instanceof Json.Arr) {
      faults.invalid(at, "name a column, or leave the field out");
    }
    if (elements.size() > Query.MAX_SELECTED) {
      faults.invalid(at, "a row has at most " + Query.MAX_SELECTED + " members");
      return List.of();
    }
    List<Selected> select = new ArrayList<>();
    for (int i = 0; i < elements.size(); i++) {
      selected(elements.get(i), Faults.at(at, i)).ifPresent(select::add);
    }
    if (faults.none()) {
      checkNames(select, at);
      checkGroups(select, groupBy, at);
    }
    return select;
  }

  private Optional<Selected> selected(Json element, String at) {
    if (element instanceof Str) {
      return Fields.identifier(element, at, faults)
          .map(name -> new Plain(Operand.of(name), name, at));
    }
    if (!(element instanceof Obj object)) {
      Fields.wrongType(at, "a column's name or an object", element, faults);
      return Optional.empty();
    }
    Fields selected = new Fields(object, at, faults);
    Optional<Identifier> as =
        selected.takeNonNull("as") == null ? Optional.empty() : selected.requireIdentifier("as");
    Optional<Selected> found = Optional.empty();
    int kinds = 0;
    if (selected.take("column") != null) {
      kinds++;
      found = plain(selected, as, at);
    }
    for (Function function : Function.values()) {
      String word = LowerCase.of(function);
      if (selected.take(word) != null) {
        kinds++;
        found = aggregate(selected, function, as.orElse(new Identifier(word)), at);
      }
    }
    if (kinds != 1) {
      faults.invalid(
          at,
          "give exactly one of column, count, sum, min, max and avg; only \"as\", \"at\", \"type\""
              + " and, for count, \"distinct\" may be added");
    }
    selected.done();
    return found;
  }

  private Optional<Selected> plain(Fields selected, Optional<Identifier> as, String at) {
    Optional<Identifier> column = selected.requireIdentifier("column");
    Optional<Member> member = MemberDecoder.decode(selected, faults);
    if (column.isEmpty()) {
      return Optional.empty();
    }
    Identifier name = as.orElse(column.get());
    if (member.isPresent() && as.isEmpty()) {
      List<String> path = member.get().path();
      String last = path.isEmpty() ? "" : path.getLast();
      Optional<String> fault = Identifier.fault(last);
      if (fault.isPresent()) {
        faults.invalid(
            at, "the member's name cannot name a column of the reply, add \"as\": " + fault.get());
        return Optional.empty();
      }
      name = new Identifier(last);
    }
    return Optional.of(new Plain(new Operand(column.get(), member), name, at));
  }

  private Optional<Selected> aggregate(
      Fields selected, Function function, Identifier name, String at) {
    String word = LowerCase.of(function);
    boolean distinct = function == Function.COUNT && selected.bool("distinct", false);
    if (selected.take(word) instanceof Str(String text) && text.equals("*")) {
      if (function != Function.COUNT) {
        faults.invalid(selected.at(word), "only count takes \"*\"");
      }
      if (distinct) {
        faults.invalid(selected.at("distinct"), "rows are not counted distinct: name a column");
      }
      for (String field : List.of("at", "type")) {
        if (selected.takeNonNull(field) != null) {
          faults.invalid(selected.at(field), "\"*\" stands for rows, which have no members");
        }
      }
      return Optional.of(new Aggregate(function, Optional.empty(), distinct, name, at));
    }
    Optional<Identifier> column = selected.requireIdentifier(word);
    Optional<Member> member = MemberDecoder.decode(selected, faults);
    return column.map(
        of -> new Aggregate(function, Optional.of(new Operand(of, member)), distinct, name, at));
  }

  private void checkNames(List<Selected> select, String at) {
    Set<Identifier> names = new HashSet<>();
    for (int i = 0; i < select.size(); i++) {
      if (!names.add(select.get(i).name())) {
        faults.invalid(
            Faults.at(at, i),
            "two members of a row would have the name %s: rename one with \"as\""
                .formatted(select.get(i).name()));
      }
    }
  }

  private void checkGroups(List<Selected> select, List<Identifier> groupBy, String at) {
    if (groupBy.isEmpty() && select.stream().noneMatch(Aggregate.class::isInstance)) {
      return;
    }
    for (int i = 0; i < select.size(); i++) {
      if (select.get(i) instanceof Plain(Operand operand, _, _)
          && (operand.member().isPresent() || !groupBy.contains(operand.column()))) {
        faults.invalid(
            Faults.at(at, i),
            "a column selected together with groupBy or an aggregate must be listed in groupBy: "
                + operand.column()
                + (operand.member().isPresent() ? ", as a whole" : ""));
      }
    }
  }
}
