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

  /// Reads the rest of a table whose shape and indexes are known.
  static ExistingTable read(
      Connection connection, Create create, TableShape shape, List<ExistingIndex> indexes)
      throws SQLException {
    return new ExistingTable(
        shape,
        indexes,
        ExistingConstraints.read(connection, shape),
        ExistingDefaults.others(connection, create, shape));
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
      keys.add(
          new ForeignKey(
              key.name(), key.columns(), key.table(), references, key.onDelete(), key.onUpdate()));
    }
    return create.withForeignKeys(keys);
  }
}
