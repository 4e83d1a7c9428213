package dsql.db.insert;

import dsql.action.Failure;
import dsql.action.Insert;
import dsql.action.Problem;
import dsql.db.jdbc.DatabaseProblems;
import dsql.db.retry.Retry;
import java.util.Optional;

/// What goes wrong with idempotency keys, as failures for the caller.
final class KeyProblems {

  private KeyProblems() {}

  /// The key belongs to another request.
  static Failure reused() {
    return new Failure(
        Problem.of(
            Problem.Code.IDEMPOTENCY_KEY_REUSED,
            "This idempotency key stands for another request. Send that one again, or use a new"
                + " key."));
  }

  /// The key's row is gone although this request has written under it.
  static Failure removed() {
    return new Failure(
        Problem.of(
            Problem.Code.INTERNAL,
            "The key's row in dsql_ledger was removed while the request ran, so that nothing"
                + " prevents these rows from being written twice. The rows of the committed chunks"
                + " are in: send only the others, under a new key."));
  }

  /// The request failed before its ledger row was read: an earlier invocation may have written the
  /// rows.
  static Failure beforeTheLook(Exception failure, Insert insert, Retry.Session session) {
    Problem problem;
    try {
      problem = DatabaseProblems.of(failure, Optional.of(insert), session);
    } catch (RuntimeException _) {
      problem =
          Problem.of(
              Problem.Code.INTERNAL, "Internal error; see the function's log for this requestId.");
    }
    return new Failure(problem.beforeTheLook(), failure);
  }
}
