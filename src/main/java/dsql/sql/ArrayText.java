package dsql.sql;

import dsql.action.ColumnType;
import java.util.HexFormat;
import java.util.Optional;

/// The text form of an array while it grows. Confined to one statement.
final class ArrayText {

  private final StringBuilder text = new StringBuilder("{");

  /// The type whose arrays take values for a column of that type and change none of them; empty
  /// where there is none.
  static Optional<String> elementType(ColumnType type) {
    return switch (type.base()) {
      // Assigned to the column, text that is too long is refused; cast to its type, it is cut.
      case CHAR, BPCHAR, VARCHAR, TEXT -> Optional.of("text");
      // Without precision DSQL rounds to six digits.
      case NUMERIC -> type.length().isEmpty() ? Optional.empty() : Optional.of(type.sql());
      case OTHER -> Optional.empty();
      default -> Optional.of(type.base().sqlName());
    };
  }

  /// Appends an element.
  ///
  /// @return characters it took
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

  /// The array, whole.
  @Override
  public String toString() {
    return text + "}";
  }
}
