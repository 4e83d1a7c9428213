package dsql.action;

/// Ends an invocation with a problem. The cause is logged and never reaches the caller.
public final class Failure extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient Problem problem;

  public Failure(Problem.Code code, String detail) {
    this(Problem.of(code, detail));
  }

  public Failure(Problem.Code code, String detail, Throwable cause) {
    this(Problem.of(code, detail), cause);
  }

  public Failure(Problem problem) {
    super(problem.code() + ": " + problem.detail());
    this.problem = problem;
  }

  public Failure(Problem problem, Throwable cause) {
    super(problem.code() + ": " + problem.detail(), cause);
    this.problem = problem;
  }

  public Problem problem() {
    return problem;
  }
}
