package dsql.sql;

/// A value that does not fit its column. The message says what would fit.
final class InvalidValue extends Exception {

  private static final long serialVersionUID = 1L;

  InvalidValue(String message) {
    // Without a stack trace, which nobody reads: it is caught at once and becomes a fault of the
    // request.
    super(message, null, false, false);
  }

  String detail() {
    return String.valueOf(getMessage());
  }
}
