package dsql.lambda;

/// Transactions kept getting in each other's way; nothing was written, and the request may be sent
/// again.
public final class Conflict extends FunctionError {

  private static final long serialVersionUID = 1L;

  Conflict(String problem) {
    super(problem);
  }
}
