package dsql.codec;

import dsql.action.Column;
import dsql.action.ColumnType;
import dsql.action.Create;
import dsql.action.Create.Check;
import dsql.action.Create.ForeignKey;
import dsql.action.Create.IfExists;
import dsql.action.Create.Index;
import dsql.action.DefaultFunction;
import dsql.action.Faults;
import dsql.action.Identifier;
import dsql.json.Json;
import dsql.json.Json.Arr;
import dsql.json.Json.Obj;
import dsql.json.Json.Str;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Decodes `create`. Confined to one invocation.
final class CreateDecoder {

  private final Fields fields;
  private final Faults faults;
  private final NewColumns known;

  CreateDecoder(Fields fields, Faults faults) {
    this.fields = fields;
    this.faults = faults;
    this.known = new NewColumns(faults);
  }

  Optional<Create> decode(Optional<Identifier> table) {
    List<Identifier> primaryKey = fields.identifiers("primaryKey", Create.MAX_KEY_COLUMNS);
    List<Column> columns = columns(primaryKey);
    known.checkKey(primaryKey, fields.at("primaryKey"));
    ConstraintDecoder constraints = new ConstraintDecoder(fields, known, faults);
    List<List<Identifier>> unique = constraints.unique();
    Set<Identifier> notNull = new HashSet<>(primaryKey);
    columns.stream().filter(column -> !column.nullable()).map(Column::name).forEach(notNull::add);
    Set<Identifier> noDefault =
        columns.stream().filter(Column::hasToBeGiven).map(Column::name).collect(Collectors.toSet());
    List<ForeignKey> foreignKeys = constraints.foreignKeys(notNull, noDefault);
    List<Check> checks = constraints.checks();
    Optional<String> comment = comment();
    List<Index> indexes = constraints.indexes();
    int constraintIndexes = (primaryKey.isEmpty() ? 0 : 1) + unique.size();
    if (constraintIndexes + indexes.size() > Create.MAX_INDEXES) {
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
        ? table.map(name ->
            new Create(
                name,
                columns,
                primaryKey,
                unique,
                foreignKeys,
                checks,
                comment,
                indexes,
                ifExists,
                wait))
        : Optional.empty();
  }

  private Optional<String> comment() {
    Optional<String> comment = fields.string("comment");
    if (comment.isPresent()
        && comment.get().codePointCount(0, comment.get().length()) > Create.MAX_COMMENT) {
      faults.invalid(
          fields.at("comment"), "a comment has at most " + Create.MAX_COMMENT + " characters");
    }
    if (comment.isPresent()
        && comment.get().codePoints().anyMatch(c -> c == 0 || Identifier.isSurrogate(c))) {
      faults.invalid(fields.at("comment"), "a comment must not hold NUL or half a surrogate pair");
    }
    return comment;
  }

  private List<Column> columns(List<Identifier> primaryKey) {
    String at = fields.at("columns");
    Json value = fields.require("columns");
    List<Json> elements = value == null ? List.of() : Fields.array(value, at, faults);
    if (value instanceof Arr && (elements.isEmpty() || elements.size() > Create.MAX_COLUMNS)) {
      faults.invalid(at, "a table has 1 to " + Create.MAX_COLUMNS + " columns");
      known.addUnnamed();
      return List.of();
    }
    if (elements.isEmpty()) {
      known.addUnnamed();
    }
    List<Column> columns = new ArrayList<>();
    for (int i = 0; i < elements.size(); i++) {
      Optional<Fields> object = Fields.object(elements.get(i), Faults.at(at, i), faults);
      if (object.isEmpty()) {
        known.addUnnamed();
      }
      object.flatMap(fields -> column(fields, primaryKey)).ifPresent(columns::add);
    }
    return columns;
  }

  private Optional<Column> column(Fields column, List<Identifier> primaryKey) {
    Optional<Identifier> name = column.requireIdentifier("name");
    Optional<ColumnType> type = type(column);
    if (name.isEmpty()) {
      known.addUnnamed();
    } else if (!known.add(name.get(), type)) {
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
}
