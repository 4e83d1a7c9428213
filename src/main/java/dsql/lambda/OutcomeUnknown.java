package dsql.lambda;

/// Whether the rows were written cannot be told; look before sending them again.
public final class OutcomeUnknown extends FunctionError {

  private static final long serialVersionUID = 1L;

  OutcomeUnknown(String problem) {
    super(problem);
  }
}
