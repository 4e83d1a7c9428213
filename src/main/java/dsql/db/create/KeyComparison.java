package dsql.db.create;

import dsql.action.Create;
import dsql.action.Create.ForeignKey;
import dsql.action.Identifier;
import dsql.db.create.ExistingConstraints.StoredKey;
import dsql.db.jdbc.Catalog;
import dsql.sql.TableShape;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// The requested foreign keys, compared with those of the existing table.
///
/// @param differences for people
/// @param missing those that the table lacks and is to get
/// @param unvalidated those that were added, but whose rows were not all found to satisfy them
record KeyComparison(
    List<String> differences, List<ForeignKey> missing, List<ForeignKey> unvalidated) {
  KeyComparison {
    differences = List.copyOf(differences);
    missing = List.copyOf(missing);
    unvalidated = List.copyOf(unvalidated);
  }

  /// @param catalog reads the primary keys of the tables that are referenced without columns
  static KeyComparison of(
      Create create, ExistingConstraints existing, Catalog catalog, Connection connection)
      throws SQLException {
    Identifier schema = catalog.schema();
    List<String> differences = new ArrayList<>();
    List<ForeignKey> missing = new ArrayList<>();
    List<ForeignKey> unvalidated = new ArrayList<>();
    List<StoredKey> others = new ArrayList<>(existing.foreignKeys());
    for (ForeignKey requested : namedFirst(create)) {
      ForeignKey key = resolved(requested, catalog, connection);
      Optional<StoredKey> same =
          others.stream().filter(found -> isSame(key, found, schema)).findFirst();
      if (same.isPresent()) {
        StoredKey found = same.get();
        others.remove(found);
        String described = described(found.key(), key.table().toString()) + ": ";
        if (!found.special().isEmpty()) {
          differences.add(described + found.special());
        } else if (!found.validated() && key.addIfMissing()) {
          unvalidated.add(key);
        } else if (!found.validated()) {
          differences.add(described + ExistingConstraints.NOT_VALIDATED);
        }
      } else if (key.addIfMissing()) {
        missing.add(key);
      } else {
        differences.add(described(key, key.table().toString()) + ": missing");
      }
    }
    for (StoredKey other : others) {
      boolean own = other.schema().equals(schema);
      String table = (own ? "" : other.schema() + ".") + other.key().table();
      differences.add(described(other.key(), table) + TableComparison.NOT_REQUESTED);
    }
    return new KeyComparison(differences, missing, unvalidated);
  }

  /// A key with a name takes the existing one with its name before one without takes any equal one.
  private static List<ForeignKey> namedFirst(Create create) {
    return create.foreignKeys().stream()
        .sorted(Comparator.comparing(key -> key.name().isEmpty()))
        .toList();
  }

  /// The key with the columns that it references: those of the primary key, if it names none.
  private static ForeignKey resolved(ForeignKey key, Catalog catalog, Connection connection)
      throws SQLException {
    return key.references().isEmpty()
        ? key.withReferences(
            catalog.read(connection, key.table()).map(TableShape::primaryKey).orElse(List.of()))
        : key;
  }

  private static boolean isSame(ForeignKey requested, StoredKey existing, Identifier schema) {
    ForeignKey found = existing.key();
    return (requested.name().isEmpty() || requested.name().equals(found.name()))
        && requested.columns().equals(found.columns())
        && existing.schema().equals(schema)
        && requested.table().equals(found.table())
        && requested.references().equals(found.references())
        && requested.onDelete() == found.onDelete()
        && requested.onUpdate() == found.onUpdate();
  }

  private static String described(ForeignKey key, String table) {
    return "foreign key %s%s to %s %s, on delete %s, on update %s"
        .formatted(
            key.name().map(name -> name + " ").orElse(""),
            key.columns(),
            table,
            key.references(),
            key.onDelete().text(),
            key.onUpdate().text());
  }
}
