package dsql.db.connect;

import dsql.db.pool.Deadline;
import dsql.db.pool.DeadlineExceeded;

/// Creates the password of a new connection. Safe for concurrent use.
@FunctionalInterface
public interface TokenSource {

  /// A fresh token, before the deadline or not at all. Signing is local and takes about a
  /// millisecond once warm, so no token is kept; credentials may have to be fetched first.
  ///
  /// @throws Unavailable if there are no credentials to sign with
  /// @throws DeadlineExceeded if they did not arrive in time
  String token(Deadline deadline);

  /// There are no credentials to sign a token with.
  final class Unavailable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean passing;

    public Unavailable(Throwable cause, boolean passing) {
      super("There are no credentials to sign the database token with.", cause);
      this.passing = passing;
    }

    /// Whether the next attempt may get some, because fetching them failed; otherwise there are
    /// none.
    public boolean passing() {
      return passing;
    }
  }
}
