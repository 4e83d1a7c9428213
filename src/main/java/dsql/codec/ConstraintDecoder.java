package dsql.codec;

import dsql.action.Create;
import dsql.action.Create.Check;
import dsql.action.Create.ForeignKey;
import dsql.action.Create.Index;
import dsql.action.Faults;
import dsql.action.Filter;
import dsql.action.Identifier;
import dsql.action.Member;
import dsql.action.MemberType;
import dsql.action.Request;
import dsql.json.Json;
import dsql.json.Json.Obj;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Decodes the constraints and indexes of `create`. Confined to one invocation.
final class ConstraintDecoder {

  private final Fields fields;
  private final NewColumns columns;
  private final Faults faults;

  /// The names of constraints so far, which are unique in a table.
  private final Set<Identifier> names = new HashSet<>();

  ConstraintDecoder(Fields fields, NewColumns columns, Faults faults) {
    this.fields = fields;
    this.columns = columns;
    this.faults = faults;
  }

  List<List<Identifier>> unique() {
    List<Json> elements = fields.array("unique", Create.MAX_INDEXES, "unique constraints");
    List<List<Identifier>> unique = new ArrayList<>();
    for (int i = 0; i < elements.size(); i++) {
      String at = Faults.at(fields.at("unique"), i);
      List<Identifier> key =
          Fields.identifiers(elements.get(i), at, Create.MAX_KEY_COLUMNS, faults);
      columns.checkKey(key, at);
      unique.add(key);
    }
    return unique;
  }

  /// @param notNull the columns that cannot be NULL
  /// @param noDefault those of them that have no default
  List<ForeignKey> foreignKeys(Set<Identifier> notNull, Set<Identifier> noDefault) {
    List<ForeignKey> keys = new ArrayList<>();
    for (Fields key : objects("foreignKeys", "foreign keys")) {
      Optional<Identifier> name = constraintName(key, false);
      key.require("columns");
      List<Identifier> own = key.identifiers("columns", Create.MAX_KEY_COLUMNS);
      columns.check(own, key.at("columns"));
      Optional<Identifier> table = key.requireIdentifier("table");
      RequestDecoder.checkTable(table, key.at("table"), faults);
      List<Identifier> references = key.identifiers("references", Create.MAX_KEY_COLUMNS);
      if (!references.isEmpty() && references.size() != own.size()) {
        faults.invalid(key.at("references"), "name as many columns as in \"columns\"");
      }
      ForeignKey.Action onDelete = action(key, "onDelete");
      ForeignKey.Action onUpdate = action(key, "onUpdate");
      for (String field : List.of("onDelete", "onUpdate")) {
        ForeignKey.Action action = field.equals("onDelete") ? onDelete : onUpdate;
        if (action == ForeignKey.Action.SET_NULL && own.stream().anyMatch(notNull::contains)) {
          faults.invalid(key.at(field), "a column of the foreign key cannot be null");
        }
        if (action == ForeignKey.Action.SET_DEFAULT && own.stream().anyMatch(noDefault::contains)) {
          faults.invalid(
              key.at(field), "a column of the foreign key cannot be null and has no default");
        }
      }
      boolean add =
          RequestDecoder.choice(key, "ifMissing", IfMissing.class, IfMissing.DIFFER, faults)
              == IfMissing.ADD;
      if (add && name.isEmpty()) {
        faults.invalid(key.at("ifMissing"), "only a foreign key with a name can be added");
      }
      key.done();
      table.ifPresent(referenced ->
          keys.add(new ForeignKey(name, own, referenced, references, onDelete, onUpdate, add)));
    }
    return keys;
  }

  /// What to do when a table exists without a foreign key.
  private enum IfMissing {
    DIFFER,
    ADD
  }

  List<Check> checks() {
    List<Check> checks = new ArrayList<>();
    for (Fields check : objects("checks", "checks")) {
      Optional<Identifier> name = constraintName(check, true);
      check.require("where");
      Optional<Filter> where = new FilterDecoder(faults).decode(check);
      check.done();
      if (name.isPresent() && where.isPresent()) {
        checks.add(new Check(name.get(), where.get()));
      }
    }
    return checks;
  }

