package dsql.lambda;

import dsql.action.Failure;
import dsql.action.Insert;
import dsql.action.InvalidRequest;
import dsql.action.Problem;
import dsql.action.Query;
import dsql.action.Request;

/// What a caller hears of an exception.
final class Problems {

  private static final Problem INTERNAL =
      Problem.of(Problem.Code.INTERNAL, "The function failed; its log says how.");

  private Problems() {}

  static Problem of(Throwable exception) {
    return switch (exception) {
      case Failure failure -> failure.problem();
      case InvalidRequest invalid -> invalid.problem();
      default -> INTERNAL;
    };
  }

  /// What a caller hears where the function itself failed at a request that it had begun: never
  /// that nothing was written, unless that is certain.
  ///
  /// @param done whether the request was carried out, so that only the reply is missing
  static Problem ofWork(Throwable failure, Request request, boolean done) {
    if (request instanceof Query) {
      return INTERNAL;
    }
    boolean repeatable = !(request instanceof Insert insert) || insert.key().isPresent();
    if (done) {
      return unknown(
          "The request was carried out, but the function failed to make its reply; its log says"
              + " how.",
          repeatable);
    }
    // Of several transactions some may be through, and under a key an earlier invocation may have
    // written. Of a single one, a commit whose outcome is not known is told as such before it comes
    // here.
    boolean single = request instanceof Insert insert && insert.key().isEmpty();
    return single || !(failure instanceof Error)
        ? INTERNAL
        : unknown("The function failed under way; its log says how.", true);
  }

  private static Problem unknown(String detail, boolean repeatable) {
    Problem unknown =
        Problem.of(
            Problem.Code.OUTCOME_UNKNOWN,
            repeatable
                ? detail + " Send the same request again: it does nothing twice."
                : detail + " Look whether the rows are in before you send them again.");
    return repeatable ? unknown.repeatable() : unknown;
  }
}
