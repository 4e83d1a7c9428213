package dsql.db;

/// How large the rows of a reply may be, as the caller's door counts them.
///
/// @param bytes for the whole reply
/// @param asJsonString whether the reply travels as a string inside JSON, where each quote and each
///   backslash takes one byte more
public record PageLimit(long bytes, boolean asJsonString) {

  /// What Lambda returns from a synchronous invocation at most, see [its
  /// quotas](https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
  public static final long LAMBDA_REPLY_BYTES = 6_291_556;
}
