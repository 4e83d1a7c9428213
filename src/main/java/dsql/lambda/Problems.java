package dsql.lambda;

import dsql.action.Failure;
import dsql.action.InvalidRequest;
import dsql.action.Problem;

/// What a caller hears of an exception.
final class Problems {

  private Problems() {}

  static Problem of(Throwable exception) {
    return switch (exception) {
      case Failure failure -> failure.problem();
      case InvalidRequest invalid -> invalid.problem();
      default -> Problem.of(Problem.Code.INTERNAL, "The function failed; its log says how.");
    };
  }
}
