package dsql.lambda;

import java.util.regex.Pattern;
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

  private static final Pattern XRAY_FIELD =
      Pattern.compile(
          "(?:Root|Self)=1-[0-9a-fA-F]{8}-[0-9a-fA-F]{24}"
              + "|Parent=[0-9a-fA-F]{16}"
              + "|Sampled=[01?]"
              + "|Lineage=[0-9a-fA-F:|]{1,100}");

  private static final Pattern TRACEPARENT =
      Pattern.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}");

  public Trace {
    xray = xrayFields(xray);
    if (traceparent != null && !TRACEPARENT.matcher(traceparent).matches()) {
      traceparent = null;
    }
  }

  /// The fields of an X-Ray header that are known and well-formed, null without any; a header may
  /// have others.
  static @Nullable String xrayFields(@Nullable String header) {
    if (header == null || header.length() > LONGEST) {
      return null;
    }
    StringBuilder kept = new StringBuilder(header.length());
    for (String field : header.split(";", -1)) {
      if (XRAY_FIELD.matcher(field).matches()) {
        kept.append(kept.isEmpty() ? "" : ";").append(field);
      }
    }
    return kept.isEmpty() ? null : kept.toString();
  }
}
