package dsql.sql;

/// A decimal number as its digits: 0.DIGITS × 10^point. Reading takes time linear in the length,
/// unlike BigDecimal, which megabytes of digits would keep busy for very long.
///
/// @param digits the digits without zeros at either end; empty for zero
/// @param point the number of digits before the decimal point; negative if zeros follow it
/// @param written the number of digits after the decimal point as written, zeros included; negative
///   if the exponent appends zeros
record Decimal(boolean negative, String digits, long point, long written) {

  /// Replaces larger exponents: beyond every type's range, yet small enough that adding lengths
  /// does not overflow.
  private static final int HUGE = 100_000_000;

  /// @throws InvalidValue if the text is not a number
  static Decimal of(String literal) throws InvalidValue {
    int length = literal.length();
    int whole = length > 0 && isSign(literal.charAt(0)) ? 1 : 0;
    int point = digits(literal, whole);
    boolean pointed = point < length && literal.charAt(point) == '.';
    int fraction = pointed ? point + 1 : point;
    int mantissa = digits(literal, fraction);
    if (point - whole + mantissa - fraction == 0) {
      throw new InvalidValue("not a number");
    }
    int exponent = exponent(literal, mantissa);
    String all = literal.substring(whole, point) + literal.substring(fraction, mantissa);
    int from = 0;
    int to = all.length();
    while (from < to && all.charAt(from) == '0') {
      from++;
    }
    while (from < to && all.charAt(to - 1) == '0') {
      to--;
    }
    return new Decimal(
        literal.charAt(0) == '-',
        all.substring(from, to),
        from == to ? 0 : point - whole - from + (long) exponent,
        mantissa - fraction - (long) exponent);
  }

  private static boolean isSign(char c) {
    return c == '-' || c == '+';
  }

  /// The index after the digits that begin at `from`.
  static int digits(String text, int from) {
    int at = from;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    return at;
  }

  /// The exponent from that index to the end of the text, where it may be absent.
  private static int exponent(String literal, int from) throws InvalidValue {
    if (from == literal.length()) {
      return 0;
    }
    int sign = from + 1;
    int first = sign < literal.length() && isSign(literal.charAt(sign)) ? sign + 1 : sign;
    if ((literal.charAt(from) | 0x20) != 'e'
        || first == literal.length()
        || digits(literal, first) < literal.length()) {
      throw new InvalidValue("not a number");
    }
    int zeros = first;
    while (zeros < literal.length() - 1 && literal.charAt(zeros) == '0') {
      zeros++;
    }
    int size = literal.length() - zeros > 8 ? HUGE : Integer.parseInt(literal.substring(zeros));
    return literal.charAt(sign) == '-' ? -size : size;
  }

  boolean isZero() {
    return digits.isEmpty();
  }

  /// The number of digits after the decimal point that an exact form needs.
  long scale() {
    return Math.max(0, digits.length() - point);
  }

  /// The digits of a whole number, written out; use it for short numbers only.
  String whole() {
    return (negative && !isZero() ? "-" : "")
        + (isZero() ? "0" : digits + "0".repeat((int) point - digits.length()));
  }
}
