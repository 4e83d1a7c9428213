package dsql.db.pool;

import java.sql.Connection;
import java.sql.SQLException;

/// Opens a physical connection. Safe for concurrent use.
@FunctionalInterface
public interface ConnectionOpener {

  /// A new connection, in autocommit mode, opened by the deadline or not at all.
  ///
  /// @throws SQLException of the server or the network
  /// @throws TokenSource.Unavailable when no token could be signed
  Connection open(Deadline deadline) throws SQLException;
}
