package dsql.sql;

import dsql.action.ColumnType;
import dsql.action.ColumnType.Base;
import dsql.action.Value;
import dsql.sql.ValueEncoder.Use;
import java.math.BigInteger;
import java.util.Set;

/// Encodes numbers without losing a digit.
final class Numbers {

  private static final Set<String> SPECIAL = Set.of("NaN", "Infinity", "-Infinity");

  /// Limit of PostgreSQL's numeric on the digits before the decimal point.
  private static final int MAX_INTEGER_DIGITS = 131_072;

  /// Limit of PostgreSQL's numeric on the digits after the decimal point.
  private static final int MAX_SCALE = 16_383;

  private Numbers() {}

  static Parameter integer(Value value, Base base, Use use) throws InvalidValue {
    String literal = literal(value);
    int bits =
        switch (base) {
          case SMALLINT -> 15;
          case INTEGER -> 31;
          default -> 63;
        };
    if (isShortInteger(literal)) {
      long number = Long.parseLong(literal);
      if (number >> bits == (number < 0 ? -1 : 0)) {
        boolean canonical = literal.length() == 1 || (number >= 0 && literal.charAt(0) > '0');
        return new Parameter.Text(canonical ? literal : Long.toString(number));
      }
    }
    Decimal number = Decimal.of(literal);
    BigInteger limit = BigInteger.ONE.shiftLeft(bits);
    boolean whole = number.scale() == 0;
    if (whole && number.point() <= 19) {
      String digits = number.whole();
      BigInteger exact = new BigInteger(digits);
      if (exact.compareTo(limit.negate()) >= 0 && exact.compareTo(limit) < 0) {
        return new Parameter.Text(digits);
      }
    }
    if (use == Use.COMPARE) {
      return Parameter.numeric(numeric(number));
    }
    throw new InvalidValue(
        withArticle(base)
            + (whole
                ? " must be from " + limit.negate() + " to " + limit.subtract(BigInteger.ONE)
                : " must be a whole number"));
  }

  private static String withArticle(Base base) {
    return ColumnType.ofCatalog(base.sqlName()).withArticle();
  }

  /// Whether the text is an optional minus and digits only, few enough for a long.
  private static boolean isShortInteger(String literal) {
    int length = literal.length();
    int first = length > 0 && literal.charAt(0) == '-' ? 1 : 0;
    return length > first && length <= 18 && Decimal.digits(literal, first) == length;
  }

  /// Whether a numeric column without a precision may store another number than the given one: DSQL
  /// takes the column for numeric(18,6) and rounds, while PostgreSQL keeps all digits.
  static boolean mayRound(Value value) throws InvalidValue {
    String literal = literal(value);
    if (SPECIAL.contains(literal)) {
      return !literal.equals("NaN");
    }
    Decimal number = Decimal.of(literal);
    return number.scale() > 6 || number.point() > 12;
  }

  static String numeric(Value value, ColumnType type, Use use) throws InvalidValue {
    String literal = literal(value);
    if (SPECIAL.contains(literal)) {
      if (use == Use.STORE && type.length().isPresent() && !literal.equals("NaN")) {
        throw new InvalidValue(type.withArticle() + " cannot hold infinity");
      }
      return literal;
    }
    Decimal number = Decimal.of(literal);
    if (use == Use.STORE && type.length().isPresent()) {
      int precision = type.length().getAsInt();
      int scale = type.scale().orElse(0);
      if (number.scale() > scale) {
        throw new InvalidValue(
            "the number has %s fractional digits and would be rounded; the column is %s"
                .formatted(number.scale(), type.sql()));
      }
      if (!number.isZero() && number.point() > precision - scale) {
        throw new InvalidValue("the number is too large; the column is " + type.sql());
      }
    }
    String exact = numeric(number);
    boolean excess =
        number.isZero() ? Math.abs(number.written()) > MAX_SCALE : number.written() > MAX_SCALE;
    return excess ? exact : literal;
  }

  /// The number as input for numeric, without trailing zeros in its fraction.
  private static String numeric(Decimal number) throws InvalidValue {
    if (number.point() > MAX_INTEGER_DIGITS || number.scale() > MAX_SCALE) {
      throw outsideNumeric();
    }
    return number.isZero()
        ? "0"
        : (number.negative() ? "-0." : "0.") + number.digits() + 'e' + number.point();
  }

  /// Refuses a JSON number that jsonb would refuse, because it stores numbers as numeric.
  static void checkNumeric(String literal) throws InvalidValue {
    Decimal number = Decimal.of(literal);
    if (number.point() > MAX_INTEGER_DIGITS || number.written() > MAX_SCALE) {
      throw outsideNumeric();
    }
  }

  private static InvalidValue outsideNumeric() {
    return new InvalidValue("the number is outside the range of numeric");
  }

  static String floating(Value value, Base base) throws InvalidValue {
    String literal = literal(value);
    if (SPECIAL.contains(literal)) {
      return literal;
    }
    Decimal exact = Decimal.of(literal);
    // A real is not parsed by way of a double, which would round twice.
    double rounded = base == Base.REAL ? Float.parseFloat(literal) : Double.parseDouble(literal);
    if (Double.isInfinite(rounded) || (rounded == 0 && !exact.isZero())) {
      throw new InvalidValue("the number is outside the range of " + base.sqlName());
    }
    return literal;
  }

  private static String literal(Value value) throws InvalidValue {
    return switch (value) {
      case Value.Num(String literal) -> literal;
      case Value.Text(String text) -> text;
      case Value.Null _, Value.Bool _, Value.Structure _ ->
          throw new InvalidValue("give a number, or its digits as a string");
    };
  }
}
