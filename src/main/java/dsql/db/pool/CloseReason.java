package dsql.db.pool;

/// Why a connection was closed. Every close has a reason.
public enum CloseReason {
  /// It reached its maximum age, which is well below the server's 60 minutes.
  LIFETIME,
  /// It did not answer the check after an idle time.
  VALIDATION_FAILED,
  /// An error left it unusable.
  BROKEN,
  /// It could not be reset when it was returned.
  RESET_FAILED,
  /// The pool was closed.
  POOL_CLOSED
}
