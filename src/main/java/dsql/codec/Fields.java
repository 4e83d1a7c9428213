package dsql.codec;

import dsql.action.Fault;
import dsql.action.Faults;
import dsql.action.Identifier;
import dsql.json.Json;
import dsql.json.Json.Arr;
import dsql.json.Json.Bool;
import dsql.json.Json.Member;
import dsql.json.Json.Null;
import dsql.json.Json.Num;
import dsql.json.Json.Obj;
import dsql.json.Json.Str;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The fields of one object, which decoders take one by one; a field that nobody takes is a fault.
/// A method that finds a fault returns as if the field were absent, so that the next field is still
/// checked. Confined to one invocation.
final class Fields {

  /// Limit on the characters of a whole number, which may be written `100`, `100.0` or `1e2`.
  private static final int MAX_DIGITS = 100;

  private final Obj object;
  private final String pointer;
  private final Faults faults;
  private final List<String> known = new ArrayList<>();

  Fields(Obj object, String pointer, Faults faults) {
    this.object = object;
    this.pointer = pointer;
    this.faults = faults;
  }

  String at(String name) {
    return Faults.at(pointer, name);
  }

  /// The member, or null when it is absent.
  @Nullable Json take(String name) {
    known.add(name);
    return object.get(name);
  }

  /// The member, or null when it is absent or JSON null.
  @Nullable Json takeNonNull(String name) {
    Json value = take(name);
    return value instanceof Null ? null : value;
  }

  /// The member, which may be JSON null; a fault when it is absent.
  @Nullable Json requireNullable(String name) {
    Json value = take(name);
    if (value == null) {
      faults.add(at(name), Fault.Code.MISSING, "this field is required");
    }
    return value;
  }

  /// The member; a fault when it is absent or JSON null.
  @Nullable Json require(String name) {
    Json value = requireNullable(name);
    if (value instanceof Null) {
      faults.add(at(name), Fault.Code.WRONG_TYPE, "this field is required and must not be null");
      return null;
    }
    return value;
  }

  Optional<Identifier> requireIdentifier(String name) {
    Json value = require(name);
    if (value instanceof Str(String text) && Identifier.fault(text).isEmpty()) {
      return Optional.of(new Identifier(text));
    }
    return value == null ? Optional.empty() : identifier(value, at(name), faults);
  }

  /// A list of names, empty when absent.
  ///
  /// @param most the maximum number of names
  List<Identifier> identifiers(String name, int most) {
    Json value = takeNonNull(name);
    return value == null ? List.of() : identifiers(value, at(name), most, faults);
  }

  Optional<String> string(String name) {
    Json value = takeNonNull(name);
    if (value == null || value instanceof Str) {
      return value instanceof Str(String text) ? Optional.of(text) : Optional.empty();
    }
    wrongType(at(name), "a string", value, faults);
    return Optional.empty();
  }

  boolean bool(String name, boolean absent) {
    Json value = takeNonNull(name);
    if (value == null || value instanceof Bool) {
      return value instanceof Bool(boolean bool) ? bool : absent;
    }
    wrongType(at(name), "true or false", value, faults);
    return absent;
  }

  /// A whole number within the bounds, in any of JSON's ways to write it.
  OptionalInt integer(String name, int min, int max) {
    Json value = takeNonNull(name);
    if (value == null) {
      return OptionalInt.empty();
    }
    if (!(value instanceof Num(String literal))) {
      wrongType(at(name), "a number", value, faults);
      return OptionalInt.empty();
    }
    Optional<BigDecimal> number = number(literal);
    if (number.isPresent()
        && number.get().compareTo(BigDecimal.valueOf(min)) >= 0
        && number.get().compareTo(BigDecimal.valueOf(max)) <= 0
        && number.get().stripTrailingZeros().scale() <= 0) {
      return OptionalInt.of(number.get().intValue());
    }
    faults.invalid(at(name), "give a whole number from " + min + " to " + max);
    return OptionalInt.empty();
  }

  /// The number; empty if it has too many digits to be worth reading, or too large an exponent.
  private static Optional<BigDecimal> number(String literal) {
    try {
      return literal.length() > MAX_DIGITS
          ? Optional.empty()
          : Optional.of(new BigDecimal(literal));
    } catch (NumberFormatException _) {
      // A number of JSON is one of Java's, but for its exponent.
      return Optional.empty();
    }
  }

  /// The elements of an array; empty when absent.
  List<Json> array(String name) {
    Json value = takeNonNull(name);
    return value == null ? List.of() : array(value, at(name), faults);
  }

  /// The elements of an array; when there are more than `most`, none of them is looked at.
  ///
  /// @param what the elements' name in an error
  List<Json> array(String name, int most, String what) {
    List<Json> elements = array(name);
    return areTooMany(elements, at(name), most, what, faults) ? List.of() : elements;
  }

  /// Ends the object: every field that was not taken is a fault.
  void done() {
    for (Member member : object.members()) {
      if (faults.full()) {
        return;
      }
      if (!known.contains(member.name())) {
        faults.add(
            at(member.name()),
            Fault.Code.UNKNOWN_FIELD,
            "unknown field; known here: " + String.join(", ", new LinkedHashSet<>(known)));
      }
    }
  }

  static List<Json> array(Json value, String pointer, Faults faults) {
    if (value instanceof Arr(List<Json> elements)) {
      return elements;
    }
    wrongType(pointer, "an array", value, faults);
    return List.of();
  }

  static Optional<Fields> object(Json value, String pointer, Faults faults) {
    if (value instanceof Obj object) {
      return Optional.of(new Fields(object, pointer, faults));
    }
    wrongType(pointer, "an object", value, faults);
    return Optional.empty();
  }

  static Optional<Identifier> identifier(Json value, String pointer, Faults faults) {
    if (!(value instanceof Str(String text))) {
      wrongType(pointer, "a name", value, faults);
      return Optional.empty();
    }
    Optional<String> fault = Identifier.fault(text);
    if (fault.isPresent()) {
      faults.invalid(pointer, fault.get());
      return Optional.empty();
    }
    return Optional.of(new Identifier(text));
  }

  /// Distinct names of columns, at least one. More than `most` are a fault, and none is looked at.
  static List<Identifier> identifiers(Json value, String pointer, int most, Faults faults) {
    List<Json> elements = array(value, pointer, faults);
    if (elements.isEmpty() && value instanceof Arr) {
      faults.invalid(pointer, "name a column, or leave the field out");
    }
    if (areTooMany(elements, pointer, most, "columns", faults)) {
      return List.of();
    }
    Set<Identifier> names = new LinkedHashSet<>();
    for (int i = 0; i < elements.size(); i++) {
      String at = Faults.at(pointer, i);
      Optional<Identifier> name = identifier(elements.get(i), at, faults);
      if (name.isPresent() && !names.add(name.get())) {
        faults.invalid(at, "the column is named twice");
      }
    }
    return List.copyOf(names);
  }

  /// Adds a fault if the list is too long.
  private static boolean areTooMany(
      List<Json> elements, String pointer, int most, String what, Faults faults) {
    if (elements.size() <= most) {
      return false;
    }
    faults.invalid(pointer, "name at most " + most + ' ' + what + "; there are " + elements.size());
    return true;
  }

  static void wrongType(String pointer, String expected, Json value, Faults faults) {
    faults.add(pointer, Fault.Code.WRONG_TYPE, "give " + expected + ", not " + value.kind());
  }
}
