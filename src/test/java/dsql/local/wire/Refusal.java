package dsql.local.wire;

import org.jspecify.annotations.Nullable;

/// An ErrorResponse of the endpoint's own.
public record Refusal(
    String severity,
    String sqlState,
    String message,
    @Nullable String detail,
    @Nullable String hint) {

  public static Refusal error(String sqlState, String message) {
    return new Refusal("ERROR", sqlState, message, null, null);
  }

  public static Refusal fatal(String sqlState, String message) {
    return new Refusal("FATAL", sqlState, message, null, null);
  }

  public Refusal withDetail(String text) {
    return new Refusal(severity, sqlState, message, text, hint);
  }

  public Refusal withHint(String text) {
    return new Refusal(severity, sqlState, message, detail, text);
  }

  public Message toMessage() {
    Message.Builder body =
        Message.of('E')
            .character('S')
            .string(severity)
            .character('V')
            .string(severity)
            .character('C')
            .string(sqlState)
            .character('M')
            .string(message);
    if (detail != null) {
      body.character('D').string(detail);
    }
    if (hint != null) {
      body.character('H').string(hint);
    }
    return body.character('\0').end();
  }
}
