package dsql.action;

/// One fault of a request. Long texts that it repeats from the request are cut.
///
/// @param pointer the place, as an RFC 6901 pointer into the action object
/// @param code the kind of fault, from a closed list, for programs
/// @param detail the fault and its remedy, for people
public record Fault(String pointer, Code code, String detail) {

  /// Limit on a pointer's bytes, so that a huge member name cannot fill the reply; pointers to
  /// columns need far fewer.
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
