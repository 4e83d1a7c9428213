package dsql.codec;

import dsql.action.Fault;
import dsql.action.Faults;
import dsql.action.IdempotencyKey;
import dsql.action.Identifier;
import dsql.action.Insert;
import dsql.action.Insert.Atomicity;
import dsql.action.Insert.OnConflict;
import dsql.action.Row;
import dsql.action.Value;
import dsql.json.Json;
import dsql.json.Json.Member;
import dsql.json.Json.Obj;
import dsql.json.JsonWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Decodes `insert`. Confined to one invocation.
final class InsertDecoder {

  /// In place of a row that is faulty.
  private static final Row NONE = new Row(List.of(), List.of());

  /// What to do about a conflict, as `do` names it.
  private enum Do {
    NOTHING,
    UPDATE
  }

  private final Fields fields;
  private final Optional<IdempotencyKey> outside;
  private final Faults faults;

  /// Valid names so far: rows repeat theirs, and each is checked once.
  private final Map<String, Identifier> names = new HashMap<>();

  private List<Identifier> lastColumns = List.of();

  /// @param outside a key from outside the action object; the object's own takes precedence
  InsertDecoder(Fields fields, Optional<IdempotencyKey> outside, Faults faults) {
    this.fields = fields;
    this.outside = outside;
    this.faults = faults;
  }

  Optional<Insert> decode(Optional<Identifier> table) {
    List<Row> rows = rows();
    List<Identifier> returning = fields.identifiers("returning", Insert.MAX_COLUMNS);
    Optional<OnConflict> onConflict = onConflict();
    Optional<IdempotencyKey> own = key();
    Optional<IdempotencyKey> key = own.isPresent() ? own : outside;
    Atomicity atomicity =
        RequestDecoder.choice(fields, "atomicity", Atomicity.class, Atomicity.ALL, faults);
    if (atomicity == Atomicity.CHUNK && key.isEmpty()) {
      faults.add(
          fields.at("idempotencyKey"),
          Fault.Code.MISSING,
          "\"atomicity\":\"chunk\" needs a key: its ledger row records which rows are committed");
    }
    return faults.none() && table.isPresent()
        ? Optional.of(new Insert(table.get(), rows, returning, onConflict, key, atomicity))
        : Optional.empty();
  }

  private Optional<IdempotencyKey> key() {
    Optional<String> text = fields.string("idempotencyKey");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Optional<String> wrong = IdempotencyKey.fault(text.get());
    if (wrong.isPresent()) {
      faults.invalid(fields.at("idempotencyKey"), wrong.get());
      return Optional.empty();
    }
    return Optional.of(new IdempotencyKey(text.get()));
  }

  private List<Row> rows() {
    Json value = fields.require("rows");
    if (value == null) {
      return List.of();
    }
    String at = fields.at("rows");
    List<Json> elements = Fields.array(value, at, faults);
    if (elements.isEmpty() && value instanceof Json.Arr) {
      faults.invalid(at, "give at least one row");
    }
    List<Row> rows = new ArrayList<>(elements.size());
    for (int i = 0; i < elements.size(); i++) {
      rows.add(row(elements.get(i), at, i));
    }
    return rows;
  }

  private Row row(Json element, String at, int index) {
    if (!(element instanceof Obj(List<Member> members))) {
      Fields.wrongType(Faults.at(at, index), "an object", element, faults);
      return NONE;
    }
    if (members.size() > Insert.MAX_COLUMNS) {
      faults.invalid(
          Faults.at(at, index),
          "a row has at most " + Insert.MAX_COLUMNS + " columns; this one has " + members.size());
      return NONE;
    }
    List<Identifier> columns = columns(members, at, index);
    List<Value> values = new ArrayList<>(members.size());
    for (Member member : members) {
      values.add(RequestDecoder.value(member.value()));
    }
    // Of a row with a faulty name nothing is used.
    return columns.size() == values.size() ? new Row(columns, values) : NONE;
  }

  /// The columns that a row names, in the same list object as for the previous row if they are the
  /// same.
  private List<Identifier> columns(List<Member> members, String at, int index) {
    if (isNamedLike(members, lastColumns)) {
      return lastColumns;
    }
    List<Identifier> columns = new ArrayList<>(members.size());
    for (Member member : members) {
      Identifier name = names.get(member.name());
      if (name == null) {
        Optional<String> fault = Identifier.fault(member.name());
        if (fault.isPresent()) {
          String pointer = Faults.at(Faults.at(at, index), member.name());
          faults.invalid(pointer, fault.get());
          continue;
        }
        name = new Identifier(member.name());
        names.put(member.name(), name);
      }
      columns.add(name);
    }
    lastColumns = List.copyOf(columns);
    return lastColumns;
  }

  private static boolean isNamedLike(List<Member> members, List<Identifier> columns) {
    if (members.size() != columns.size()) {
      return false;
    }
    for (int i = 0; i < columns.size(); i++) {
      if (!members.get(i).name().equals(columns.get(i).name())) {
        return false;
      }
    }
    return true;
  }

  private static String text(@Nullable Json json) {
    JsonWriter text = new JsonWriter();
    if (json != null) {
      json.writeTo(text);
    }
    return text.toString();
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
    List<Identifier> columns = conflict.identifiers("columns", Insert.MAX_COLUMNS);
    Optional<OnConflict.Where> where =
        new FilterDecoder(faults)
            .decode(conflict)
            .map(filter -> new OnConflict.Where(filter, text(conflict.take("where"))));
    conflict.require("do");
    Optional<Do> action = RequestDecoder.choice(conflict, "do", Do.class, faults);
    Optional<List<Identifier>> set =
        conflict.takeNonNull("set") == null
            ? Optional.empty()
            : Optional.of(conflict.identifiers("set", Insert.MAX_COLUMNS));
    conflict.done();
    if (action.equals(Optional.of(Do.NOTHING)) && set.isPresent()) {
      faults.invalid(Faults.at(at, "set"), "\"do\":\"nothing\" sets no columns");
    }
    return action.map(chosen ->
        switch (chosen) {
          case NOTHING -> new OnConflict.Nothing(columns, where);
          case UPDATE -> new OnConflict.Update(columns, where, set);
        });
  }
}
