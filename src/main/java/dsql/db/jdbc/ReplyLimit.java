package dsql.db.jdbc;

import dsql.json.JsonWriter;

/// Limit on the size of a reply, as the caller's door counts it.
///
/// @param bytes limit on the whole reply
/// @param asJsonString whether the reply is sent as a string inside JSON, where each quote and each
///   backslash takes one byte more
public record ReplyLimit(long bytes, boolean asJsonString) {

  /// Lambda's limit on the response of a synchronous invocation, see [its
  /// quotas](https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
  public static final long LAMBDA_REPLY_BYTES = 6_291_556;

  /// The limit for a reply that may be sent through any door.
  public static final ReplyLimit ANY_DOOR = new ReplyLimit(LAMBDA_REPLY_BYTES, true);

  /// Limit on the bytes of a reply besides its rows and columns.
  public static final int FRAME = 4096;

  /// The bytes written from a position on, as the door counts them.
  public long counted(JsonWriter out, int from) {
    return (long) out.length() - from + (asJsonString ? out.escapesFrom(from) : 0);
  }
}
