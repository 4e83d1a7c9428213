package dsql.db;

import dsql.db.fault.AmbiguousCommit;
import dsql.db.fault.SqlFailure;
import dsql.db.pool.Lease;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicBoolean;

/// What the function would like a server to take, and does without once the server refused it. Safe
/// for concurrent use.
final class ServerFeatures {

  /// Many rows as one array for each column.
  final AtomicBoolean arrays = new AtomicBoolean(true);

  /// The guard of a table's shape within the statement that writes.
  final AtomicBoolean guards = new AtomicBoolean(true);

  /// Rows and their ledger row in one statement.
  final AtomicBoolean keptRows = new AtomicBoolean(true);

  /// What is done with a feature, or without.
  @FunctionalInterface
  interface Attempt<T> {
    T run(boolean with) throws SQLException, AmbiguousCommit;
  }

  /// Runs it with the feature, and where the server refuses something, once more without.
  static <T> T withOrWithout(AtomicBoolean feature, Lease lease, Attempt<T> attempt)
      throws SQLException, AmbiguousCommit {
    if (!feature.get()) {
      return attempt.run(false);
    }
    try {
      return attempt.run(true);
    } catch (SQLException e) {
      if (!SqlFailure.isUnsupported(e)) {
        throw e;
      }
      lease.reset();
    }
    T done = attempt.run(false);
    // Only now is it known that it was for the feature.
    feature.set(false);
    return done;
  }
}
