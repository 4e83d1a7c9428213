package dsql.sql;

import dsql.action.ColumnType;
import dsql.action.ColumnType.Base;
import dsql.sql.ValueEncoder.Use;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Turns dates and times from ISO 8601 into PostgreSQL's text form.
final class Times {

  private static final Set<String> INFINITE = Set.of("infinity", "-infinity");

  /// Limit on a text's characters, so that no pattern runs over a huge one; no valid text is
  /// longer.
  private static final int MAX_LENGTH = 200;

  /// The number of fractional digits of a second that PostgreSQL stores.
  private static final int MICROSECONDS = 6;

  private static final Pattern FRACTION = Pattern.compile("\\.(\\d*?)0*(?=\\D|$)");

  /// The end of a day, which java.time does not accept.
  private static final Pattern MIDNIGHT = Pattern.compile("24:00(?::00(?:\\.0{1,9})?)?");

  /// Hours, minutes and seconds, with or without colons, because PostgreSQL and ISO 8601 allow
  /// both.
  private static final Pattern OFFSET =
      Pattern.compile("(?:[Zz]|[+-]\\d\\d(?:(?::\\d\\d){0,2}|\\d\\d(?:\\d\\d)?))$");

  /// Day 0 of the Julian day count, the first day that PostgreSQL supports.
  private static final LocalDate FIRST_DAY = LocalDate.of(-4713, 11, 24);

  private static final LocalDate LAST_DATE = LocalDate.of(5_874_897, 12, 31);
  private static final LocalDate LAST_TIMESTAMP = LocalDate.of(294_276, 12, 31);

  /// PostgreSQL's limit on the offset of a timetz, 15:59:59, in seconds.
  private static final int MAX_OFFSET = 16 * 3600 - 1;

  private Times() {}

  static String encode(String text, ColumnType type, Use use) throws InvalidValue {
    Base base = type.base();
    if (text.length() > MAX_LENGTH) {
      throw new InvalidValue("not " + example(base));
    }
    // In a comparison the server rounds to its own precision, in an insert to the column's.
    int digits = use == Use.STORE ? type.length().orElse(MICROSECONDS) : MICROSECONDS;
    Matcher fraction = FRACTION.matcher(text);
    if (fraction.find() && fraction.group(1).length() > digits) {
      throw new InvalidValue(
          "the fraction has more than " + digits + " digits; the column is " + type.sql());
    }
    if (base == Base.INTERVAL) {
      return Intervals.encode(text);
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
        case TIMETZ -> timeAndOffset(iso);
        case TIMESTAMP -> {
          LocalDateTime parsed = LocalDateTime.parse(iso);
          inRange(parsed.toLocalDate(), LAST_TIMESTAMP);
          yield dateTime(parsed, "");
        }
        default -> {
          OffsetDateTime utc = withOffset(iso).withOffsetSameInstant(ZoneOffset.UTC);
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
      case INTERVAL -> Intervals.EXAMPLE;
      default -> "an ISO 8601 date and time with its offset, such as 2026-02-28T23:59:59.123456Z";
    };
  }

  private static LocalDate inRange(LocalDate date, LocalDate last) throws InvalidValue {
    if (date.isBefore(FIRST_DAY) || date.isAfter(last)) {
      throw new InvalidValue(
          "outside PostgreSQL's range, %s (4714 BC) to %s; a year beyond 9999 needs a sign"
              .formatted(FIRST_DAY, last));
    }
    return date;
  }

  private static String time(String iso) {
    return MIDNIGHT.matcher(iso).matches() ? "24:00:00" : LocalTime.parse(iso).toString();
  }

  private static Matcher offset(String iso) {
    Matcher offset = OFFSET.matcher(iso);
    if (!offset.find()) {
      throw new DateTimeException("no offset");
    }
    return offset;
  }

  private static ZoneOffset zone(Matcher offset) {
    return ZoneOffset.of(offset.group().equals("z") ? "Z" : offset.group());
  }

  private static OffsetDateTime withOffset(String iso) {
    Matcher offset = offset(iso);
    return LocalDateTime.parse(iso.substring(0, offset.start())).atOffset(zone(offset));
  }

  private static String timeAndOffset(String iso) throws InvalidValue {
    Matcher offset = offset(iso);
    ZoneOffset zone = zone(offset);
    if (Math.abs(zone.getTotalSeconds()) > MAX_OFFSET) {
      throw new InvalidValue("the offset of a timetz must not exceed 15:59:59");
    }
    return time(iso.substring(0, offset.start())) + zone.getId();
  }

  /// ISO 8601 has a year 0, for which PostgreSQL writes 1 BC.
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

  // Not String.format, which costs a cold start some 20 ms.
  private static String padded(int number, int width) {
    String digits = Integer.toString(number);
    return "0".repeat(Math.max(0, width - digits.length())) + digits;
  }

  private static String era(LocalDate date) {
    return date.getYear() > 0 ? "" : " BC";
  }
}
