package dsql.db.create;

import dsql.action.Create.ForeignKey;
import dsql.action.Identifier;
import dsql.sql.ExpressionText;
import dsql.sql.TableShape;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The foreign keys and checks of an existing table, what is special about its constraints, and its
/// comment.
///
/// @param checks the conditions by name, as [ExpressionText] writes them
/// @param special what no request can ask for, for people, by the name of a check or key
record ExistingConstraints(
    List<StoredKey> foreignKeys,
    Map<Identifier, String> checks,
    Map<Identifier, String> special,
    Optional<String> comment) {

  static final String NOT_VALIDATED = "is not validated, so that existing rows may violate it";

  /// Returns one row per constraint, and one per column of each foreign key.
  private static final String CONSTRAINTS =
      """
      SELECT k.conname, k.contype::text, pg_get_expr(k.conbin, k.conrelid), k.convalidated, \
      k.condeferrable, FALSE, FALSE, NULL, NULL, NULL, NULL, NULL, NULL, 0 AS place \
      FROM pg_namespace n \
      JOIN pg_class c ON c.relnamespace = n.oid \
      JOIN pg_constraint k ON k.conrelid = c.oid \
      WHERE n.nspname = ? AND c.relname = ? AND k.contype IN ('c', 'p', 'u') \
      UNION ALL SELECT k.conname, k.contype::text, NULL, k.convalidated, k.condeferrable, \
      k.confmatchtype = 'f', k.confdelsetcols IS NOT NULL, own.attname, o.nspname, f.relname, \
      other.attname, k.confdeltype::text, k.confupdtype::text, u.place \
      FROM pg_namespace n \
      JOIN pg_class c ON c.relnamespace = n.oid \
      JOIN pg_constraint k ON k.conrelid = c.oid \
      JOIN pg_class f ON f.oid = k.confrelid \
      JOIN pg_namespace o ON o.oid = f.relnamespace \
      CROSS JOIN LATERAL unnest(k.conkey, k.confkey) WITH ORDINALITY AS u(own, other, place) \
      JOIN pg_attribute own ON own.attrelid = k.conrelid AND own.attnum = u.own \
      JOIN pg_attribute other ON other.attrelid = k.confrelid AND other.attnum = u.other \
      WHERE n.nspname = ? AND c.relname = ? AND k.contype = 'f' \
      ORDER BY 1, 14\
      """;

  private static final String COMMENT =
      """
      SELECT d.description \
      FROM pg_namespace n \
      JOIN pg_class c ON c.relnamespace = n.oid \
      JOIN pg_description d ON d.objoid = c.oid AND d.objsubid = 0 \
      WHERE n.nspname = ? AND c.relname = ? AND d.classoid = 'pg_class'::regclass\
      """;

  /// A foreign key that exists.
  ///
  /// @param schema that of the referenced table
  /// @param validated whether all rows are known to satisfy it
  /// @param special what no request can ask for, for people
  record StoredKey(ForeignKey key, Identifier schema, boolean validated, String special) {}

  ExistingConstraints {
    foreignKeys = List.copyOf(foreignKeys);
    checks = Map.copyOf(checks);
    special = Map.copyOf(special);
  }

  static ExistingConstraints read(Connection connection, TableShape shape) throws SQLException {
    List<StoredKey> foreignKeys = new ArrayList<>();
    Map<Identifier, String> checks = new LinkedHashMap<>();
    Map<Identifier, String> special = new LinkedHashMap<>();
    try (PreparedStatement query =
        Relations.prepare(connection, CONSTRAINTS, shape.schema(), shape.table())) {
      query.setString(3, shape.schema().name());
      query.setString(4, shape.table().name());
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          Identifier name = new Identifier(row.getString(1));
          switch (row.getString(2)) {
            case "c" -> {
              checks.put(name, ExpressionText.of(row.getString(3), shape));
              if (!row.getBoolean(4)) {
                special.put(name, NOT_VALIDATED);
              }
            }
            case "f" -> add(name, row, foreignKeys);
            // The rest of a primary key or a unique constraint is compared as an index.
            default -> special.put(name, special(row));
          }
        }
      }
    }
    return new ExistingConstraints(foreignKeys, checks, special, comment(connection, shape));
  }

  /// What makes a key another one than a request can ask for, although its columns and actions are
  /// the same; empty for nothing.
  private static String special(ResultSet row) throws SQLException {
    List<String> found = new ArrayList<>();
    if (row.getBoolean(5)) {
      found.add("is deferrable");
    }
    if (row.getBoolean(6)) {
      found.add("is MATCH FULL");
    }
    if (row.getBoolean(7)) {
      found.add("sets only some of its columns on delete");
    }
    return String.join("; ", found);
  }

  /// Adds a column to the last foreign key, or begins another one.
  private static void add(Identifier name, ResultSet row, List<StoredKey> keys)
      throws SQLException {
    List<Identifier> columns = new ArrayList<>();
    List<Identifier> references = new ArrayList<>();
    if (!keys.isEmpty() && keys.getLast().key().name().equals(Optional.of(name))) {
      ForeignKey begun = keys.removeLast().key();
      columns.addAll(begun.columns());
      references.addAll(begun.references());
    }
    columns.add(new Identifier(row.getString(8)));
    references.add(new Identifier(row.getString(11)));
    ForeignKey key =
        new ForeignKey(
            Optional.of(name),
            columns,
            new Identifier(row.getString(10)),
            references,
            action(row.getString(12)),
            action(row.getString(13)),
            false);
    keys.add(new StoredKey(key, new Identifier(row.getString(9)), row.getBoolean(4), special(row)));
  }

  private static ForeignKey.Action action(String code) throws SQLException {
    for (ForeignKey.Action action : ForeignKey.Action.values()) {
      if (action.code().equals(code)) {
        return action;
      }
    }
    throw new SQLException("A foreign key has the unknown action " + code + '.');
  }

  private static Optional<String> comment(Connection connection, TableShape shape)
      throws SQLException {
    try (PreparedStatement query =
            Relations.prepare(connection, COMMENT, shape.schema(), shape.table());
        ResultSet row = query.executeQuery()) {
      return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
    }
  }
}
