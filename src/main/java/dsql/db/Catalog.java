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
      pg_get_expr(d.adbin, d.adrelid), i.indkey::text \
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

  /// An index a row, the primary key's left out.
  private static final String INDEXES =
      """
      SELECT x.relname, i.indisunique, i.indisvalid, i.indkey::text, \
      i.indpred IS NULL AND i.indexprs IS NULL \
      FROM pg_namespace n \
      JOIN pg_class c ON c.relnamespace = n.oid \
      JOIN pg_index i ON i.indrelid = c.oid \
      JOIN pg_class x ON x.oid = i.indexrelid \
      WHERE n.nspname = ? AND c.relname = ? AND NOT i.indisprimary \
      ORDER BY x.relname\
      """;

  /// A secondary index as it stands.
  ///
  /// @param columns its key, empty where the index is partial or over expressions
  record StandingIndex(String name, boolean unique, boolean valid, List<Identifier> columns) {
    StandingIndex {
      columns = List.copyOf(columns);
    }
  }

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
      }
    }
    if (columns.isEmpty()) {
      shapes.remove(table);
      return Optional.empty();
    }
    TableShape shape = new TableShape(schema, table, columns, names(key, columns.values()));
    shapes.put(table, shape);
    return Optional.of(shape);
  }

  /// The job that builds an index, where the server still knows it.
  ///
  /// @param status `submitted`, `processing`, `completed` or `failed`
  record Job(String id, String status) {}

  /// The last job that was to build an index of the schema.
  Optional<Job> job(Connection connection, Identifier index) throws SQLException {
    String text =
        "SELECT j.job_id, j.status FROM sys.jobs j JOIN pg_class x ON x.oid = j.object_id"
            + " JOIN pg_namespace n ON n.oid = x.relnamespace"
            + " WHERE n.nspname = ? AND x.relname = ? AND j.job_type = 'INDEX_BUILD'"
            + " ORDER BY j.start_time DESC LIMIT 1";
    try (PreparedStatement query = prepare(connection, text, index);
        ResultSet row = query.executeQuery()) {
      return row.next()
          ? Optional.of(new Job(row.getString(1), row.getString(2)))
          : Optional.empty();
    }
  }

  /// The table's secondary indexes and unique constraints.
  List<StandingIndex> indexes(Connection connection, TableShape shape) throws SQLException {
    List<StandingIndex> indexes = new ArrayList<>();
    try (PreparedStatement query = prepare(connection, INDEXES, shape.table());
        ResultSet row = query.executeQuery()) {
      while (row.next()) {
        List<Identifier> columns =
            row.getBoolean(5) ? names(row.getString(4), shape.columns().values()) : List.of();
        indexes.add(
            new StandingIndex(row.getString(1), row.getBoolean(2), row.getBoolean(3), columns));
      }
    }
    return indexes;
  }

  private PreparedStatement prepare(Connection connection, String text, Identifier table)
      throws SQLException {
    PreparedStatement query = connection.prepareStatement(text);
    query.setString(1, schema.name());
    query.setString(2, table.name());
    return query;
  }

  /// The columns an int2vector names, `1 3` for one.
  private static List<Identifier> names(@Nullable String numbers, Collection<ColumnShape> columns) {
    if (numbers == null) {
      return List.of();
    }
    List<Identifier> names = new ArrayList<>();
    for (String number : numbers.split(" ", -1)) {
      for (ColumnShape column : columns) {
        if (number.equals(Integer.toString(column.number()))) {
          names.add(column.name());
        }
      }
    }
    return names;
  }
}
