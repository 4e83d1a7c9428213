package dsql.db.create;

import dsql.action.Column;
import dsql.action.ColumnType;
import dsql.action.Create;
import dsql.action.Identifier;
import dsql.db.pool.Lease;
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
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Compares what a table's shape does not say of its columns with what is requested: the value of a
/// default, how a column is generated, and the cache of an identity.
final class ExistingColumns {

  private ExistingColumns() {}

  /// Two literals of a column; the server decides whether they are the same value.
  private record Pair(Identifier column, ColumnType type, Literal requested, Literal existing) {

    /// A json cannot be compared, so it is compared as a jsonb.
    private String sql() {
      String cast = "?::" + (type.base() == ColumnType.Base.JSON ? "jsonb" : type.sql());
      return cast + " IS NOT DISTINCT FROM " + cast;
    }
  }

  /// The columns that are generated otherwise than a request can ask for.
  private static final String GENERATED =
      """
      SELECT a.attname, a.attidentity = 'a' \
      FROM pg_namespace n \
      JOIN pg_class c ON c.relnamespace = n.oid \
      JOIN pg_attribute a ON a.attrelid = c.oid \
      WHERE n.nspname = ? AND c.relname = ? AND a.attnum > 0 AND NOT a.attisdropped \
      AND (a.attidentity = 'a' OR a.attgenerated = 's')\
      """;

  private static final String CACHES =
      """
      SELECT a.attname, s.seqcache \
      FROM pg_namespace n \
      JOIN pg_class c ON c.relnamespace = n.oid \
      JOIN pg_attribute a ON a.attrelid = c.oid \
      JOIN pg_depend d ON d.refobjid = c.oid AND d.refobjsubid = a.attnum AND d.deptype = 'i' \
      JOIN pg_sequence s ON s.seqrelid = d.objid \
      WHERE n.nspname = ? AND c.relname = ?\
      """;

  /// How each column differs from the requested one, for people.
  static Map<Identifier, String> differences(Lease lease, Create create, TableShape shape)
      throws SQLException {
    Map<Identifier, String> differences = new LinkedHashMap<>();
    for (Identifier column : otherDefaults(lease.timed(), create, shape)) {
      differences.put(column, "has another default");
    }
    try (PreparedStatement query =
            Relations.prepare(lease.timed(), GENERATED, shape.schema(), shape.table());
        ResultSet row = query.executeQuery()) {
      while (row.next()) {
        differences.put(
            new Identifier(row.getString(1)),
            row.getBoolean(2)
                ? "its identity is always generated, so that no value can be inserted"
                : "is generated from other columns");
      }
    }
    if (create.columns().stream().anyMatch(column -> column.identityCache().isPresent())) {
      compareCaches(lease, create, shape, differences);
    }
    return differences;
  }

  /// Compares the caches of identities. The catalog of sequences is documented as unusable but
  /// answers on clusters; where it does not, the caches are not compared.
  private static void compareCaches(
      Lease lease, Create create, TableShape shape, Map<Identifier, String> differences)
      throws SQLException {
    Map<Identifier, Long> caches = new HashMap<>();
    try (PreparedStatement query =
            Relations.prepare(lease.timed(), CACHES, shape.schema(), shape.table());
        ResultSet row = query.executeQuery()) {
      while (row.next()) {
        caches.put(new Identifier(row.getString(1)), row.getLong(2));
      }
    } catch (SQLException e) {
      if (!Relations.isHidden(e)) {
        throw e;
      }
      lease.reset();
    }
    for (Column column : create.columns()) {
      Long cache = caches.get(column.name());
      if (cache != null
          && column.identityCache().isPresent()
          && column.identityCache().getAsInt() != cache) {
        differences.put(
            column.name(),
            "requested an identity with the cache %d, found %d"
                .formatted(column.identityCache().getAsInt(), cache));
      }
    }
  }

  /// The columns whose default is not the requested one.
  private static Set<Identifier> otherDefaults(
      Connection connection, Create create, TableShape shape) throws SQLException {
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
      } else if (!(requested instanceof DefaultSql.None)
          && !(found instanceof DefaultSql.None)
          && !requested.equals(found)) {
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
