package dsql.db.jdbc;

import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Converts dates and times from PostgreSQL's text to ISO 8601, with all digits that PostgreSQL
/// prints. Usual values need only a byte or two changed; java.time converts years that do not have
/// four digits, and values of a session that is not in UTC. Anything else, such as `infinity`, is
/// kept unchanged.
public final class IsoText {

  private static final Pattern DATE_TIME =
      Pattern.compile(
          "(\\d{4,7})-(\\d\\d)-(\\d\\d)(?: (\\d\\d):(\\d\\d):(\\d\\d)(\\.\\d{1,6})?"
              + "(?:([+-])(\\d\\d)(?::(\\d\\d))?(?::(\\d\\d))?)?)?( BC)?");

  private static final Pattern INTERVAL =
      Pattern.compile(
          "(?:([+-]?\\d+) years? ?)?(?:([+-]?\\d+) mons? ?)?(?:([+-]?\\d+) days? ?)?"
              + "(?:([+-]?)(\\d+):(\\d\\d):(\\d\\d)(\\.\\d{1,6})?)?");

  private IsoText() {}

  static byte[] date(byte[] text) {
    return text.length == 10 && text[4] == '-' ? text : unusual(text);
  }

  static byte[] timestamp(byte[] text) {
    if (!usual(text) || !isDigit(text[text.length - 1])) {
      return unusual(text);
    }
    byte[] iso = text.clone();
    iso[10] = 'T';
    return iso;
  }

  static byte[] timestamptz(byte[] text) {
    int end = text.length - 3;
    if (!usual(text) || text[end] != '+' || text[end + 1] != '0' || text[end + 2] != '0') {
      return unusual(text);
    }
    byte[] iso = Arrays.copyOf(text, end + 1);
    iso[10] = 'T';
    iso[end] = 'Z';
    return iso;
  }

  private static boolean usual(byte[] text) {
    return text.length >= 19 && text[4] == '-' && text[10] == ' ' && text[13] == ':';
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }

  static byte[] timetz(byte[] text) {
    int length = text.length;
    // An offset is +hh, +hh:mm or +hh:mm:ss.
    if (length < 3 || (text[length - 3] != '+' && text[length - 3] != '-')) {
      return text;
    }
    if (text[length - 2] == '0' && text[length - 1] == '0') {
      byte[] utc = Arrays.copyOf(text, length - 2);
      utc[length - 3] = 'Z';
      return utc;
    }
    byte[] iso = Arrays.copyOf(text, length + 3);
    iso[length] = ':';
    iso[length + 1] = '0';
    iso[length + 2] = '0';
    return iso;
  }

  /// Sessions ask for intervals in ISO 8601, which are kept unchanged. PostgreSQL's own style,
  /// found in ledger rows of earlier versions and where a server refuses that setting, is converted
  /// to the same text.
  public static byte[] interval(byte[] text) {
    if (text.length > 0 && text[0] == 'P') {
      return text;
    }
    Matcher parts = INTERVAL.matcher(string(text));
    if (text.length == 0 || !parts.matches()) {
      return text;
    }
    StringBuilder iso = new StringBuilder("P");
    append(iso, parts.group(1), 'Y');
    append(iso, parts.group(2), 'M');
    append(iso, parts.group(3), 'D');
    if (parts.group(5) != null) {
      String sign = "-".equals(parts.group(4)) ? "-" : "";
      StringBuilder time = new StringBuilder();
      append(time, sign + parts.group(5), 'H');
      append(time, sign + parts.group(6), 'M');
      if (parts.group(8) == null) {
        append(time, sign + parts.group(7), 'S');
      } else {
        time.append(sign).append(Integer.parseInt(parts.group(7)));
        time.append(parts.group(8)).append('S');
      }
      if (!time.isEmpty()) {
        iso.append('T').append(time);
      }
    }
    return bytes(iso.length() == 1 ? "PT0S" : iso.toString());
  }

  private static void append(StringBuilder iso, @Nullable String number, char unit) {
    if (number != null && Long.parseLong(number) != 0) {
      iso.append(Long.parseLong(number)).append(unit);
    }
  }

  /// A date, or a date and time, in UTC where it has an offset.
  private static byte[] unusual(byte[] text) {
    Matcher parts = DATE_TIME.matcher(string(text));
    if (!parts.matches()) {
      return text;
    }
    int year = integer(parts.group(1));
    LocalDate date =
        LocalDate.of(
            parts.group(12) == null ? year : 1 - year,
            integer(parts.group(2)),
            integer(parts.group(3)));
    if (parts.group(4) == null) {
      return bytes(date.toString());
    }
    String fraction = parts.group(7) == null ? "" : parts.group(7);
    LocalDateTime whole =
        date.atTime(integer(parts.group(4)), integer(parts.group(5)), integer(parts.group(6)));
    String zone = "";
    if (parts.group(8) != null) {
      int offset =
          integer(parts.group(9)) * 3600 + integer(parts.group(10)) * 60 + integer(parts.group(11));
      whole = whole.plusSeconds(parts.group(8).equals("+") ? -offset : offset);
      zone = "Z";
    }
    String seconds = whole.getSecond() == 0 ? ":00" : "";
    return bytes(whole + seconds + fraction + zone);
  }

  private static int integer(@Nullable String digits) {
    return digits == null ? 0 : Integer.parseInt(digits);
  }

  private static String string(byte[] text) {
    return new String(text, StandardCharsets.UTF_8);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
