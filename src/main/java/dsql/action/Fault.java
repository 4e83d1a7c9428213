package dsql.action;

/// One thing wrong with a request.
///
/// @param pointer where, as an RFC 6901 pointer into the action object
/// @param code what, from a closed list, for programs
/// @param detail what, and the remedy, for people
public record Fault(String pointer, Code code, String detail) {

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
