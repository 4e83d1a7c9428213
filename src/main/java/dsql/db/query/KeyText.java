package dsql.db.query;

import dsql.action.ColumnType;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/// The values of a declared key as texts that are the same for values that the server takes for
/// equal.
final class KeyText {

  private KeyText() {}

  /// @param value in PostgreSQL's text form
  static @Nullable String of(@Nullable String value, ColumnType type) {
    if (value == null) {
      return null;
    }
    return switch (type.base()) {
      case NUMERIC ->
          isFinite(value) ? new BigDecimal(value).stripTrailingZeros().toString() : value;
      case REAL, DOUBLE -> value.equals("-0") ? "0" : value;
      case CHAR, BPCHAR -> withoutTrailingBlanks(value);
      default -> value;
    };
  }

  private static boolean isFinite(String value) {
    return Character.isDigit(value.charAt(value.length() - 1));
  }

  private static String withoutTrailingBlanks(String value) {
    int end = value.length();
    while (end > 0 && value.charAt(end - 1) == ' ') {
      end--;
    }
    return value.substring(0, end);
  }
}
