package dsql.db.create;

import dsql.action.Column;
import dsql.action.ColumnType;
import dsql.action.Create;
import dsql.action.Identifier;
import dsql.sql.DefaultSql;
import dsql.sql.DefaultSql.Literal;
import dsql.sql.TableShape;
import dsql.sql.TableShape.ColumnShape;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Compares the defaults of an existing table with the requested ones.
final class ExistingDefaults {

  private ExistingDefaults() {}

  /// Two literals of a column; the server decides whether they are the same value.
  private record Pair(Identifier column, ColumnType type, Literal requested, Literal existing) {

    /// A json cannot be compared, so it is compared as a jsonb.
    private String sql() {
      String cast = "?::" + (type.base() == ColumnType.Base.JSON ? "jsonb" : type.sql());
      return cast + " IS NOT DISTINCT FROM " + cast;
    }
  }

  /// The columns whose default is not the requested one.
  static Set<Identifier> others(Connection connection, Create create, TableShape shape)
      throws SQLException {
    Set<Identifier> others = new HashSet<>();
    List<Pair> pairs = new ArrayList<>();
    for (Column column : create.columns()) {
      Optional<ColumnShape> existing = shape.column(column.name());
      // A column of another type is a difference already.
      if (existing.isEmpty() || !TableComparison.sameType(column.type(), existing.get().type())) {
        continue;
      }
      DefaultSql requested = DefaultSql.requested(column);
      DefaultSql found = DefaultSql.existing(existing.get().defaultValue());
      if (requested instanceof Literal wanted && found instanceof Literal literal) {
        pairs.add(new Pair(column.name(), column.type(), wanted, literal));
      } else if (!requested.equals(found)) {
        others.add(column.name());
      }
    }
    if (!pairs.isEmpty()) {
      compare(connection, pairs, others);
    }
    return others;
  }

  private static void compare(Connection connection, List<Pair> pairs, Set<Identifier> others)
      throws SQLException {
    String text = pairs.stream().map(Pair::sql).collect(Collectors.joining(", ", "SELECT ", ""));
    try (PreparedStatement query = connection.prepareStatement(text)) {
      for (int i = 0; i < pairs.size(); i++) {
        query.setObject(2 * i + 1, pairs.get(i).requested().text(), Types.OTHER);
        query.setObject(2 * i + 2, pairs.get(i).existing().text(), Types.OTHER);
      }
      try (ResultSet row = query.executeQuery()) {
        row.next();
        for (int i = 0; i < pairs.size(); i++) {
          if (!row.getBoolean(i + 1)) {
            others.add(pairs.get(i).column());
          }
        }
      }
    }
  }
}
