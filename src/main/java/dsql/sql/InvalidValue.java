package dsql.sql;

/// A value does not fit its column. The message says what would.
final class InvalidValue extends Exception {

  private static final long serialVersionUID = 1L;

  InvalidValue(String message) {
    // Thrown and caught once per fault of a request, at most 20 times: the trace is of no use.
    super(message, null, false, false);
  }

  String detail() {
    return String.valueOf(getMessage());
  }
}
