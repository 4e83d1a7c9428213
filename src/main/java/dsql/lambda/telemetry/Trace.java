package dsql.lambda.telemetry;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a caller says of the trace that its request belongs to. A caller may say anything, so only
/// what has the shape of an identifier is kept.
///
/// @param xray the known fields of an `x-amzn-trace-id` header; null without any
/// @param traceparent a [W3C](https://www.w3.org/TR/trace-context/) header; null without one
public record Trace(@Nullable String xray, @Nullable String traceparent) {

  public static final Trace NONE = new Trace(null, null);

  /// Limits the length of an X-Ray header, so that no caller makes the log long.
  private static final int MAX_LENGTH = 512;

  /// Holds the patterns, which are compiled only when a header is there.
  private static final class Patterns {
    static final Pattern TRACEPARENT =
        Pattern.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}");

    static final Pattern XRAY_FIELD =
        Pattern.compile(
            "(?:Root|Self)=1-\\p{XDigit}{8}-\\p{XDigit}{24}|Parent=\\p{XDigit}{16}"
                + "|Sampled=[01?]|Lineage=[\\p{XDigit}:|]{1,100}");
  }

  public Trace {
    xray = xrayFields(xray);
    if (traceparent != null && !Patterns.TRACEPARENT.matcher(traceparent).matches()) {
      traceparent = null;
    }
  }

  /// The fields of an X-Ray header that are known and well-formed, null without any; a header may
  /// have others.
  public static @Nullable String xrayFields(@Nullable String header) {
    if (header == null || header.length() > MAX_LENGTH) {
      return null;
    }
    StringBuilder kept = new StringBuilder(header.length());
    for (String field : header.split(";", -1)) {
      if (Patterns.XRAY_FIELD.matcher(field).matches()) {
        kept.append(kept.isEmpty() ? "" : ";").append(field);
      }
    }
    return kept.isEmpty() ? null : kept.toString();
  }
}
