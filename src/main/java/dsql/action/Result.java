package dsql.action;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// What an action did.
public sealed interface Result {

  /// What became of the request, in the word that the reply and the log have for it.
  String outcome();

  /// The table exists as requested.
  ///
  /// @param created whether this request created it
  /// @param steps the statements that were run, in order
  record Created(Identifier table, boolean created, List<Step> steps) implements Result {
    public Created {
      steps = List.copyOf(steps);
    }

    @Override
    public String outcome() {
      return created ? "created" : "unchanged";
    }
  }

  /// One DDL statement, a transaction of its own.
  ///
  /// @param statement its text, cut where it is very long
  /// @param jobId the id of the asynchronous index build, for `sys.jobs` and `sys.wait_for_job`
  /// @param detail why a build failed, for people
  record Step(
      String statement, StepOutcome outcome, Optional<String> jobId, Optional<String> detail) {

    /// Limit on a statement's bytes: it repeats the literals of defaults, and the reply has to hold
    /// every step.
    private static final int STATEMENT_BYTES = 200_000;

    /// The step of a statement that starts no job.
    public static Step of(String statement, StepOutcome outcome) {
      return new Step(statement, outcome, Optional.empty(), Optional.empty());
    }

    public Step {
      statement = Excerpt.of(statement, STATEMENT_BYTES);
    }
  }

  /// The outcome of a DDL statement.
  enum StepOutcome {
    COMMITTED,
    /// The index is being built in the background.
    BUILDING,
    COMPLETED,
    /// The build failed and left an invalid index; see `sys.jobs`.
    FAILED
  }

  /// Rows are committed: all of them, or those of the committed chunks.
  ///
  /// @param replayed whether an earlier request with the same key wrote the rows
  /// @param waitedMillis the milliseconds waited between attempts
  /// @param received the number of rows in the request
  /// @param handled the number of those that were written or skipped
  /// @param rows the `returning` columns of each row that was handled, in the order of the request
  /// @param chunks the outcome of each chunk, if the request set `"atomicity": "chunk"`
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

    @Override
    public String outcome() {
      return partial() ? "partial" : "committed";
    }

    /// Whether rows are missing.
    public boolean partial() {
      return handled < received;
    }
  }

  /// Rows that are written in one transaction.
  ///
  /// @param first the index of its first row in the request
  /// @param last the index of its last row
  /// @param problem why it was not committed, if it was not
  record Chunk(int first, int last, ChunkOutcome outcome, Optional<Problem> problem) {}

  /// The outcome of a chunk.
  enum ChunkOutcome {
    COMMITTED,
    NOT_COMMITTED,
    UNKNOWN
  }

  /// One page of rows.
  ///
  /// @param hasMore whether rows follow that are not in this page
  /// @param nextCursor the cursor of the next page, if there is one
  /// @param truncatedBy why the page is cut short, if it is
  /// @param total the number of rows of all pages, if it was requested
  record Queried(
      Identifier table,
      List<ColumnHead> columns,
      Rows rows,
      boolean hasMore,
      Optional<String> nextCursor,
      Optional<Truncation> truncatedBy,
      OptionalLong total)
      implements Result {
    public Queried {
      columns = List.copyOf(columns);
    }

    /// Of the log alone: a page of rows speaks for itself.
    @Override
    public String outcome() {
      return "ok";
    }
  }

  /// A column of a page.
  record ColumnHead(String name, ColumnType type) {}

  /// What cut a page short.
  enum Truncation {
    /// The reply is full.
    BYTES,
    /// The rows have no key, so that no page can follow.
    NO_KEY
  }

  /// A schedule's tick: the database answered.
  ///
  /// @param pruned the number of expired ledger rows removed
  /// @param more whether expired rows may be left for the next tick
  record Ticked(int connections, int idle, long opened, long closed, int pruned, boolean more)
      implements Result {
    @Override
    public String outcome() {
      return "alive";
    }
  }
}
