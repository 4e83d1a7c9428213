package dsql.codec;

import dsql.action.Column;
import dsql.action.ColumnType;
import dsql.action.Create;
import dsql.action.Create.IfExists;
import dsql.action.Create.Index;
import dsql.action.DefaultFunction;
import dsql.action.Fault;
import dsql.action.Faults;
import dsql.action.Identifier;
import dsql.action.Request;
import dsql.json.Json;
import dsql.json.Json.Arr;
import dsql.json.Json.Obj;
import dsql.json.Json.Str;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Decodes `create`. Confined to one invocation.
final class CreateDecoder {

  private final Fields fields;
  private final Faults faults;

  /// The types of the columns by name; empty where the type is faulty.
  private final Map<Identifier, Optional<ColumnType>> types = new HashMap<>();

  /// Whether some column's name could not be read, so that no other name may be reported as
  /// unknown.
  private boolean unnamed;

  CreateDecoder(Fields fields, Faults faults) {
    this.fields = fields;
    this.faults = faults;
  }

  Optional<Create> decode(Optional<Identifier> table) {
    List<Identifier> primaryKey = fields.identifiers("primaryKey", Create.MAX_KEY_COLUMNS);
    List<Column> columns = columns(primaryKey);
    checkKey(primaryKey, fields.at("primaryKey"));
    List<List<Identifier>> unique = unique();
    List<Index> indexes = indexes();
    int standing = (primaryKey.isEmpty() ? 0 : 1) + unique.size();
    if (standing + indexes.size() > Create.MAX_INDEXES) {
      faults.invalid(
          fields.at("indexes"),
          "a table has at most "
              + Create.MAX_INDEXES
              + " indexes, including its primary key and unique constraints");
    }
    IfExists ifExists =
        RequestDecoder.choice(fields, "ifExists", IfExists.class, IfExists.VERIFY, faults);
    boolean wait = fields.bool("wait", false);
    return faults.none()
        ? table.map(name -> new Create(name, columns, primaryKey, unique, indexes, ifExists, wait))
        : Optional.empty();
  }

  private List<Column> columns(List<Identifier> primaryKey) {
    String at = fields.at("columns");
    Json value = fields.require("columns");
    List<Json> elements = value == null ? List.of() : Fields.array(value, at, faults);
    if (value instanceof Arr && (elements.isEmpty() || elements.size() > Create.MAX_COLUMNS)) {
      faults.invalid(at, "a table has 1 to " + Create.MAX_COLUMNS + " columns");
      unnamed = true;
      return List.of();
    }
    unnamed = elements.isEmpty();
    List<Column> columns = new ArrayList<>();
    for (int i = 0; i < elements.size(); i++) {
      Optional<Fields> object = Fields.object(elements.get(i), Faults.at(at, i), faults);
      unnamed |= object.isEmpty();
      object.flatMap(fields -> column(fields, primaryKey)).ifPresent(columns::add);
    }
    return columns;
  }

  private Optional<Column> column(Fields column, List<Identifier> primaryKey) {
    Optional<Identifier> name = column.requireIdentifier("name");
    Optional<ColumnType> type = type(column);
    unnamed |= name.isEmpty();
    if (name.isPresent() && types.putIfAbsent(name.get(), type) != null) {
      faults.invalid(column.at("name"), "the column is named twice");
    }
    Optional<Column.Default> defaultValue = defaultValue(column, type);
    OptionalInt cache = identityCache(column, type);
    boolean neverNull = cache.isPresent() || name.filter(primaryKey::contains).isPresent();
    boolean nullable = column.bool("nullable", !neverNull);
    if (nullable && neverNull) {
      faults.invalid(
          column.at("nullable"),
          "a column of the primary key or with an identity cannot be nullable");
    }
    if (cache.isPresent() && defaultValue.isPresent()) {
      faults.invalid(column.at("default"), "an identity column cannot have a default");
    }
    column.done();
    return faults.none()
        ? Optional.of(
            new Column(name.orElseThrow(), type.orElseThrow(), nullable, defaultValue, cache))
        : Optional.empty();
  }

