package dsql.sql;

import dsql.action.ColumnType;
import dsql.action.ColumnType.Base;
import dsql.action.Value;
import dsql.sql.ValueEncoder.Use;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Set;
import java.util.regex.Pattern;

/// Numbers, digit for digit.
final class Numbers {

  /// What PostgreSQL's numeric input takes; the exponent is bounded so that no literal can blow up.
  private static final Pattern DECIMAL =
      Pattern.compile("[+-]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d{1,6})?");

  private static final Set<String> SPECIAL = Set.of("NaN", "Infinity", "-Infinity");

  /// Digits before the decimal point of PostgreSQL's numeric at most.
  private static final int MAX_INTEGER_DIGITS = 131_072;

  /// Digits after it at most.
  private static final int MAX_SCALE = 16_383;

  /// Longer literals are not even parsed, for that takes time with the square of their length.
  private static final int MAX_LENGTH = MAX_INTEGER_DIGITS + MAX_SCALE + 10;

  private Numbers() {}

  static String integer(Value value, Base base) throws InvalidValue {
    BigDecimal number = decimal(literal(value));
    int bits =
        switch (base) {
          case SMALLINT -> 15;
          case INTEGER -> 31;
          default -> 63;
        };
    BigInteger limit = BigInteger.ONE.shiftLeft(bits);
    // Checked before toBigInteger, which would write out 1e99999.
    if (number.signum() != 0 && number.precision() - (long) number.scale() > 19) {
      throw outOfRange(base, limit);
    }
    if (number.stripTrailingZeros().scale() > 0) {
      throw new InvalidValue("a " + base.sqlName() + " is a whole number");
    }
    BigInteger whole = number.toBigInteger();
    if (whole.compareTo(limit.negate()) < 0 || whole.compareTo(limit) >= 0) {
      throw outOfRange(base, limit);
    }
    return whole.toString();
  }

  private static InvalidValue outOfRange(Base base, BigInteger limit) {
    return new InvalidValue(
        "a "
            + base.sqlName()
            + " is from "
            + limit.negate()
            + " to "
            + limit.subtract(BigInteger.ONE));
  }

  static String numeric(Value value, ColumnType type, Use use) throws InvalidValue {
    String literal = literal(value);
    if (SPECIAL.contains(literal)) {
      if (use == Use.STORE && type.length().isPresent() && !literal.equals("NaN")) {
        throw new InvalidValue("a " + type.sql() + " cannot hold infinity");
      }
      return literal;
    }
    BigDecimal number = decimal(literal);
    BigDecimal stripped = number.signum() == 0 ? BigDecimal.ZERO : number.stripTrailingZeros();
    long integerDigits = stripped.precision() - (long) stripped.scale();
    if (integerDigits > MAX_INTEGER_DIGITS || stripped.scale() > MAX_SCALE) {
      throw new InvalidValue("the number is outside what numeric can hold");
    }
    if (use == Use.STORE && type.length().isPresent()) {
      int precision = type.length().getAsInt();
      int scale = type.scale().orElse(0);
      if (stripped.scale() > scale) {
        throw new InvalidValue(
            "the number has "
                + stripped.scale()
                + " fractional digits and would be rounded; the column is "
                + type.sql());
      }
      if (stripped.signum() != 0 && integerDigits > precision - scale) {
        throw new InvalidValue("the number is too large; the column is " + type.sql());
      }
    }
    return literal;
  }

  static String floating(Value value, Base base) throws InvalidValue {
    String literal = literal(value);
    if (SPECIAL.contains(literal)) {
      return literal;
    }
    BigDecimal exact = decimal(literal);
    double rounded = base == Base.REAL ? exact.floatValue() : exact.doubleValue();
    if (Double.isInfinite(rounded) || (rounded == 0 && exact.signum() != 0)) {
      throw new InvalidValue("the number is outside what " + base.sqlName() + " can hold");
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

  private static BigDecimal decimal(String literal) throws InvalidValue {
    if (literal.length() > MAX_LENGTH || !DECIMAL.matcher(literal).matches()) {
      throw new InvalidValue("not a number");
    }
    return new BigDecimal(literal);
  }
}
