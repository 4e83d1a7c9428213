package dsql.action;

import java.util.List;
import java.util.Optional;

/// What an action did.
public sealed interface Result {

  /// The table stands as asked for.
  ///
  /// @param created whether this request created it
  /// @param steps the statements that were run, in order
  record Created(Identifier table, boolean created, List<Step> steps) implements Result {
    public Created {
      steps = List.copyOf(steps);
    }
  }

  /// One DDL statement, a transaction of its own.
  ///
  /// @param jobId the asynchronous build, for `sys.jobs` and `sys.wait_for_job`
  record Step(String statement, StepOutcome outcome, Optional<String> jobId) {}

  /// What became of a DDL statement.
  enum StepOutcome {
    COMMITTED,
    /// The index is being built in the background.
    BUILDING,
    COMPLETED,
    /// The build failed and left an invalid index; see `sys.jobs`.
    FAILED
  }

  /// The rows are committed.
  ///
  /// @param rows the `returning` columns of each row, in the order of the request
  record Inserted(Identifier table, int attempts, int received, int written, Optional<Rows> rows)
      implements Result {}

  /// One page of rows.
  ///
  /// @param hasMore whether rows follow that are not in this page
  /// @param truncatedBy why the page ends before its limit, if it does
  record Queried(
      Identifier table,
      List<ColumnHead> columns,
      Rows rows,
      boolean hasMore,
      Optional<Truncation> truncatedBy)
      implements Result {
    public Queried {
      columns = List.copyOf(columns);
    }
  }

  /// A column of a page.
  record ColumnHead(String name, ColumnType type) {}

  /// What cut a page short.
  enum Truncation {
    BYTES
  }

  /// A schedule's tick: the database answered.
  record Ticked(int connections, int idle, long opened, long closed) implements Result {}
}
