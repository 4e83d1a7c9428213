package dsql.lambda;

/// The transaction kept conflicting with others; nothing was written, and the request may be sent
/// again.
public final class Conflict extends FunctionError {

  private static final long serialVersionUID = 1L;

  Conflict(String problem) {
    super(problem);
  }
}
