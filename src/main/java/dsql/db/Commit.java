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
    } catch (RuntimeException e) {
      // Of reading what it answered, when it was committed already.
      throw new AmbiguousCommit(e);
    }
  }

  /// Several statements and their commit. The caller's lease goes back to autocommit mode, and
  /// rolls back after a failure.
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
    return result;
  }

  private static SQLException ambiguousOr(SQLException e) throws AmbiguousCommit {
    if (SqlFailure.leavesCommitOpen(e)) {
      throw new AmbiguousCommit(e);
    }
    return e;
  }
}
