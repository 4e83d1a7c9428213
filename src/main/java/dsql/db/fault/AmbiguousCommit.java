package dsql.db.fault;

/// The connection was lost or the server failed during a commit, so its outcome is not known.
public final class AmbiguousCommit extends Exception {

  private static final long serialVersionUID = 1L;

  public AmbiguousCommit(Throwable failure) {
    super(failure);
  }
}
