package dsql.db;

import java.sql.SQLException;

/// The connection was lost, or the server failed, while it committed: whether it did is not known.
final class AmbiguousCommit extends Exception {

  private static final long serialVersionUID = 1L;

  AmbiguousCommit(SQLException cause) {
    super(cause);
  }
}
