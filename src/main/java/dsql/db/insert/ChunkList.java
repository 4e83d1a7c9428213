package dsql.db.insert;

import dsql.action.Failure;
import dsql.action.Insert;
import dsql.action.Problem;
import dsql.action.Result.Chunk;
import dsql.action.Result.ChunkOutcome;
import dsql.db.fault.AmbiguousCommit;
import dsql.db.jdbc.DatabaseProblems;
import dsql.db.retry.Retry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The chunks of a reply: the committed ones, and the one that stopped the request. Confined to one
/// request.
final class ChunkList {

  private final Retry.Session session;
  private final Insert insert;
  private final List<Chunk> chunks = new ArrayList<>();

  ChunkList(Retry.Session session, Insert insert) {
    this.session = session;
    this.insert = insert;
  }

  List<Chunk> chunks() {
    return chunks;
  }

  void committed(int from, int to) {
    chunks.add(new Chunk(from, to - 1, ChunkOutcome.COMMITTED, Optional.empty()));
  }

  /// Adds the chunk that was not begun, because too little time was left.
  void outOfTime(int from, int to) {
    stopped(
        from,
        to,
        ChunkOutcome.NOT_COMMITTED,
        Problem.of(
            Problem.Code.DEADLINE_EXCEEDED,
            "The invocation ran out of time. Send the same request again under the same key; it"
                + " continues from here."));
  }

  /// Adds the chunk that failed.
  ///
  /// @param certain whether the key's row was read after the failure
  void failed(int from, int to, Exception failure, boolean certain) {
    boolean ambiguous = failure instanceof AmbiguousCommit;
    Problem problem = problem(failure, from);
    stopped(
        from,
        to,
        certain && !ambiguous ? ChunkOutcome.NOT_COMMITTED : ChunkOutcome.UNKNOWN,
        certain || ambiguous ? problem.ofChunk() : problem.beforeKeyWasRead());
  }

  private void stopped(int from, int to, ChunkOutcome outcome, Problem problem) {
    chunks.add(new Chunk(from, to - 1, outcome, Optional.of(problem)));
  }

  /// @throws Failure when the failure did not come from the database, so that its cause is logged
  private Problem problem(Exception failure, int committed) {
    try {
      return DatabaseProblems.of(failure, Optional.of(insert), session);
    } catch (RuntimeException e) {
      throw new Failure(
          Problem.of(Problem.Code.INTERNAL, "")
              .partly(
                  "Internal error; see the function's log for this requestId. The first "
                      + committed
                      + " rows are committed. Send the same request again under the same key.",
                  true),
          e);
    }
  }
}
