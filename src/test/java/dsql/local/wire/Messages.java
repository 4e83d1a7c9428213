package dsql.local.wire;

import org.jspecify.annotations.Nullable;

/// Messages the endpoint itself makes.
public final class Messages {
  private static final int TEXT_OID = 25;

  private Messages() {}

  public static Message parse(String name, String sql) {
    return Message.of('P').string(name).string(sql).int16(0).end();
  }

  /// A bind without parameters whose results come as text.
  public static Message bind(String portal, String statement) {
    return Message.of('B').string(portal).string(statement).int16(0).int16(0).int16(0).end();
  }

  /// The same parse, parameter types included, of another text under another name.
  public static Message reparse(Message parse, String name, String sql) throws ProtocolException {
    Message.Body body = parse.read();
    body.string();
    body.string();
    return Message.of('P').string(name).string(sql).bytes(body.rest()).end();
  }

  /// The same bind, values and formats included, of another statement to another portal.
  public static Message rebind(Message bind, String portal, String statement)
      throws ProtocolException {
    Message.Body body = bind.read();
    body.string();
    body.string();
    return Message.of('B').string(portal).string(statement).bytes(body.rest()).end();
  }

  public static Message closeStatement(String name) {
    return Message.of('C').character('S').string(name).end();
  }

  public static Message closePortal(String name) {
    return Message.of('C').character('P').string(name).end();
  }

  /// The SQLSTATE of an ErrorResponse.
  public static String sqlState(Message error) throws ProtocolException {
    return field(error, 'C');
  }

  /// What an error says.
  public static String text(Message error) throws ProtocolException {
    return field(error, 'M');
  }

  private static String field(Message error, char wanted) throws ProtocolException {
    Message.Body body = error.read();
    for (char field = body.character(); field != 0; field = body.character()) {
      String value = body.string();
      if (field == wanted) {
        return value;
      }
    }
    return "";
  }

  /// The same ErrorResponse without the fields that name what it is about.
  public static Message nameless(Message error) throws ProtocolException {
    Message.Body body = error.read();
    Message.Builder bare = Message.of('E');
    for (char field = body.character(); field != 0; field = body.character()) {
      String value = body.string();
      if ("stcdn".indexOf(field) < 0) {
        bare = bare.character(field).string(value);
      }
    }
    return bare.character((char) 0).end();
  }

  /// The rows a CommandComplete counts, 0 if it counts none.
  public static long rows(Message complete) throws ProtocolException {
    String tag = complete.read().string();
    String last = tag.substring(tag.lastIndexOf(' ') + 1);
    return last.isEmpty() || !Character.isDigit(last.charAt(0)) ? 0 : Long.parseLong(last);
  }

  public static Message describePortal(String portal) {
    return Message.of('D').character('P').string(portal).end();
  }

  /// Runs a portal to its end.
  public static Message execute(String portal) {
    return Message.of('E').string(portal).int32(0).end();
  }

  public static Message commandComplete(String tag) {
    return Message.of('C').string(tag).end();
  }

  public static Message readyForQuery(char status) {
    return Message.of('Z').character(status).end();
  }

  public static Message noParameters() {
    return Message.of('t').int16(0).end();
  }

  /// Describes a result of one text column.
  public static Message textColumn(String name) {
    return Message.of('T')
        .int16(1)
        .string(name)
        .int32(0)
        .int16(0)
        .int32(TEXT_OID)
        .int16(-1)
        .int32(-1)
        .int16(0)
        .end();
  }

  public static Message textRow(@Nullable String value) {
    return Message.of('D').int16(1).value(value).end();
  }
}
