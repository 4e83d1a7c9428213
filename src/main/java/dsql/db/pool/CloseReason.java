package dsql.db.pool;

/// Why a connection was closed. Every close has one.
public enum CloseReason {
  /// It reached its age, well before the server's 60 minutes.
  LIFETIME,
  /// It did not answer when asked after being idle.
  VALIDATION_FAILED,
  /// An error on it was of the kind that leaves a connection unusable.
  BROKEN,
  /// It could not be brought back to a clean state on return.
  RESET_FAILED,
  /// The pool was closed.
  POOL_CLOSED
}
