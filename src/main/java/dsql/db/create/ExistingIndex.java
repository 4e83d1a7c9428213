package dsql.db.create;

import dsql.action.Create.Index;
import dsql.action.Identifier;
import java.util.List;
import java.util.Optional;

/// An index of an existing table.
///
/// @param columns the columns of its key; empty if it is partial or a part of its key is an
///   expression
/// @param parts the parts of its key, as [dsql.sql.ExpressionText] writes them
/// @param included the columns that it stores besides its key
/// @param where the condition of a partial index, as [dsql.sql.ExpressionText] writes it
/// @param constraint `p` or `u` if it belongs to the primary key or a unique constraint
record ExistingIndex(
    String name,
    boolean unique,
    boolean valid,
    List<Identifier> columns,
    List<String> parts,
    List<Identifier> included,
    Optional<String> where,
    boolean nullsNotDistinct,
    Optional<String> constraint) {
  ExistingIndex {
    columns = List.copyOf(columns);
    parts = List.copyOf(parts);
    included = List.copyOf(included);
  }

  boolean primary() {
    return constraint.equals(Optional.of("p"));
  }

  /// Whether it is the index that was requested, or one that differs from it only in its form.
  boolean isNamed(Index requested) {
    return constraint.isEmpty() && requested.name().name().equals(name);
  }

  static Optional<ExistingIndex> named(List<ExistingIndex> indexes, Identifier name) {
    return indexes.stream().filter(index -> index.name.equals(name.name())).findFirst();
  }
}
