package dsql.lambda;

import dsql.action.Failure;
import dsql.action.InvalidRequest;
import dsql.action.Problem;
import java.util.List;
import java.util.Optional;

/// What a caller hears of an exception.
final class Problems {

  private Problems() {}

  static Problem of(RuntimeException exception) {
    return switch (exception) {
      case Failure failure -> failure.problem();
      case InvalidRequest invalid ->
          new Problem(
              Problem.Code.INVALID_REQUEST,
              "The request has "
                  + (invalid.faults().size() == 1 ? "a fault" : invalid.faults().size() + " faults")
                  + "; nothing was done. "
                  + invalid.getMessage(),
              Optional.empty(),
              Optional.empty(),
              invalid.faults(),
              List.of());
      default -> Problem.of(Problem.Code.INTERNAL, "The function failed; its log says how.");
    };
  }
}
