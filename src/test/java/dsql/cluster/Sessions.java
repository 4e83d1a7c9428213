package dsql.cluster;

import java.sql.Connection;
import java.sql.SQLException;

/// Opens sessions of one user's.
@FunctionalInterface
public interface Sessions {

  /// A session without any setting of its own, in autocommit.
  Connection open() throws SQLException;
}
