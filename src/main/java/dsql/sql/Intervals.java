package dsql.sql;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Turns ISO 8601 durations into the months, days and microseconds that PostgreSQL stores of an
/// interval. PostgreSQL's own reader of ISO 8601 would use doubles, and round.
final class Intervals {

  static final String EXAMPLE = "an ISO 8601 duration such as P1Y2M3DT4H5M6.5S";

  /// Years, months, weeks, days, and a time of hours, minutes and seconds, each with its own sign.
  private static final Pattern SHAPE =
      Pattern.compile(
          "P(?!$)(?:([+-]?\\d{1,18})Y)?(?:([+-]?\\d{1,18})M)?(?:([+-]?\\d{1,18})W)?"
              + "(?:([+-]?\\d{1,18})D)?(?:T(?!$)(?:([+-]?\\d{1,18})H)?(?:([+-]?\\d{1,18})M)?"
              + "(?:([+-]?)(\\d{1,18})(?:\\.(\\d{1,6})0*)?S)?)?");

  private static final long SECOND = 1_000_000;

  private Intervals() {}

  static String encode(String text) throws InvalidValue {
    Matcher shape = SHAPE.matcher(text);
    if (!shape.matches()) {
      throw new InvalidValue("not " + EXAMPLE);
    }
    try {
      int months = sum(shape.group(1), 12, shape.group(2));
      int days = sum(shape.group(3), 7, shape.group(4));
      long micros = micros(shape);
      if (micros == Long.MIN_VALUE) {
        // PostgreSQL can store this value, but cannot read the text that it prints for it.
        throw new ArithmeticException();
      }
      return months + " mons " + signed(days) + " days " + signed(micros) + " us";
    } catch (ArithmeticException e) {
      throw new InvalidValue(
          "outside PostgreSQL's range: its months and days have 32 bits, its microseconds 64 bits");
    }
  }

  private static int sum(@Nullable String large, int times, @Nullable String small) {
    return Math.toIntExact(Math.addExact(Math.multiplyExact(number(large), times), number(small)));
  }

  private static long micros(Matcher shape) {
    long minutes =
        Math.addExact(Math.multiplyExact(number(shape.group(5)), 60), number(shape.group(6)));
    long micros = Math.multiplyExact(minutes, 60 * SECOND);
    String seconds = shape.group(8);
    if (seconds == null) {
      return micros;
    }
    String sign = shape.group(7);
    micros = Math.addExact(micros, Math.multiplyExact(number(sign + seconds), SECOND));
    String fraction = shape.group(9) == null ? "" : shape.group(9);
    return Math.addExact(micros, number(sign + fraction + "0".repeat(6 - fraction.length())));
  }

  private static long number(@Nullable String digits) {
    return digits == null ? 0 : Long.parseLong(digits);
  }

  /// The number with its sign, even a plus: after a negative part PostgreSQL may read a number
  /// without a sign as negative too.
  private static String signed(long number) {
    return number < 0 ? Long.toString(number) : "+" + number;
  }
}
