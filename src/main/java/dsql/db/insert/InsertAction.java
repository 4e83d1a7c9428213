package dsql.db.insert;

import dsql.action.Insert;
import dsql.action.Result.Inserted;
import dsql.db.fault.AmbiguousCommit;
import dsql.db.jdbc.ReplyLimit;
import dsql.db.retry.Retry;
import java.sql.SQLException;

/// Runs inserts. Safe for concurrent use.
@FunctionalInterface
public interface InsertAction {

  /// Runs one insert.
  ///
  /// @param limit limits the size of the returned rows
  Inserted run(Retry.Session session, Insert insert, ReplyLimit limit)
      throws SQLException, AmbiguousCommit;
}
