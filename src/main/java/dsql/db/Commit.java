package dsql.db;

import dsql.db.fault.SqlFailure;
import java.sql.Connection;
import java.sql.SQLException;

/// Runs writes so that a failure tells whether they may have been committed. Safe for concurrent
/// use.
final class Commit {

  private Commit() {}

  /// Statements of one transaction.
  @FunctionalInterface
  interface Work<T> {
    T run(Connection connection) throws SQLException;
  }

  /// One statement that commits itself.
  ///
  /// @throws AmbiguousCommit when the statement was lost on its way or the server failed under it
  static <T> T single(Connection connection, Work<T> statement)
      throws SQLException, AmbiguousCommit {
    try {
      return statement.run(connection);
    } catch (SQLException e) {
      throw ambiguousOr(e);
    }
  }

  /// Several statements and their commit. After a failure the caller's lease rolls back.
  ///
  /// @throws AmbiguousCommit when the commit itself was lost or the server failed under it
  static <T> T transaction(Connection connection, Work<T> work)
      throws SQLException, AmbiguousCommit {
    connection.setAutoCommit(false);
    T result = work.run(connection);
    try {
      connection.commit();
    } catch (SQLException e) {
      throw ambiguousOr(e);
    }
    connection.setAutoCommit(true);
    return result;
  }

  private static SQLException ambiguousOr(SQLException e) throws AmbiguousCommit {
    return switch (SqlFailure.of(e)) {
      case CONNECTION_LOST, UNAVAILABLE, UNKNOWN -> throw new AmbiguousCommit(e);
      default -> e;
    };
  }
}
