package dsql.db.pool;

import java.sql.Connection;
import java.sql.SQLException;

/// Opens a physical connection. Safe for concurrent use.
@FunctionalInterface
public interface ConnectionOpener {

  /// A new connection in autocommit mode, opened before the deadline or not at all.
  ///
  /// @throws SQLException if the server or the network fails
  /// @throws RuntimeException if there are no credentials to log in with
  Connection open(Deadline deadline) throws SQLException;
}
