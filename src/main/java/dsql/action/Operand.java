package dsql.action;

import java.util.Optional;

/// A value of each row: a column, or a member of the JSON documents in it.
///
/// @param member empty for the column itself
public record Operand(Identifier column, Optional<Member> member) {

  /// The column itself.
  public static Operand of(Identifier column) {
    return new Operand(column, Optional.empty());
  }
}
