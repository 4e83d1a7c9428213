package dsql.db.create;

import dsql.action.Create;
import dsql.action.Create.ForeignKey;
import dsql.action.Identifier;
import dsql.db.jdbc.Catalog;
import dsql.sql.TableShape;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
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

  /// The request with the columns that each foreign key references: those of the primary key, if it
  /// names none.
  static Create resolved(Create create, Catalog catalog, Connection connection)
      throws SQLException {
    List<ForeignKey> keys = new ArrayList<>();
    for (ForeignKey key : create.foreignKeys()) {
      List<Identifier> references = key.references();
      if (references.isEmpty()) {
        references =
            catalog.read(connection, key.table()).map(TableShape::primaryKey).orElse(List.of());
      }
      keys.add(key.withReferences(references));
    }
    return create.withForeignKeys(keys);
  }
}
