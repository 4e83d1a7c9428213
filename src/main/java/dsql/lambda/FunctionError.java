package dsql.lambda;

import dsql.action.Problem;

/// Thrown to make an invocation fail. Lambda reports the class as `errorType`, and the message,
/// which is the problem object as JSON text, as `errorMessage`. It has no cause and no stack trace,
/// because the runtime would send them to the caller.
public abstract sealed class FunctionError extends RuntimeException
    permits RequestRejected, Conflict, Unavailable, OutcomeUnknown {

  private static final long serialVersionUID = 1L;

  FunctionError(String problem) {
    super(problem, null, false, false);
  }

  /// The error for a problem of a category.
  static FunctionError of(Problem.Category category, String problem) {
    return switch (category) {
      case REJECTED -> new RequestRejected(problem);
      case CONFLICT -> new Conflict(problem);
      case UNAVAILABLE -> new Unavailable(problem);
      case OUTCOME_UNKNOWN -> new OutcomeUnknown(problem);
    };
  }
}
