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

/// The foreign keys and checks of an existing table, and its comment.
///
/// @param foreignKeys each with its name
/// @param checks the conditions by name, as [ExpressionText] writes them
record ExistingConstraints(
    List<ForeignKey> foreignKeys, Map<Identifier, String> checks, Optional<String> comment) {

  /// Returns one row per check, and one per column of each foreign key.
  private static final String CONSTRAINTS =
      """
      SELECT k.conname, k.contype::text, pg_get_expr(k.conbin, k.conrelid), NULL, NULL, NULL, NULL, \
      NULL, 0 AS place \
      FROM pg_namespace n \
      JOIN pg_class c ON c.relnamespace = n.oid \
      JOIN pg_constraint k ON k.conrelid = c.oid \
      WHERE n.nspname = ? AND c.relname = ? AND k.contype = 'c' \
      UNION ALL SELECT k.conname, k.contype::text, NULL, own.attname, \
      CASE WHEN f.relnamespace = n.oid THEN f.relname ELSE o.nspname || '.' || f.relname END, \
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
      ORDER BY 1, 9\
      """;

  private static final String COMMENT =
      """
      SELECT d.description \
      FROM pg_namespace n \
      JOIN pg_class c ON c.relnamespace = n.oid \
      JOIN pg_description d ON d.objoid = c.oid AND d.objsubid = 0 \
      WHERE n.nspname = ? AND c.relname = ? AND d.classoid = 'pg_class'::regclass\
      """;

  ExistingConstraints {
    foreignKeys = List.copyOf(foreignKeys);
    checks = Map.copyOf(checks);
  }

  static ExistingConstraints read(Connection connection, TableShape shape) throws SQLException {
    List<ForeignKey> foreignKeys = new ArrayList<>();
    Map<Identifier, String> checks = new LinkedHashMap<>();
    try (PreparedStatement query = connection.prepareStatement(CONSTRAINTS)) {
      for (int i = 1; i <= 3; i += 2) {
        query.setString(i, shape.schema().name());
        query.setString(i + 1, shape.table().name());
      }
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          Identifier name = new Identifier(row.getString(1));
          if (row.getString(2).equals("c")) {
            checks.put(name, ExpressionText.of(row.getString(3), shape));
          } else {
            add(name, row, foreignKeys);
          }
        }
      }
    }
    return new ExistingConstraints(foreignKeys, checks, comment(connection, shape));
  }

  /// Adds a column to the last foreign key, or begins another one.
  private static void add(Identifier name, ResultSet row, List<ForeignKey> keys)
      throws SQLException {
    List<Identifier> columns = new ArrayList<>();
    List<Identifier> references = new ArrayList<>();
    if (!keys.isEmpty() && keys.getLast().name().equals(Optional.of(name))) {
      ForeignKey begun = keys.removeLast();
      columns.addAll(begun.columns());
      references.addAll(begun.references());
    }
    columns.add(new Identifier(row.getString(4)));
    references.add(new Identifier(row.getString(6)));
    keys.add(
        new ForeignKey(
            Optional.of(name),
            columns,
            new Identifier(row.getString(5)),
            references,
            action(row.getString(7)),
            action(row.getString(8))));
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
    try (PreparedStatement query = connection.prepareStatement(COMMENT)) {
      query.setString(1, shape.schema().name());
      query.setString(2, shape.table().name());
      try (ResultSet row = query.executeQuery()) {
        return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
      }
    }
  }
}
