package dsql.db.insert;

import dsql.action.Failure;
import dsql.action.Insert;
import dsql.action.Problem;
import dsql.db.jdbc.DatabaseProblems;
import dsql.db.retry.Retry;
import java.util.Optional;

/// Failures that idempotency keys cause.
final class KeyProblems {

  private KeyProblems() {}

  /// The key belongs to another request.
  static Failure reused() {
    return new Failure(
        Problem.Code.IDEMPOTENCY_KEY_REUSED,
        "This idempotency key belongs to another request. Send that one again, or use a new"
            + " key.");
  }

  /// The key's row has disappeared although this request has written under the key.
  static Failure removed() {
    return new Failure(
        Problem.Code.INTERNAL,
        "The key's row in dsql_ledger was removed while the request ran, so that nothing"
            + " prevents these rows from being written twice. The rows of the committed chunks"
            + " are written: send only the others, under a new key.");
  }

  /// The request failed before the key's ledger row was read, so that an earlier invocation may
  /// have written the rows.
  static Failure beforeKeyWasRead(Exception failure, Insert insert, Retry.Session session) {
    Problem problem;
    try {
      problem = DatabaseProblems.of(failure, Optional.of(insert), session);
    } catch (RuntimeException _) {
      problem =
          Problem.of(
              Problem.Code.INTERNAL, "Internal error; see the function's log for this requestId.");
    }
    return new Failure(problem.beforeKeyWasRead(), failure);
  }
}
