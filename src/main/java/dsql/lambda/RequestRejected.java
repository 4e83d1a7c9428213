package dsql.lambda;

/// The request is at fault; sent again unchanged it fails again.
public final class RequestRejected extends FunctionError {

  private static final long serialVersionUID = 1L;

  RequestRejected(String problem) {
    super(problem);
  }
}
