package dsql.local.wire;

/// Messages the endpoint itself makes.
public final class Messages {
  private static final int TEXT_OID = 25;

  private Messages() {}

  public static Message simpleQuery(String sql) {
    return Message.of('Q').string(sql).end();
  }

  public static Message parse(String name, String sql) {
    return Message.of('P').string(name).string(sql).int16(0).end();
  }

  /// A bind without parameters whose results come as text.
  public static Message bind(String portal, String statement) {
    return Message.of('B').string(portal).string(statement).int16(0).int16(0).int16(0).end();
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

  public static Message textRow(String value) {
    return Message.of('D').int16(1).value(value).end();
  }
}
