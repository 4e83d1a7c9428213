package dsql.lambda;

/// The request is at fault, and would fail again if it were sent again unchanged.
public final class RequestRejected extends FunctionError {

  private static final long serialVersionUID = 1L;

  RequestRejected(String problem) {
    super(problem);
  }
}
