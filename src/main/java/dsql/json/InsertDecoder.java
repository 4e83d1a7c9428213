package dsql.json;

import dsql.action.Fault;
import dsql.action.Faults;
import dsql.action.Identifier;
import dsql.action.Insert;
import dsql.action.Insert.OnConflict;
import dsql.action.Value;
import dsql.json.Json.Member;
import dsql.json.Json.Obj;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Decodes `insert`. Confined to one invocation.
final class InsertDecoder {

  /// What to do about a conflict, as `do` names it.
  private enum Do {
    NOTHING,
    UPDATE
  }

  /// How many transactions the rows may take, as `atomicity` names it.
  private enum Atomicity {
    ALL,
    CHUNK
  }

  private final Fields fields;
  private final Faults faults;

  /// Rows repeat their names: a good one is checked once.
  private final Map<String, Identifier> names = new HashMap<>();

  InsertDecoder(Fields fields, Faults faults) {
    this.fields = fields;
    this.faults = faults;
  }

  Optional<Insert> decode(Optional<Identifier> table) {
    List<Map<Identifier, Value>> rows = rows();
    List<Identifier> returning = fields.identifiers("returning");
    Optional<OnConflict> onConflict = onConflict();
    if (fields.takeNonNull("idempotencyKey") != null) {
      unsupported(
          "idempotencyKey",
          "this version does not keep idempotency keys: leave the field out, or give the rows"
              + " their keys and use onConflict");
    }
    Atomicity atomicity =
        RequestDecoder.choice(fields, "atomicity", Atomicity.class, Atomicity.ALL, faults);
    if (atomicity == Atomicity.CHUNK) {
      unsupported("atomicity", "this version inserts all rows or none: leave the field out");
    }
    return faults.none()
        ? table.map(name -> new Insert(name, rows, returning, onConflict))
        : Optional.empty();
  }

  private void unsupported(String name, String detail) {
    faults.add(fields.at(name), Fault.Code.UNSUPPORTED, detail);
  }

  private List<Map<Identifier, Value>> rows() {
    Json value = fields.require("rows");
    if (value == null) {
      return List.of();
    }
    String at = fields.at("rows");
    List<Json> elements = Fields.array(value, at, faults);
    if (elements.isEmpty() && value instanceof Json.Arr) {
      faults.add(at, Fault.Code.INVALID_VALUE, "give at least one row");
    }
    List<Map<Identifier, Value>> rows = new ArrayList<>(elements.size());
    for (int i = 0; i < elements.size(); i++) {
      rows.add(row(elements.get(i), at, i));
    }
    return rows;
  }

  private Map<Identifier, Value> row(Json element, String at, int index) {
    if (!(element instanceof Obj(List<Member> members))) {
      Fields.wrongType(Faults.at(at, index), "an object", element, faults);
      return Map.of();
    }
    Map<Identifier, Value> row = LinkedHashMap.newLinkedHashMap(members.size());
    for (Member member : members) {
      Identifier name = names.get(member.name());
      if (name == null) {
        String pointer = Faults.at(Faults.at(at, index), member.name());
        name = Fields.identifier(new Json.Str(member.name()), pointer, faults).orElse(null);
        if (name == null) {
          continue;
        }
        names.put(member.name(), name);
      }
      row.put(name, RequestDecoder.value(member.value()));
    }
    return row;
  }

  private Optional<OnConflict> onConflict() {
    Json value = fields.takeNonNull("onConflict");
    if (value == null) {
      return Optional.empty();
    }
    String at = fields.at("onConflict");
    Optional<Fields> object = Fields.object(value, at, faults);
    if (object.isEmpty()) {
      return Optional.empty();
    }
    Fields conflict = object.get();
    conflict.require("columns");
    List<Identifier> columns = conflict.identifiers("columns");
    conflict.require("do");
    Optional<Do> action = RequestDecoder.choice(conflict, "do", Do.class, faults);
    Optional<List<Identifier>> set =
        conflict.takeNonNull("set") == null
            ? Optional.empty()
            : Optional.of(conflict.identifiers("set"));
    conflict.done();
    if (action.equals(Optional.of(Do.NOTHING)) && set.isPresent()) {
      faults.add(
          Faults.at(at, "set"), Fault.Code.INVALID_VALUE, "\"do\":\"nothing\" sets no columns");
    }
    return action.map(chosen ->
        switch (chosen) {
          case NOTHING -> new OnConflict.Nothing(columns);
          case UPDATE -> new OnConflict.Update(columns, set);
        });
  }
}
