package dsql.db.jdbc;

import dsql.db.fault.AmbiguousCommit;
import dsql.db.fault.SqlFailure;
import dsql.db.pool.Lease;
import java.sql.SQLException;

/// Runs writes so that a failure shows whether they may have been committed. Safe for concurrent
/// use.
public final class Transactions {

  private Transactions() {}

  /// Runs one statement.
  @FunctionalInterface
  public interface Write {
    void run() throws SQLException;
  }

  /// Runs the statements of one transaction.
  @FunctionalInterface
  public interface Writes {
    /// Runs the statements.
    ///
    /// @return whether to commit
    boolean run() throws SQLException;
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
  public static void single(Write statement) throws SQLException, AmbiguousCommit {
    try {
      statement.run();
    } catch (SQLException e) {
      throw new Refused(ambiguousOr(e));
    } catch (RuntimeException | Error e) {
      // Reading the answer failed, when the statement was committed already.
      throw new AmbiguousCommit(e);
    }
  }

  /// Runs several statements and commits them. The caller's lease rolls back after a failure, and
  /// returns to autocommit mode.
  ///
  /// @return whether they were committed rather than rolled back
  /// @throws AmbiguousCommit when the connection was lost or the server failed during the commit
  public static boolean transaction(Lease lease, Writes writes)
      throws SQLException, AmbiguousCommit {
    lease.connection().setAutoCommit(false);
    if (!writes.run()) {
      lease.reset();
      return false;
    }
    try {
      lease.timed().commit();
    } catch (SQLException e) {
      throw ambiguousOr(e);
    } catch (RuntimeException | Error e) {
      throw new AmbiguousCommit(e);
    }
    return true;
  }

  private static SQLException ambiguousOr(SQLException e) throws AmbiguousCommit {
    if (SqlFailure.leavesCommitUnknown(e)) {
      throw new AmbiguousCommit(e);
    }
    return e;
  }
}
