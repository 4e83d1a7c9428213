package dsql.sql;

import dsql.action.ColumnType;
import dsql.action.Value;
import dsql.json.JsonWriter;
import java.util.Base64;
import java.util.Locale;
import java.util.regex.Pattern;

/// Turns a caller's value into a parameter of a column's type, exactly or not at all: a value that
/// the server would round, pad, truncate or refuse is refused here, where its place in the request
/// is known.
final class ValueEncoder {

  /// What the value is used for.
  enum Use {
    /// It is stored, and a query must return it unchanged.
    STORE,
    /// It is compared with stored values. A longer or finer value is allowed, and so is any number
    /// for an integer column; it is just never equal.
    COMPARE
  }

  private static final Pattern UUID =
      Pattern.compile(
          "[0-9a-fA-F]{8}(-?)[0-9a-fA-F]{4}\\1[0-9a-fA-F]{4}\\1[0-9a-fA-F]{4}\\1[0-9a-fA-F]{12}");

  private ValueEncoder() {}

  static Parameter encode(Value value, ColumnType type, Use use) throws InvalidValue {
    if (value instanceof Value.Null) {
      return Parameter.NULL;
    }
    return switch (type.base()) {
      case BYTEA -> bytes(value);
      case SMALLINT, INTEGER, BIGINT -> Numbers.integer(value, type.base(), use);
      case NUMERIC -> new Parameter.Text(Numbers.numeric(value, type, use));
      case REAL, DOUBLE -> new Parameter.Text(Numbers.floating(value, type.base()));
      case CHAR, BPCHAR, VARCHAR, TEXT -> new Parameter.Text(text(value, type, use));
      case UUID -> new Parameter.Text(uuid(value));
      case BOOLEAN -> new Parameter.Text(bool(value));
      case DATE, TIME, TIMETZ, TIMESTAMP, TIMESTAMPTZ, INTERVAL ->
          new Parameter.Text(Times.encode(string(value, "an ISO 8601 string"), type, use));
      case JSON -> new Parameter.Text(json(value));
      case JSONB -> new Parameter.Text(jsonb(json(value)));
      case OTHER -> new Parameter.Text(other(value, type, use));
    };
  }

  static String string(Value value, String expected) throws InvalidValue {
    if (value instanceof Value.Text(String text)) {
      return text;
    }
    throw new InvalidValue("give " + expected);
  }

  private static String text(Value value, ColumnType type, Use use) throws InvalidValue {
    String text = storable(string(value, "a string"));
    int length = text.codePointCount(0, text.length());
    int max = type.length().orElse(type.base() == ColumnType.Base.CHAR ? 1 : Integer.MAX_VALUE);
    if (use == Use.STORE && length > max) {
      String column = type.length().isEmpty() ? "char(1)" : type.sql();
      throw new InvalidValue("the string has " + length + " characters; the column is " + column);
    }
    return text;
  }

  /// Refuses characters that PostgreSQL cannot store in a text.
  private static String storable(String text) throws InvalidValue {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != 0 && c < Character.MIN_SURROGATE) {
        continue;
      }
      if (c == 0) {
        throw new InvalidValue("PostgreSQL text cannot hold the NUL character");
      }
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        throw new InvalidValue("the string holds half a surrogate pair");
      }
    }
    return text;
  }

  private static String uuid(Value value) throws InvalidValue {
    String text = string(value, "a UUID as a string");
    if (!isUsualUuid(text) && !UUID.matcher(text).matches()) {
      throw new InvalidValue("not a UUID: 32 hexadecimal digits, with or without hyphens");
    }
    return text;
  }

  /// Whether it has the usual form, which is checked without a pattern, for speed.
  private static boolean isUsualUuid(String text) {
    if (text.length() != 36) {
      return false;
    }
    for (int i = 0; i < 36; i++) {
      char c = text.charAt(i);
      boolean hyphen = i == 8 || i == 13 || i == 18 || i == 23;
      boolean fits = hyphen ? c == '-' : Character.digit(c, 16) >= 0 && c < 0x80;
      if (!fits) {
        return false;
      }
    }
    return true;
  }

  private static String bool(Value value) throws InvalidValue {
    return switch (value) {
      case Value.Bool(boolean bool) -> Boolean.toString(bool);
      case Value.Text(String text) when text.equals("true") || text.equals("false") -> text;
      default -> throw new InvalidValue("give true or false");
    };
  }

  private static Parameter bytes(Value value) throws InvalidValue {
    String text = string(value, "base64 as a string");
    try {
      return new Parameter.Bytes(Base64.getDecoder().decode(text));
    } catch (IllegalArgumentException e) {
      throw new InvalidValue(
          "not base64: " + String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT));
    }
  }

  private static String json(Value value) throws InvalidValue {
    String json =
        switch (value) {
          case Value.Structure(String text) -> text;
          case Value.Num(String literal) -> literal;
          case Value.Bool(boolean bool) -> Boolean.toString(bool);
          case Value.Text(String text) -> new JsonWriter().value(text).toString();
          case Value.Null _ -> "null";
        };
    // The JSON writer uses this form only for control characters, NUL among them, and for halves of
    // surrogate pairs.
    for (int at = json.indexOf('\\'); at >= 0; at = json.indexOf('\\', at + 2)) {
      if (json.startsWith("u0000", at + 1)) {
        throw new InvalidValue("PostgreSQL JSON cannot hold the NUL character");
      }
      if (json.startsWith("ud", at + 1)) {
        throw new InvalidValue("a string holds half a surrogate pair");
      }
    }
    return json;
  }

  /// Checks the numbers outside of strings, because the server would not say which of them it
  /// refuses.
  private static String jsonb(String json) throws InvalidValue {
    int i = 0;
    while (i < json.length()) {
      char c = json.charAt(i);
      if (c == '"') {
        i = endOfString(json, i);
      } else if (c == '-' || (c >= '0' && c <= '9')) {
        int end = i;
        while (end < json.length() && ",]}".indexOf(json.charAt(end)) < 0) {
          end++;
        }
        Numbers.checkNumeric(json.substring(i, end));
        i = end;
      } else {
        i++;
      }
    }
    return json;
  }

  /// The index after the string's closing quote.
  private static int endOfString(String json, int start) {
    int i = start + 1;
    while (json.charAt(i) != '"') {
      i += json.charAt(i) == '\\' ? 2 : 1;
    }
    return i + 1;
  }

  /// A type that the function does not know may round a value, as `numeric(5,-2)` and `interval day
  /// to second(0)` do.
  private static String other(Value value, ColumnType type, Use use) throws InvalidValue {
    if (use == Use.STORE) {
      throw new InvalidValue(
          "the column is %s, a type that the function cannot store exactly; leave the field out or"
                  .formatted(type.sql())
              + " give null");
    }
    return switch (value) {
      case Value.Text(String text) -> storable(text);
      case Value.Num(String literal) -> literal;
      case Value.Bool(boolean bool) -> Boolean.toString(bool);
      case Value.Structure _, Value.Null _ -> throw new InvalidValue("give a string");
    };
  }
}
