package dsql.sql;

import dsql.action.ColumnType;
import java.util.HexFormat;
import java.util.Optional;

/// Builds the text form of an array. Confined to one statement.
final class ArrayText {

  private final StringBuilder text = new StringBuilder("{");

  /// The element type of an array that carries values of a column unchanged; empty if no type does.
  static Optional<String> elementType(ColumnType type) {
    return switch (type.base()) {
      // As text: a value that is too long is refused when it is assigned to the column, but a cast
      // to the column's type would cut it.
      case CHAR, BPCHAR, VARCHAR, TEXT -> Optional.of("text");
      // DSQL rounds a numeric without a precision to six digits.
      case NUMERIC -> type.length().isEmpty() ? Optional.empty() : Optional.of(type.sql());
      case OTHER -> Optional.empty();
      default -> Optional.of(type.base().sqlName());
    };
  }

  /// Appends an element.
  ///
  /// @return the number of characters appended
  int add(Parameter parameter) {
    int before = text.length();
    if (before > 1) {
      text.append(',');
    }
    switch (parameter) {
      case Parameter.Null _ -> text.append("NULL");
      case Parameter.Text(String value) -> quote(value);
      case Parameter.Typed(String value, String _) -> quote(value);
      case Parameter.Bytes bytes ->
          text.append("\"\\\\x").append(HexFormat.of().formatHex(bytes.value())).append('"');
    }
    return text.length() - before;
  }

  private void quote(String value) {
    text.append('"');
    if (isPlain(value)) {
      text.append(value);
    } else {
      for (int i = 0; i < value.length(); i++) {
        char c = value.charAt(i);
        if (c == '"' || c == '\\') {
          text.append('\\');
        }
        text.append(c);
      }
    }
    text.append('"');
  }

  private static boolean isPlain(String value) {
    return value.indexOf('"') < 0 && value.indexOf('\\') < 0;
  }

  /// The complete array.
  @Override
  public String toString() {
    return text + "}";
  }
}
