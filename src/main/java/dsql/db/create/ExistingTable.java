package dsql.db.create;

import dsql.action.Identifier;
import dsql.sql.TableShape;
import java.util.List;
import java.util.Set;

/// A table that exists, with all that a request for it is compared with.
///
/// @param indexes its indexes, including those of its constraints
/// @param otherDefaults the columns whose default is not the requested one
record ExistingTable(
    TableShape shape,
    List<ExistingIndex> indexes,
    ExistingConstraints constraints,
    Set<Identifier> otherDefaults) {
  ExistingTable {
    indexes = List.copyOf(indexes);
    otherDefaults = Set.copyOf(otherDefaults);
  }
}