  private Optional<ColumnType> type(Fields column) {
    if (column.require("type") == null) {
      return Optional.empty();
    }
    Optional<String> text = column.string("type");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(ColumnType.forNewColumn(text.get()));
    } catch (ColumnType.Refused e) {
      faults.invalid(column.at("type"), String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  private Optional<Column.Default> defaultValue(Fields column, Optional<ColumnType> type) {
    @Nullable Json defaultValue = column.takeNonNull("default");
    String at = column.at("default");
    if (defaultValue instanceof Str(String text)) {
      Optional<DefaultFunction> function = DefaultFunction.of(text);
      if (function.isEmpty()) {
        faults.invalid(
            at, "a default is one of " + DefaultFunction.ACCEPTED + ", or {\"value\": …}");
      } else if (type.isPresent() && !function.get().fits(type.get())) {
        faults.invalid(at, type.get().withArticle() + " cannot hold this function's result");
      }
      return function.map(Column.Default.Call::new);
    }
    if (defaultValue instanceof Obj object) {
      Fields literal = new Fields(object, at, faults);
      Json value = literal.requireNullable("value");
      literal.done();
      return Optional.ofNullable(value).map(RequestDecoder::value).map(Column.Default.Literal::new);
    }
    if (defaultValue != null) {
      Fields.wrongType(at, "a function's text or {\"value\": …}", defaultValue, faults);
    }
    return Optional.empty();
  }

  private OptionalInt identityCache(Fields column, Optional<ColumnType> type) {
    Json identity = column.takeNonNull("identity");
    String at = column.at("identity");
    if (identity == null) {
      return OptionalInt.empty();
    }
    Optional<Fields> object = Fields.object(identity, at, faults);
    if (object.isEmpty()) {
      return OptionalInt.empty();
    }
    object.get().require("cache");
    OptionalInt cache = object.get().integer("cache", 1, Integer.MAX_VALUE);
    object.get().done();
    if (cache.isPresent() && !Column.isIdentityCache(cache.getAsInt())) {
      faults.invalid(Faults.at(at, "cache"), "the cache must be 1 or at least 65536");
      return OptionalInt.empty();
    }
    if (type.isPresent() && type.get().base() != ColumnType.Base.BIGINT) {
      faults.invalid(at, "only a bigint column can have an identity");
      return OptionalInt.empty();
    }
    return cache;
  }

  private List<List<Identifier>> unique() {
    List<Json> elements = fields.array("unique", Create.MAX_INDEXES, "unique constraints");
    List<List<Identifier>> unique = new ArrayList<>();
    for (int i = 0; i < elements.size(); i++) {
      String at = Faults.at(fields.at("unique"), i);
      List<Identifier> columns =
          Fields.identifiers(elements.get(i), at, Create.MAX_KEY_COLUMNS, faults);
      checkKey(columns, at);
      unique.add(columns);
    }
    return unique;
  }

  private List<Index> indexes() {
    List<Json> elements = fields.array("indexes", Create.MAX_INDEXES, "indexes");
    List<Index> indexes = new ArrayList<>();
    Set<Identifier> names = new HashSet<>();
    for (int i = 0; i < elements.size(); i++) {
      String at = Faults.at(fields.at("indexes"), i);
      Optional<Fields> object = Fields.object(elements.get(i), at, faults);
      if (object.isEmpty()) {
        continue;
      }
      Optional<Identifier> name = object.get().requireIdentifier("name");
      object.get().require("columns");
      List<Identifier> columns = object.get().identifiers("columns", Create.MAX_KEY_COLUMNS);
      checkKey(columns, Faults.at(at, "columns"));
      object.get().done();
      if (name.equals(Optional.of(Request.LEDGER))) {
        faults.invalid(
            Faults.at(at, "name"),
            "this name is reserved for the function's own ledger table; choose another");
      }
      if (name.isPresent() && !names.add(name.get())) {
        faults.invalid(Faults.at(at, "name"), "the index is named twice");
      }
      name.ifPresent(present -> indexes.add(new Index(present, columns)));
    }
    return indexes;
  }

  private void checkKey(List<Identifier> key, String pointer) {
    for (int i = 0; i < key.size(); i++) {
      Optional<ColumnType> type = types.get(key.get(i));
      if (type == null) {
        if (!unnamed) {
          faults.add(
              Faults.at(pointer, i), Fault.Code.UNKNOWN_COLUMN, "not one of this table's columns");
        }
      } else if (type.isPresent() && !type.get().base().canBeKey()) {
        faults.invalid(Faults.at(pointer, i), type.get().sql() + " cannot be in a key or an index");
      }
    }
  }
}
