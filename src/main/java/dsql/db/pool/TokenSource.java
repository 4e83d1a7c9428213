package dsql.db.pool;

/// Signs the password of a new connection. Safe for concurrent use.
@FunctionalInterface
public interface TokenSource {

  /// A fresh token. Signing is local and takes about a millisecond once warm, so none is kept.
  ///
  /// @throws Unavailable when there are no credentials to sign with
  String token();

  /// There are no credentials to sign a token with.
  final class Unavailable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public Unavailable(Throwable cause) {
      super("No credentials to sign the database token with.", cause);
    }
  }
}