  List<Index> indexes() {
    List<Index> indexes = new ArrayList<>();
    Set<Identifier> own = new HashSet<>();
    for (Fields index : objects("indexes", "indexes")) {
      Optional<Identifier> name = index.requireIdentifier("name");
      if (name.equals(Optional.of(Request.LEDGER))) {
        faults.invalid(
            index.at("name"),
            "this name is reserved for the function's own ledger table; choose another");
      }
      if (name.isPresent() && !own.add(name.get())) {
        faults.invalid(index.at("name"), "the index is named twice");
      }
      List<Index.Part> parts = parts(index);
      boolean unique = index.bool("unique", false);
      boolean nullsNotDistinct = index.bool("nullsNotDistinct", false);
      if (nullsNotDistinct && !unique) {
        faults.invalid(index.at("nullsNotDistinct"), "only a unique index compares its keys");
      }
      List<Identifier> include = index.identifiers("include", Create.MAX_COLUMNS);
      columns.check(include, index.at("include"));
      for (int i = 0; i < include.size(); i++) {
        if (parts.contains(new Index.Part.Plain(include.get(i)))) {
          faults.invalid(
              Faults.at(index.at("include"), i), "the column is in the index's key already");
        }
      }
      Optional<Filter> where = new FilterDecoder(faults).decode(index);
      index.done();
      name.ifPresent(present ->
          indexes.add(new Index(present, parts, unique, include, where, nullsNotDistinct)));
    }
    return indexes;
  }

  private List<Index.Part> parts(Fields index) {
    String at = index.at("columns");
    Json value = index.require("columns");
    List<Json> elements = value == null ? List.of() : Fields.array(value, at, faults);
    if (value instanceof Json.Arr
        && (elements.isEmpty() || elements.size() > Create.MAX_KEY_COLUMNS)) {
      faults.invalid(at, "an index has 1 to " + Create.MAX_KEY_COLUMNS + " columns");
      return List.of();
    }
    List<Index.Part> parts = new ArrayList<>();
    for (int i = 0; i < elements.size(); i++) {
      String place = Faults.at(at, i);
      Optional<Index.Part> part = part(elements.get(i), place);
      if (part.isPresent() && parts.contains(part.get())) {
        faults.invalid(place, "the column is named twice");
      }
      part.ifPresent(parts::add);
    }
    return parts;
  }

  private Optional<Index.Part> part(Json value, String at) {
    if (!(value instanceof Obj object)) {
      Optional<Identifier> name = Fields.identifier(value, at, faults);
      name.ifPresent(column -> columns.checkKey(column, at));
      return name.map(Index.Part.Plain::new);
    }
    Fields part = new Fields(object, at, faults);
    for (String unsupported : List.of("direction", "nulls")) {
      if (part.take(unsupported) != null) {
        faults.invalid(part.at(unsupported), "the database takes no sort order for an index");
      }
    }
    Optional<Index.Part> found = part.take("column") == null ? lower(part) : ofDocument(part);
    part.done();
    return found;
  }

  private Optional<Index.Part> lower(Fields part) {
    Optional<Identifier> lower = part.requireIdentifier("lower");
    lower.ifPresent(column -> columns.checkText(column, part.at("lower")));
    return lower.map(Index.Part.Lower::new);
  }

  private Optional<Index.Part> ofDocument(Fields part) {
    Optional<Identifier> column = part.requireIdentifier("column");
    column.ifPresent(name -> columns.checkJson(name, part.at("column")));
    part.require("at");
    Optional<Member> member = MemberDecoder.decode(part, faults);
    if (member.isPresent()
        && (member.get().type() == MemberType.DATE
            || member.get().type() == MemberType.TIMESTAMPTZ)) {
      faults.invalid(
          part.at("type"),
          "an index takes no date or timestamptz of a document, whose text may mean different"
              + " times; index its text");
    }
    return column.isPresent() && member.isPresent()
        ? Optional.of(new Index.Part.OfDocument(column.get(), member.get()))
        : Optional.empty();
  }

  private Optional<Identifier> constraintName(Fields constraint, boolean required) {
    Optional<Identifier> name =
        required || constraint.takeNonNull("name") != null
            ? constraint.requireIdentifier("name")
            : Optional.empty();
    if (name.isPresent() && !names.add(name.get())) {
      faults.invalid(constraint.at("name"), "the constraint is named twice");
    }
    return name;
  }

  private ForeignKey.Action action(Fields key, String field) {
    Optional<String> text = key.string(field);
    for (ForeignKey.Action action : ForeignKey.Action.values()) {
      if (text.isEmpty() || action.text().equals(text.get())) {
        return action;
      }
    }
    faults.invalid(
        key.at(field),
        Arrays.stream(ForeignKey.Action.values())
            .map(ForeignKey.Action::text)
            .collect(Collectors.joining(", ", "must be one of: ", "")));
    return ForeignKey.Action.NO_ACTION;
  }

  private List<Fields> objects(String name, String what) {
    int most = name.equals("indexes") ? Create.MAX_INDEXES : Create.MAX_CONSTRAINTS;
    List<Json> elements = fields.array(name, most, what);
    List<Fields> objects = new ArrayList<>();
    for (int i = 0; i < elements.size(); i++) {
      Fields.object(elements.get(i), Faults.at(fields.at(name), i), faults).ifPresent(objects::add);
    }
    return objects;
  }
}
