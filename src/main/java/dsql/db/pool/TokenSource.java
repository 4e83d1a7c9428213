package dsql.db.pool;

/// Signs the password of a new connection. Safe for concurrent use.
@FunctionalInterface
public interface TokenSource {

  /// A fresh token, by the deadline or not at all. Signing is local and takes about a millisecond
  /// once warm, so none is kept; credentials may have to be fetched before.
  ///
  /// @throws Unavailable when there are no credentials to sign with
  /// @throws DeadlineExceeded when they did not come in time
  String token(Deadline deadline);

  /// There are no credentials to sign a token with.
  final class Unavailable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean passing;

    /// @param passing whether those who have them may give them at the next attempt
    public Unavailable(Throwable cause, boolean passing) {
      super("No credentials to sign the database token with.", cause);
      this.passing = passing;
    }

    /// Whether the next attempt may find some: they could not be fetched, where another failure
    /// means that there are none.
    public boolean passing() {
      return passing;
    }
  }
}
