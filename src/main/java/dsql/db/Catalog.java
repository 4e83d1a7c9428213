package dsql.db;

import dsql.action.ColumnType;
import dsql.action.Failure;
import dsql.action.Fault;
import dsql.action.Identifier;
import dsql.action.InvalidRequest;
import dsql.action.Problem;
import dsql.db.fault.AmbiguousCommit;
import dsql.db.fault.SqlFailure;
import dsql.db.pool.Lease;
import dsql.sql.TableShape;
import dsql.sql.TableShape.ColumnShape;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// What the tables of one schema look like: read once, kept until it proves stale. Safe for
/// concurrent use.
final class Catalog {

  /// A column a row, with the primary key's column numbers in each. A domain counts as its base
  /// type. The catalogs are those that DSQL documents as usable.
  private static final String COLUMNS =
      """
      SELECT a.attnum, a.attname, a.attnotnull, a.attidentity <> '', \
      format_type(CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE a.atttypid END, \
      CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END), \
      pg_get_expr(d.adbin, d.adrelid), i.indkey::text, i.indnkeyatts \
      FROM pg_namespace n \
      JOIN pg_class c ON c.relnamespace = n.oid \
      JOIN pg_attribute a ON a.attrelid = c.oid \
      JOIN pg_type t ON t.oid = a.atttypid \
      LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
      LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary \
      WHERE n.nspname = ? AND c.relname = ? AND c.relkind IN ('r', 'v', 'p') \
      AND a.attnum > 0 AND NOT a.attisdropped \
      ORDER BY a.attnum\
      """;

  private final Identifier schema;
  private final Map<Identifier, TableShape> shapes = new ConcurrentHashMap<>();

  Catalog(Identifier schema) {
    this.schema = schema;
  }

  /// What is done with a table's shape.
  @FunctionalInterface
  interface OnShape<R> {
    R run(TableShape shape) throws SQLException, AmbiguousCommit;
  }

  /// Runs with the table's shape as it is known, and once more with a fresh one where the known one
  /// proved stale: a statement that met a missing table or column has changed nothing.
  ///
  /// @throws Failure when there is no such table
  <R> R with(Lease lease, Identifier table, OnShape<R> action)
      throws SQLException, AmbiguousCommit {
    @Nullable TableShape known = shapes.get(table);
    if (known != null) {
      try {
        return action.run(known);
      } catch (InvalidRequest e) {
        if (e.faults().stream().noneMatch(f -> f.code() == Fault.Code.UNKNOWN_COLUMN)) {
          throw e;
        }
      } catch (SQLException e) {
        SqlFailure failure = SqlFailure.of(e);
        if (SqlFailure.isSchemaConflict(e) || failure == SqlFailure.STALE_STATEMENT) {
          // Some table changed, and the server does not say which.
          shapes.clear();
        }
        if (failure != SqlFailure.COLUMN_NOT_FOUND && failure != SqlFailure.TABLE_NOT_FOUND) {
          throw e;
        }
        lease.reset();
      }
    }
    Optional<TableShape> shape = read(lease.timed(), table);
    if (shape.isEmpty()) {
      throw new Failure(
          Problem.of(
              Problem.Code.TABLE_NOT_FOUND,
              "There is no table " + table + " in the function's schema."));
    }
    return action.run(shape.get());
  }

  /// Reads the shape anew; empty when there is no such table.
  Optional<TableShape> read(Connection connection, Identifier table) throws SQLException {
    Map<String, ColumnShape> columns = new LinkedHashMap<>();
    String key = null;
    int keyColumns = 0;
    try (PreparedStatement query = prepare(connection, COLUMNS, table);
        ResultSet row = query.executeQuery()) {
      while (row.next()) {
        Identifier name = new Identifier(row.getString(2));
        columns.put(
            name.name(),
            new ColumnShape(
                row.getInt(1),
                name,
                ColumnType.ofCatalog(row.getString(5)),
                !row.getBoolean(3),
                Optional.ofNullable(row.getString(6)),
                row.getBoolean(4)));
        key = row.getString(7);
        keyColumns = row.getInt(8);
      }
    }
    if (columns.isEmpty()) {
      shapes.remove(table);
      return Optional.empty();
    }
    List<Identifier> primaryKey = names(key, keyColumns, columns.values());
    TableShape shape = new TableShape(schema, table, columns, primaryKey);
    shapes.put(table, shape);
    return Optional.of(shape);
  }

  /// Forgets a table's shape, after a change of the table.
  void forget(Identifier table) {
    shapes.remove(table);
  }

  private PreparedStatement prepare(Connection connection, String text, Identifier table)
      throws SQLException {
    PreparedStatement query = connection.prepareStatement(text);
    query.setString(1, schema.name());
    query.setString(2, table.name());
    return query;
  }

  /// The columns that an int2vector names, `1 3` for one.
  ///
  /// @param count how many of them count: an index that includes columns lists those after its key,
  ///   and on DSQL a primary key's index includes all that are not of the key
  static List<Identifier> names(
      @Nullable String numbers, int count, Collection<ColumnShape> columns) {
    if (numbers == null) {
      return List.of();
    }
    String[] listed = numbers.split(" ", -1);
    List<Identifier> names = new ArrayList<>();
    for (int i = 0; i < Math.min(count, listed.length); i++) {
      for (ColumnShape column : columns) {
        if (listed[i].equals(Integer.toString(column.number()))) {
          names.add(column.name());
        }
      }
    }
    return names;
  }
}
