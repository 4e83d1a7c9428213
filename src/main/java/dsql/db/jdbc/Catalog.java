package dsql.db.jdbc;

import dsql.action.ColumnType;
import dsql.action.Failure;
import dsql.action.Identifier;
import dsql.action.InvalidRequest;
import dsql.action.Problem;
import dsql.db.fault.AmbiguousCommit;
import dsql.db.fault.SqlFailure;
import dsql.db.pool.Lease;
import dsql.sql.ShapeProof;
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

/// The shapes of one schema's tables. A shape is read once and kept; each statement made from it
/// proves in its own snapshot that the table still has it, see [ShapeProof]. Safe for concurrent
/// use.
public final class Catalog {

  /// Returns one row per column of a table or of all tables, each with the primary key's column
  /// numbers. A domain is resolved to its base type through up to three domains; a deeper one is an
  /// unknown type, which can be read but not written. All catalogs used are documented as usable in
  /// DSQL.
  private static final String COLUMNS =
      """
      SELECT a.attnum, a.attname, a.attnotnull, a.attidentity <> '', \
      format_type(CASE 'd' WHEN t3.typtype THEN t3.typbasetype WHEN t2.typtype THEN t2.typbasetype \
      WHEN t.typtype THEN t.typbasetype ELSE a.atttypid END, \
      CASE 'd' WHEN t3.typtype THEN t3.typtypmod WHEN t2.typtype THEN t2.typtypmod \
      WHEN t.typtype THEN t.typtypmod ELSE a.atttypmod END), \
      pg_get_expr(d.adbin, d.adrelid), i.indkey::text, i.indnkeyatts, c.relkind = 'v', \
      """
          + ShapeProof.COLUMN
          + ", "
          + ShapeProof.KEY
          + """
          , c.relname \
          FROM pg_namespace n \
          JOIN pg_class c ON c.relnamespace = n.oid \
          JOIN pg_attribute a ON a.attrelid = c.oid \
          JOIN pg_type t ON t.oid = a.atttypid \
          LEFT JOIN pg_type t2 ON t.typtype = 'd' AND t2.oid = t.typbasetype \
          LEFT JOIN pg_type t3 ON t2.typtype = 'd' AND t3.oid = t2.typbasetype \
          LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
          LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary \
          WHERE n.nspname = ? AND c.relkind IN ('r', 'v', 'p') \
          AND a.attnum > 0 AND NOT a.attisdropped\
          """;

  private static final String OF_TABLE = COLUMNS + " AND c.relname = ? ORDER BY a.attnum";

  /// Limit on the columns that are read at once, so that a huge schema takes neither long nor much
  /// memory; the shapes of its other tables are read when they are needed.
  private static final int MAX_COLUMNS = 10_000;

  private static final String OF_SCHEMA =
      COLUMNS + " ORDER BY c.relname, a.attnum LIMIT " + (MAX_COLUMNS + 1);

  /// Limit on the runs of an action whose table keeps changing.
  private static final int MAX_RUNS = 4;

  /// The ledger's primary key, whose violation says nothing about the shape of a table.
  private static final String LEDGER_KEY = "dsql_ledger_pkey";

  private final Identifier schema;
  private final Map<Identifier, TableShape> shapes = new ConcurrentHashMap<>();

  public Catalog(Identifier schema) {
    this.schema = schema;
  }

  /// The schema of all its tables.
  public Identifier schema() {
    return schema;
  }

  /// The table's shape as it was last read; empty if it was not.
  public Optional<TableShape> known(Identifier table) {
    return Optional.ofNullable(shapes.get(table));
  }

  /// Uses a table's shape.
  @FunctionalInterface
  public interface OnShape<R> {
    R run(TableShape shape) throws SQLException, AmbiguousCommit;
  }

  /// Runs an action with the table's known shape. If the action is refused, or a statement cannot
  /// prove the shape, the shape is read again, and if it has changed, the action runs again: a
  /// refusal is final only for the shape that the table has now.
  ///
  /// An action that fails must have changed nothing, or throw [AmbiguousCommit].
  ///
  /// @throws Failure when there is no such table
  /// @throws StaleShape when the table keeps changing; the transaction may be run again
  public <R> R with(Lease lease, Identifier table, OnShape<R> action)
      throws SQLException, AmbiguousCommit {
    @Nullable TableShape known = shapes.get(table);
    TableShape shape = known == null ? existing(lease, table) : known;
    boolean repeated = false;
    for (int run = 0; run < MAX_RUNS; run++) {
      Exception refusal;
      try {
        return action.run(shape);
      } catch (InvalidRequest | Failure e) {
        if (lease.connection().isClosed()) {
          // It failed because an answer was too large, whatever the shape.
          throw e;
        }
        refusal = e;
      } catch (SQLException e) {
        if (!(e instanceof StaleShape)
            && (!SqlFailure.of(e).mayRestOnShape() || isOfLedgerKey(e))) {
          throw e;
        }
        refusal = e;
      }
      lease.reset();
      TableShape now = existing(lease, table);
      if (now.equals(shape)) {
        // A guard may fail although the shape is the same: the table was changed and changed back.
        if (repeated || !isGuards(refusal)) {
          throw rethrown(refusal);
        }
        repeated = true;
      }
      shape = now;
    }
    throw new StaleShape();
  }

