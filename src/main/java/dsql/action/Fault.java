package dsql.action;

/// One thing wrong with a request. What it repeats of the request is cut.
///
/// @param pointer where, as an RFC 6901 pointer into the action object
/// @param code what, from a closed list, for programs
/// @param detail what, and the remedy, for people
public record Fault(String pointer, Code code, String detail) {

  /// Bytes of a pointer at most, far above what the names of columns need.
  static final int POINTER_BYTES = 1_000;

  private static final int DETAIL_BYTES = 1_000;

  public Fault {
    pointer = Excerpt.of(pointer, POINTER_BYTES);
    detail = Excerpt.of(detail, DETAIL_BYTES);
  }

  /// What can be wrong with a field.
  public enum Code {
    MISSING,
    UNKNOWN_FIELD,
    DUPLICATE_KEY,
    WRONG_TYPE,
    INVALID_VALUE,
    UNKNOWN_COLUMN
  }
}
