package dsql.json;

import dsql.action.ActionName;
import dsql.action.Fault;
import dsql.action.Faults;
import dsql.action.IdempotencyKey;
import dsql.action.Identifier;
import dsql.action.InvalidRequest;
import dsql.action.Request;
import dsql.action.Value;
import dsql.json.Json.Bool;
import dsql.json.Json.Null;
import dsql.json.Json.Num;
import dsql.json.Json.Obj;
import dsql.json.Json.Str;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Decodes an action object, strictly: an unknown field, a duplicate key, a wrong type or a missing
/// field is a fault, and all faults are found in one pass.
public final class RequestDecoder {

  private RequestDecoder() {}

  /// The action an object names, before anything else in it is looked at.
  ///
  /// @throws InvalidRequest when it names none
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
      faults.add(
          "/action", Fault.Code.INVALID_VALUE, "an action is one of: " + words(ActionName.class));
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

  /// The request, whole.
  ///
  /// @param faults what was found wrong with its text before
  /// @param key an idempotency key that came beside the object; for an insert without one of its
  ///   own
  /// @throws InvalidRequest with all that is wrong with it
  public static Request decode(Json value, Optional<IdempotencyKey> key, Faults faults) {
    return decode(value, action(value, faults), key, faults);
  }

  /// The same, once the action is known that it names.
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
    if (table.isPresent() && table.get().name().indexOf('.') >= 0) {
      faults.add(
          "/table",
          Fault.Code.INVALID_VALUE,
          "the table's name alone; its schema is the function's CLUSTER_SCHEMA");
    }
    if (table.equals(Optional.of(Request.LEDGER))) {
      faults.add("/table", Fault.Code.INVALID_VALUE, "this table keeps the function's own ledger");
    }
    return table;
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

  /// One of an enum's names, in lower case; the given one when absent.
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
      if (Words.of(constant).equals(text.get())) {
        return Optional.of(constant);
      }
    }
    faults.add(fields.at(name), Fault.Code.INVALID_VALUE, "one of: " + words(type));
    return Optional.empty();
  }

  private static <E extends Enum<E>> String words(Class<E> type) {
    return Arrays.stream(type.getEnumConstants()).map(Words::of).collect(Collectors.joining(", "));
  }
}