  private static boolean isOfLedgerKey(SQLException failure) {
    return SqlFailure.of(failure) == SqlFailure.UNIQUE_VIOLATION
        && SqlFailure.constraint(failure).equals(Optional.of(LEDGER_KEY));
  }

  private static boolean isGuards(Exception refusal) {
    return refusal instanceof SQLException e
        && SqlFailure.sqlState(e).equals(Optional.of(ShapeProof.GUARD_STATE));
  }

  /// Throws a failure that was kept, or returns it if it is an SQLException.
  public static SQLException rethrown(Exception failure) {
    return switch (failure) {
      case SQLException sql -> sql;
      case RuntimeException runtime -> throw runtime;
      default -> throw new AssertionError(failure);
    };
  }

  private TableShape existing(Lease lease, Identifier table) throws SQLException {
    return read(lease.timed(), table)
        .orElseThrow(() ->
            new Failure(
                Problem.Code.TABLE_NOT_FOUND,
                "There is no table " + table + " in the function's schema."));
  }

  /// Reads the table's shape; empty if there is no such table.
  public Optional<TableShape> read(Connection connection, Identifier table) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(OF_TABLE)) {
      query.setString(1, schema.name());
      query.setString(2, table.name());
      List<TableShape> read = read(query);
      if (read.isEmpty()) {
        shapes.remove(table);
      }
      return read.stream().findFirst();
    }
  }

  /// Reads the shapes of the schema's tables, or of the first ones if the schema has very many.
  public void readAll(Connection connection) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(OF_SCHEMA)) {
      query.setString(1, schema.name());
      read(query);
    }
  }

  private List<TableShape> read(PreparedStatement query) throws SQLException {
    List<TableShape> read = new ArrayList<>();
    try (ResultSet row = query.executeQuery()) {
      boolean more = row.next();
      for (int columns = 0; more && columns < MAX_COLUMNS; ) {
        TableColumns table = new TableColumns(row);
        while (more && table.holds(row)) {
          table.add(row);
          columns++;
          more = row.next();
        }
        if (columns <= MAX_COLUMNS) {
          read.add(table.shape());
        }
      }
    }
    read.forEach(shape -> shapes.put(shape.table(), shape));
    return read;
  }

  /// The columns of one table while they are read.
  private final class TableColumns {
    private final Identifier name;
    private final boolean view;
    private final @Nullable String key;
    private final int keyColumns;
    private final @Nullable String provenKey;
    private final Map<String, ColumnShape> columns = new LinkedHashMap<>();
    private final List<String> proven = new ArrayList<>();

    private TableColumns(ResultSet row) throws SQLException {
      name = new Identifier(row.getString(12));
      key = row.getString(7);
      keyColumns = row.getInt(8);
      view = row.getBoolean(9);
      provenKey = row.getString(11);
    }

    private boolean holds(ResultSet row) throws SQLException {
      return row.getString(12).equals(name.name());
    }

    private void add(ResultSet row) throws SQLException {
      Identifier column = new Identifier(row.getString(2));
      columns.put(
          column.name(),
          new ColumnShape(
              row.getInt(1),
              column,
              ColumnType.ofCatalog(row.getString(5)),
              !row.getBoolean(3),
              Optional.ofNullable(row.getString(6)),
              row.getBoolean(4)));
      proven.add(row.getString(10));
    }

    private TableShape shape() {
      List<Identifier> primaryKey = names(key, keyColumns, columns.values());
      ShapeProof proof = ShapeProof.of(schema, name, proven, provenKey == null ? "" : provenKey);
      return new TableShape(schema, name, columns, primaryKey, view, proof);
    }
  }

  /// Forgets a table's shape, after a change of the table.
  public void forget(Identifier table) {
    shapes.remove(table);
  }

  /// The columns whose numbers a catalog lists, such as `1 3`.
  ///
  /// @param count the number of columns to take. An index lists its key first and then the columns
  ///   that it includes; in DSQL a primary key's index includes all other columns
  public static List<Identifier> names(
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
