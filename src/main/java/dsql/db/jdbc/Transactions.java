package dsql.db.jdbc;

import dsql.db.fault.AmbiguousCommit;
import dsql.db.fault.SqlFailure;
import dsql.db.pool.Lease;
import java.sql.SQLException;
import java.util.Optional;

/// Runs writes so that a failure shows whether they may have been committed. Safe for concurrent
/// use.
public final class Transactions {

  private Transactions() {}

  /// Runs one or several statements, and makes something of their answers.
  @FunctionalInterface
  public interface Write<T> {
    T run() throws SQLException;
  }

  /// The server's refusal of a statement that commits itself, as opposed to one that prepares for
  /// it.
  static final class Refused extends SQLException {
    private static final long serialVersionUID = 1L;

    private Refused(SQLException refusal) {
      // It has no SQLSTATE, so that the one of its cause counts.
      super("The server refused the statement.", refusal);
    }
  }

  /// Runs one statement that commits itself.
  ///
  /// @throws Refused when the server refused it
  /// @throws AmbiguousCommit when the connection was lost or the server failed while it ran
  public static <T> T single(Write<T> statement) throws SQLException, AmbiguousCommit {
    try {
      return statement.run();
    } catch (SQLException e) {
      throw new Refused(ambiguousOr(e));
    } catch (RuntimeException | Error e) {
      // Reading the answer failed, when the statement was committed already.
      throw new AmbiguousCommit(e);
    }
  }

  /// Runs several statements and commits them, or rolls them back if they return nothing. The
  /// caller's lease rolls back after a failure, and returns to autocommit mode.
  ///
  /// @return what they returned
  /// @throws AmbiguousCommit when the connection was lost or the server failed during the commit
  public static <T> Optional<T> transaction(Lease lease, Write<Optional<T>> writes)
      throws SQLException, AmbiguousCommit {
    lease.connection().setAutoCommit(false);
    Optional<T> done = writes.run();
    if (done.isEmpty()) {
      lease.reset();
      return done;
    }
    try {
      lease.timed().commit();
    } catch (SQLException e) {
      throw ambiguousOr(e);
    } catch (RuntimeException | Error e) {
      throw new AmbiguousCommit(e);
    }
    return done;
  }

  private static SQLException ambiguousOr(SQLException e) throws AmbiguousCommit {
    if (SqlFailure.leavesCommitUnknown(e)) {
      throw new AmbiguousCommit(e);
    }
    return e;
  }
}
