package dsql.action;

import java.util.List;

/// A member of the JSON documents in a column.
///
/// @param path the decoded tokens of a JSON pointer: names of members, and numbers of array
///   elements; empty for the whole document
/// @param type the type that the member's text is read as
public record Member(List<String> path, MemberType type) {

  /// Limit on the tokens of a path, which is the limit on the nesting of a document.
  public static final int MAX_PATH = 64;

  /// Limit on the characters of a pointer, which bounds the statement's text.
  public static final int MAX_POINTER = 1_000;

  public Member {
    path = List.copyOf(path);
  }
}
