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
  /// @param statement its text, cut where it is very long
  /// @param jobId the asynchronous build, for `sys.jobs` and `sys.wait_for_job`
  record Step(String statement, StepOutcome outcome, Optional<String> jobId) {

    /// Bytes of the statement at most: it repeats the literals of defaults, and a reply has room
    /// for every step.
    private static final int STATEMENT_BYTES = 200_000;

    public Step {
      statement = Excerpt.of(statement, STATEMENT_BYTES);
    }
  }

  /// What became of a DDL statement.
  enum StepOutcome {
    COMMITTED,
    /// The index is being built in the background.
    BUILDING,
    COMPLETED,
    /// The build failed and left an invalid index; see `sys.jobs`.
    FAILED
  }

  /// Rows are committed: all, or those of the chunks that are.
  ///
  /// @param replayed whether an earlier request under the same key did it
  /// @param waitedMillis milliseconds between attempts
  /// @param received rows of the request
  /// @param handled rows of it that are through, written or skipped
  /// @param rows the `returning` columns of each row that is through, in the order of the request
  /// @param chunks what became of which rows, where the request asked for chunks
  record Inserted(
      Identifier table,
      boolean replayed,
      int attempts,
      long waitedMillis,
      int received,
      int handled,
      int written,
      Optional<Rows> rows,
      List<Chunk> chunks)
      implements Result {
    public Inserted {
      chunks = List.copyOf(chunks);
    }

    /// Whether rows are missing.
    public boolean partial() {
      return handled < received;
    }
  }

  /// Rows that were one transaction.
  ///
  /// @param first the first row's index in the request
  /// @param last the last row's
  /// @param problem what stopped it, where something did
  record Chunk(int first, int last, ChunkOutcome outcome, Optional<Problem> problem) {}

  /// What became of a chunk.
  enum ChunkOutcome {
    COMMITTED,
    NOT_COMMITTED,
    UNKNOWN
  }

  /// One page of rows.
  ///
  /// @param hasMore whether rows follow that are not in this page
  /// @param nextCursor where they begin, if any follow
  /// @param truncatedBy why the page ends before its limit, if it does
  record Queried(
      Identifier table,
      List<ColumnHead> columns,
      Rows rows,
      boolean hasMore,
      Optional<String> nextCursor,
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
  ///
  /// @param pruned ledger rows that had expired and were removed
  /// @param more whether others may be left, which the next tick goes on with
  record Ticked(int connections, int idle, long opened, long closed, int pruned, boolean more)
      implements Result {}
}
