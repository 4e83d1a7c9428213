package dsql.lambda;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What a caller says of the trace that its request belongs to. A caller may say anything, so only
/// what has the shape of an identifier is kept.
///
/// @param xray the known fields of an `x-amzn-trace-id` header; null without any
/// @param traceparent a [W3C](https://www.w3.org/TR/trace-context/) header; null without one
public record Trace(@Nullable String xray, @Nullable String traceparent) {

  static final Trace NONE = new Trace(null, null);

  /// Longer headers are not looked at.
  private static final int LONGEST = 512;

  public Trace {
    xray = xrayFields(xray);
    if (traceparent != null && !isTraceparent(traceparent)) {
      traceparent = null;
    }
  }

  private static boolean isTraceparent(String header) {
    return header.length() == 55
        && isHex(header, 0, 2)
        && header.charAt(2) == '-'
        && isHex(header, 3, 35)
        && header.charAt(35) == '-'
        && isHex(header, 36, 52)
        && header.charAt(52) == '-'
        && isHex(header, 53, 55)
        && header.equals(header.toLowerCase(Locale.ROOT));
  }

  /// The fields of an X-Ray header that are known and well-formed, null without any; a header may
  /// have others.
  static @Nullable String xrayFields(@Nullable String header) {
    if (header == null || header.length() > LONGEST) {
      return null;
    }
    StringBuilder kept = new StringBuilder(header.length());
    for (int from = 0; from < header.length(); ) {
      int semicolon = header.indexOf(';', from);
      int end = semicolon < 0 ? header.length() : semicolon;
      if (isXrayField(header, from, end)) {
        kept.append(kept.isEmpty() ? "" : ";").append(header, from, end);
      }
      from = end + 1;
    }
    return kept.isEmpty() ? null : kept.toString();
  }

  private static boolean isXrayField(String header, int from, int end) {
    int equals = header.indexOf('=', from);
    if (equals < 0 || equals >= end) {
      return false;
    }
    int value = equals + 1;
    int length = end - value;
    return switch (header.substring(from, equals)) {
      case "Root", "Self" ->
          length == 35
              && header.startsWith("1-", value)
              && isHex(header, value + 2, value + 10)
              && header.charAt(value + 10) == '-'
              && isHex(header, value + 11, end);
      case "Parent" -> length == 16 && isHex(header, value, end);
      case "Sampled" -> length == 1 && "01?".indexOf(header.charAt(value)) >= 0;
      case "Lineage" -> length >= 1 && length <= 100 && isLineage(header, value, end);
      default -> false;
    };
  }

  private static boolean isLineage(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (c != ':' && c != '|' && !isHex(text, i, i + 1)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isHex(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (c >= 0x80 || Character.digit(c, 16) < 0) {
        return false;
      }
    }
    return true;
  }
}
