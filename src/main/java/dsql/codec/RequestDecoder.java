package dsql.codec;

import dsql.action.ActionName;
import dsql.action.Faults;
import dsql.action.IdempotencyKey;
import dsql.action.Identifier;
import dsql.action.InvalidRequest;
import dsql.action.Request;
import dsql.action.Value;
import dsql.json.Json;
import dsql.json.Json.Bool;
import dsql.json.Json.Null;
import dsql.json.Json.Num;
import dsql.json.Json.Obj;
import dsql.json.Json.Str;
import dsql.json.JsonWriter;
import dsql.json.LowerCase;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Decodes an action object strictly: an unknown field, a duplicate key, a wrong type and a missing
/// field are faults, and one pass finds all of them.
public final class RequestDecoder {

  private RequestDecoder() {}

  /// The action that an object names; nothing else in the object is checked yet.
  ///
  /// @throws InvalidRequest if it names none
  public static ActionName action(Json value, Faults faults) {
    Optional<Fields> fields = Fields.object(value, "", faults);
    Optional<ActionName> action =
        fields.isPresent() ? action(fields.get(), faults) : Optional.empty();
    if (action.isEmpty()) {
      faults.throwIfAny();
    }
    return action.orElseThrow();
  }

  private static Optional<ActionName> action(Fields fields, Faults faults) {
    if (fields.require("action") == null) {
      return Optional.empty();
    }
    Optional<String> text = fields.string("action");
    Optional<ActionName> action = text.isPresent() ? ActionName.of(text.get()) : Optional.empty();
    if (text.isPresent() && action.isEmpty()) {
      faults.invalid("/action", "the action must be one of: " + words(ActionName.class));
    }
    return action;
  }

  /// Whether an object is an insert without a key of its own.
  public static boolean isUnkeyedInsert(Json value) {
    return value instanceof Obj object
        && object.get("action") instanceof Str(String action)
        && action.equals(ActionName.INSERT.text())
        && !(object.get("idempotencyKey") instanceof Str);
  }

  /// Decodes the whole request.
  ///
  /// @param faults the faults that were found in its text so far
  /// @param key an idempotency key from outside the object, for an insert without one of its own
  /// @throws InvalidRequest with all faults of the request
  public static Request decode(Json value, Optional<IdempotencyKey> key, Faults faults) {
    return decode(value, action(value, faults), key, faults);
  }

  /// Decodes the whole request, whose action is already known.
  public static Request decode(
      Json value, ActionName action, Optional<IdempotencyKey> key, Faults faults) {
    Fields fields = new Fields((Obj) value, "", faults);
    fields.take("action");
    Optional<Identifier> table = table(fields, faults);
    Optional<? extends Request> request =
        switch (action) {
          case CREATE -> new CreateDecoder(fields, faults).decode(table);
          case INSERT -> new InsertDecoder(fields, key, faults).decode(table);
          case QUERY -> new QueryDecoder(fields, faults).decode(table);
        };
    fields.done();
    faults.throwIfAny();
    return request.orElseThrow();
  }

  private static Optional<Identifier> table(Fields fields, Faults faults) {
    Optional<Identifier> table = fields.requireIdentifier("table");
    checkTable(table, "/table", faults);
    return table;
  }

  /// Adds a fault for a table that no request may name.
  static void checkTable(Optional<Identifier> table, String at, Faults faults) {
    if (table.isPresent() && table.get().name().indexOf('.') >= 0) {
      faults.invalid(
          at, "give the table's name alone; the function's CLUSTER_SCHEMA sets its schema");
    }
    if (table.equals(Optional.of(Request.LEDGER))) {
      faults.invalid(at, "this table holds the function's own ledger; name another");
    }
  }

  static Value value(Json json) {
    if (json instanceof Str(String text)) {
      return new Value.Text(text);
    } else if (json instanceof Num(String literal)) {
      return new Value.Num(literal);
    } else if (json instanceof Null) {
      return Value.NULL;
    } else if (json instanceof Bool(boolean value)) {
      return new Value.Bool(value);
    }
    JsonWriter text = new JsonWriter();
    json.writeTo(text);
    return new Value.Structure(text.toString());
  }

  /// The enum constant that the field names in lower case, or `absent` if there is no such field.
  static <E extends Enum<E>> E choice(
      Fields fields, String name, Class<E> type, E absent, Faults faults) {
    @Nullable E chosen = choice(fields, name, type, faults).orElse(null);
    return chosen == null ? absent : chosen;
  }

  static <E extends Enum<E>> Optional<E> choice(
      Fields fields, String name, Class<E> type, Faults faults) {
    Optional<String> text = fields.string(name);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    for (E constant : type.getEnumConstants()) {
      if (LowerCase.of(constant).equals(text.get())) {
        return Optional.of(constant);
      }
    }
    faults.invalid(fields.at(name), "must be one of: " + words(type));
    return Optional.empty();
  }

  private static <E extends Enum<E>> String words(Class<E> type) {
    return Arrays.stream(type.getEnumConstants())
        .map(LowerCase::of)
        .collect(Collectors.joining(", "));
  }
}
