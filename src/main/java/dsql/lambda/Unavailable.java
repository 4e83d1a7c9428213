package dsql.lambda;

/// The database or the time did not allow it; nothing was written.
public final class Unavailable extends FunctionError {

  private static final long serialVersionUID = 1L;

  Unavailable(String problem) {
    super(problem);
  }
}
