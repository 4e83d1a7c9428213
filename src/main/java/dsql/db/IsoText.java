package dsql.db;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZoneOffset;
import org.postgresql.util.PGInterval;

/// Dates and times as ISO 8601, seconds always present, fractions to the microsecond without
/// trailing zeros. Written by hand, for java.time's formatters cost a cold start their class
/// loading and its `toString` leaves out the seconds.
final class IsoText {

  private static final String INFINITY = "infinity";
  private static final String MINUS_INFINITY = "-infinity";

  private IsoText() {}

  /// The driver stands the extremes of java.time for PostgreSQL's infinities.
  static String of(LocalDate date) {
    if (date.equals(LocalDate.MAX)) {
      return INFINITY;
    }
    return date.equals(LocalDate.MIN) ? MINUS_INFINITY : date.toString();
  }

  static String of(LocalDateTime dateTime) {
    if (dateTime.equals(LocalDateTime.MAX)) {
      return INFINITY;
    }
    return dateTime.equals(LocalDateTime.MIN) ? MINUS_INFINITY : dateAndTime(dateTime);
  }

  static String of(OffsetDateTime dateTime) {
    if (dateTime.equals(OffsetDateTime.MAX)) {
      return INFINITY;
    }
    if (dateTime.equals(OffsetDateTime.MIN)) {
      return MINUS_INFINITY;
    }
    return dateAndTime(dateTime.withOffsetSameInstant(ZoneOffset.UTC).toLocalDateTime()) + 'Z';
  }

  static String of(OffsetTime time) {
    return time(time.toLocalTime()) + time.getOffset().getId();
  }

  static String of(PGInterval interval) {
    StringBuilder text = new StringBuilder("P");
    append(text, interval.getYears(), 'Y');
    append(text, interval.getMonths(), 'M');
    append(text, interval.getDays(), 'D');
    int seconds = interval.getWholeSeconds();
    int micros = interval.getMicroSeconds();
    if (interval.getHours() != 0 || interval.getMinutes() != 0 || seconds != 0 || micros != 0) {
      text.append('T');
      append(text, interval.getHours(), 'H');
      append(text, interval.getMinutes(), 'M');
      if (seconds != 0 || micros != 0) {
        // Both have the interval's sign.
        text.append(seconds < 0 || micros < 0 ? "-" : "").append(Math.abs(seconds));
        fraction(text, Math.abs(micros));
        text.append('S');
      }
    }
    return text.length() == 1 ? "PT0S" : text.toString();
  }

  private static void append(StringBuilder text, int number, char unit) {
    if (number != 0) {
      text.append(number).append(unit);
    }
  }

  private static String dateAndTime(LocalDateTime dateTime) {
    return dateTime.toLocalDate().toString() + 'T' + time(dateTime.toLocalTime());
  }

  private static String time(LocalTime time) {
    StringBuilder text = new StringBuilder(15);
    twoDigits(text, time.getHour()).append(':');
    twoDigits(text, time.getMinute()).append(':');
    twoDigits(text, time.getSecond());
    fraction(text, time.getNano() / 1000);
    return text.toString();
  }

  private static StringBuilder twoDigits(StringBuilder text, int number) {
    return text.append((char) ('0' + number / 10)).append((char) ('0' + number % 10));
  }

  private static void fraction(StringBuilder text, int micros) {
    if (micros != 0) {
      String digits = Integer.toString(1_000_000 + micros);
      int end = digits.length();
      while (digits.charAt(end - 1) == '0') {
        end--;
      }
      text.append('.').append(digits, 1, end);
    }
  }
}
