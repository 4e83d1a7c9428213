package dsql.lambda;

/// It is not known whether the rows were written; check before sending them again.
public final class OutcomeUnknown extends FunctionError {

  private static final long serialVersionUID = 1L;

  OutcomeUnknown(String problem) {
    super(problem);
  }
}
