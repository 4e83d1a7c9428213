package dsql.db;

/// The connection was lost, or the server failed, while it committed: whether it did is not known.
final class AmbiguousCommit extends Exception {

  private static final long serialVersionUID = 1L;

  AmbiguousCommit(Exception cause) {
    super(cause);
  }
}
