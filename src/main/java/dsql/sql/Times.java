package dsql.sql;

import dsql.action.ColumnType;
import dsql.action.ColumnType.Base;
import dsql.sql.ValueEncoder.Use;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZoneOffset;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Dates and times: ISO 8601 in, PostgreSQL's text form out.
final class Times {

  private static final Set<String> INFINITE = Set.of("infinity", "-infinity");

  /// Years, months, weeks, days, and a time of hours, minutes and seconds, each with its own sign.
  private static final Pattern INTERVAL =
      Pattern.compile(
          "P(?!$)(-?\\d{1,9}Y)?(-?\\d{1,9}M)?(-?\\d{1,9}W)?(-?\\d{1,9}D)?"
              + "(T(?!$)(-?\\d{1,9}H)?(-?\\d{1,9}M)?(-?\\d{1,9}(\\.\\d{1,6})?S)?)?");

  private static final Pattern FRACTION = Pattern.compile("\\.(\\d*?)0*(?=\\D|$)");

  /// PostgreSQL's ranges, in [its
  /// documentation](https://www.postgresql.org/docs/16/datatype-datetime.html).
  private static final LocalDate FIRST_DAY = LocalDate.of(-4712, 1, 1);

  private static final LocalDate LAST_DATE = LocalDate.of(5_874_897, 12, 31);
  private static final LocalDate LAST_TIMESTAMP = LocalDate.of(294_276, 12, 31);

  private Times() {}

  static String encode(String text, ColumnType type, Use use) throws InvalidValue {
    Base base = type.base();
    checkFraction(text, type, use);
    if (base == Base.INTERVAL) {
      if (!INTERVAL.matcher(text).matches()) {
        throw new InvalidValue("not an ISO 8601 duration such as P1Y2M3DT4H5M6.5S");
      }
      return text;
    }
    boolean dated = base == Base.DATE || base == Base.TIMESTAMP || base == Base.TIMESTAMPTZ;
    if (dated && INFINITE.contains(text)) {
      return text;
    }
    String iso = text.length() > 10 ? text.replace(' ', 'T') : text;
    try {
      return switch (base) {
        case DATE -> date(inRange(LocalDate.parse(iso), LAST_DATE));
        case TIME -> time(iso);
        case TIMETZ -> OffsetTime.parse(iso).toString();
        case TIMESTAMP -> {
          LocalDateTime parsed = LocalDateTime.parse(iso);
          inRange(parsed.toLocalDate(), LAST_TIMESTAMP);
          yield dateTime(parsed, "");
        }
        default -> {
          OffsetDateTime utc = OffsetDateTime.parse(iso).withOffsetSameInstant(ZoneOffset.UTC);
          inRange(utc.toLocalDate(), LAST_TIMESTAMP);
          yield dateTime(utc.toLocalDateTime(), "+00");
        }
      };
    } catch (DateTimeException e) {
      throw new InvalidValue("not " + example(base));
    }
  }

  private static String example(Base base) {
    return switch (base) {
      case DATE -> "an ISO 8601 date such as 2026-02-28";
      case TIME -> "an ISO 8601 time such as 23:59:59.123456";
      case TIMETZ -> "an ISO 8601 time with its offset, such as 23:59:59.123456+01:00";
      case TIMESTAMP ->
          "an ISO 8601 date and time without offset, such as 2026-02-28T23:59:59.123456";
      default -> "an ISO 8601 date and time with its offset, such as 2026-02-28T23:59:59.123456Z";
    };
  }

  /// The server would round finer fractions: to the column's digits when it stores them, to its own
  /// six when it compares.
  private static void checkFraction(String text, ColumnType type, Use use) throws InvalidValue {
    int digits = use == Use.STORE ? type.length().orElse(6) : 6;
    Matcher fraction = FRACTION.matcher(text);
    if (fraction.find() && fraction.group(1).length() > digits) {
      throw new InvalidValue(
          "the fraction has more than " + digits + " digits; the column is " + type.sql());
    }
  }

  private static LocalDate inRange(LocalDate date, LocalDate last) throws InvalidValue {
    if (date.isBefore(FIRST_DAY) || date.isAfter(last)) {
      throw new InvalidValue("outside PostgreSQL's range, 4713 BC to " + last.getYear());
    }
    return date;
  }

  private static String time(String iso) {
    // The end of a day, which java.time does not know.
    return iso.matches("24:00(:00)?") ? "24:00:00" : LocalTime.parse(iso).toString();
  }

  /// PostgreSQL counts years from 1 BC and marks them, ISO 8601 from the year 0.
  private static String date(LocalDate date) {
    return eraless(date) + era(date);
  }

  private static String dateTime(LocalDateTime dateTime, String offset) {
    return eraless(dateTime.toLocalDate())
        + ' '
        + dateTime.toLocalTime()
        + offset
        + era(dateTime.toLocalDate());
  }

  private static String eraless(LocalDate date) {
    int year = date.getYear() > 0 ? date.getYear() : 1 - date.getYear();
    return padded(year, 4)
        + '-'
        + padded(date.getMonthValue(), 2)
        + '-'
        + padded(date.getDayOfMonth(), 2);
  }

  // String.format costs a cold start some 20 ms.
  private static String padded(int number, int width) {
    String digits = Integer.toString(number);
    return "0".repeat(Math.max(0, width - digits.length())) + digits;
  }

  private static String era(LocalDate date) {
    return date.getYear() > 0 ? "" : " BC";
  }
}
