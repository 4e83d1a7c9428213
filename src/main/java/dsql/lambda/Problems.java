package dsql.lambda;

import dsql.action.Create;
import dsql.action.Failure;
import dsql.action.Insert;
import dsql.action.InvalidRequest;
import dsql.action.Problem;
import dsql.action.Query;
import dsql.action.Request;

/// The problems that callers get for exceptions.
final class Problems {

  private static final Problem INTERNAL =
      Problem.of(
          Problem.Code.INTERNAL, "Internal error; see the function's log for this requestId.");

  private static final String DONE =
      "The request was carried out, but the reply could not be made; see the function's log for this"
          + " requestId.";

  private static final String UNDER_WAY =
      "The function failed while it ran the request; see its log for this requestId.";

  private Problems() {}

  static Problem of(Throwable exception) {
    return switch (exception) {
      case Failure failure -> failure.problem();
      case InvalidRequest invalid -> invalid.problem();
      default -> INTERNAL;
    };
  }

  /// The problem when the function itself failed after it had begun a request. It says that nothing
  /// was written only if that is certain.
  ///
  /// @param done whether the request was carried out, so that only the reply is missing
  static Problem ofWork(Throwable failure, Request request, boolean done) {
    return switch (request) {
      case Query _ -> INTERNAL;
      // A single transaction whose commit has an unknown outcome never comes here.
      case Insert insert when insert.key().isEmpty() -> done ? unknown(DONE, false) : INTERNAL;
      // Some of several transactions may be committed, and an earlier invocation may have written
      // rows under the same key.
      case Insert _, Create _ ->
          done
              ? unknown(DONE, true)
              : failure instanceof Error ? unknown(UNDER_WAY, true) : INTERNAL;
    };
  }

  private static Problem unknown(String detail, boolean repeatable) {
    Problem unknown =
        Problem.of(
            Problem.Code.OUTCOME_UNKNOWN,
            repeatable
                ? detail + " Send the same request again; nothing is done twice."
                : detail + " Check whether the rows exist before you send them again.");
    return repeatable ? unknown.repeatable() : unknown;
  }
}
