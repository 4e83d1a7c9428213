package dsql.db.create;

import dsql.action.Identifier;
import dsql.sql.TableShape;
import java.util.List;
import java.util.Map;

/// A table that exists, with all that a request for it is compared with.
///
/// @param indexes its indexes, including those of its constraints
/// @param otherColumns how columns differ from the requested ones beyond their shape, for people
record ExistingTable(
    TableShape shape,
    List<ExistingIndex> indexes,
    ExistingConstraints constraints,
    Map<Identifier, String> otherColumns) {
  ExistingTable {
    indexes = List.copyOf(indexes);
    otherColumns = Map.copyOf(otherColumns);
  }
}
