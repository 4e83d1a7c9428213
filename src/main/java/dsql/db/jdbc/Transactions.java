package dsql.db.jdbc;

import dsql.db.fault.AmbiguousCommit;
import dsql.db.fault.SqlFailure;
import dsql.db.pool.Lease;
import java.sql.SQLException;

/// Runs writes so that a failure tells whether they may have been committed. Safe for concurrent
/// use.
public final class Transactions {

  private Transactions() {}

  /// One statement.
  @FunctionalInterface
  public interface Write {
    void run() throws SQLException;
  }

  /// Statements of one transaction.
  @FunctionalInterface
  public interface Writes {
    /// Runs them.
    ///
    /// @return whether to commit
    boolean run() throws SQLException;
  }

  /// The server's refusal of a statement that commits itself: what it says, it says of that
  /// statement, and of none that only prepared it.
  static final class Refused extends SQLException {
    private static final long serialVersionUID = 1L;

    private Refused(SQLException refusal) {
      // Without an SQLSTATE of its own: what the server said decides.
      super("The server refused the statement.", refusal);
    }
  }

  /// One statement that commits itself.
  ///
  /// @throws Refused when the server did not take it
  /// @throws AmbiguousCommit when the statement was lost on its way or the server failed under it
  public static void single(Write statement) throws SQLException, AmbiguousCommit {
    try {
      statement.run();
    } catch (SQLException e) {
      throw new Refused(ambiguousOr(e));
    } catch (RuntimeException | Error e) {
      // Of reading what it answered, when it was committed already.
      throw new AmbiguousCommit(e);
    }
  }

  /// Several statements and their commit. The caller's lease goes back to autocommit mode, and
  /// rolls back after a failure.
  ///
  /// @return whether it was committed, rolled back otherwise
  /// @throws AmbiguousCommit when the commit itself was lost or the server failed under it
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
