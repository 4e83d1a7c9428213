package dsql.db.jdbc;

import dsql.json.JsonWriter;

/// How large the rows of a reply may be, as the caller's door counts them.
///
/// @param bytes for the whole reply
/// @param asJsonString whether the reply travels as a string inside JSON, where each quote and each
///   backslash takes one byte more
public record ReplyLimit(long bytes, boolean asJsonString) {

  /// What Lambda returns from a synchronous invocation at most, see [its
  /// quotas](https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
  public static final long LAMBDA_REPLY_BYTES = 6_291_556;

  /// The limit that a reply must keep to fit through any door.
  public static final ReplyLimit ANY_DOOR = new ReplyLimit(LAMBDA_REPLY_BYTES, true);

  /// Bytes of a reply around its rows and columns, at most.
  public static final int FRAME = 4096;

  /// What has been written from there on, in bytes as the door counts them.
  public long counted(JsonWriter out, int from) {
    return (long) out.length() - from + (asJsonString ? out.escapesFrom(from) : 0);
  }
}
