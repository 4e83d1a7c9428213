package dsql.lambda;

/// The database was not available or the time ran out; nothing was written.
public final class Unavailable extends FunctionError {

  private static final long serialVersionUID = 1L;

  Unavailable(String problem) {
    super(problem);
  }
}
