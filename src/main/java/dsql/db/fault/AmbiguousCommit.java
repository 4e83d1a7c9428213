package dsql.db.fault;

import java.sql.SQLException;

/// The connection was lost, or the server failed, while it committed: whether it did is not known.
public final class AmbiguousCommit extends Exception {

  private static final long serialVersionUID = 1L;

  private final SQLException failure;

  public AmbiguousCommit(SQLException failure) {
    super(failure);
    this.failure = failure;
  }

  /// What the commit met.
  public SQLException failure() {
    return failure;
  }
}
