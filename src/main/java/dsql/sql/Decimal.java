package dsql.sql;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A decimal number by its digits: 0.DIGITS × 10^point. Read in a time linear in its length, which
/// BigDecimal is not: megabytes of digits would keep a processor busy for long.
///
/// @param digits without zeros at either end; empty for zero
/// @param point digits before the decimal point; negative where zeros follow it
/// @param written digits behind the decimal point as written, zeros included; negative where the
///   exponent appends zeros
record Decimal(boolean negative, String digits, long point, long written) {

  private static final Pattern SHAPE =
      Pattern.compile("([+-]?)(\\d*+)(?:\\.(\\d*+))?(?:[eE]([+-]?)0*+(\\d*+))?(?<=[\\d.])");

  /// Beyond every type's range, and safe to add lengths to.
  private static final int HUGE = 100_000_000;

  /// @throws InvalidValue when the text is not a number
  static Decimal of(String literal) throws InvalidValue {
    Matcher shape = SHAPE.matcher(literal);
    if (!shape.matches() || !hasDigit(shape)) {
      throw new InvalidValue("not a number");
    }
    String fraction = shape.group(3) == null ? "" : shape.group(3);
    String all = shape.group(2) + fraction;
    int from = 0;
    int to = all.length();
    while (from < to && all.charAt(from) == '0') {
      from++;
    }
    while (from < to && all.charAt(to - 1) == '0') {
      to--;
    }
    int exponent = 0;
    String size = shape.group(5);
    if (size != null && !size.isEmpty()) {
      exponent = size.length() > 8 ? HUGE : Integer.parseInt(size);
      exponent = "-".equals(shape.group(4)) ? -exponent : exponent;
    }
    boolean zero = from == to;
    return new Decimal(
        shape.group(1).equals("-"),
        all.substring(from, to),
        zero ? 0 : shape.group(2).length() - from + (long) exponent,
        fraction.length() - (long) exponent);
  }

  private static boolean hasDigit(Matcher shape) {
    return !shape.group(2).isEmpty() || (shape.group(3) != null && !shape.group(3).isEmpty());
  }

  boolean isZero() {
    return digits.isEmpty();
  }

  /// Digits behind the decimal point that are needed to write it exactly.
  long scale() {
    return Math.max(0, digits.length() - point);
  }

  /// A whole number, written out; only for one of a few digits.
  String whole() {
    return (negative && !isZero() ? "-" : "")
        + (isZero() ? "0" : digits + "0".repeat((int) point - digits.length()));
  }
}
