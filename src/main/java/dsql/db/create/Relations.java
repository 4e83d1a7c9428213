package dsql.db.create;

import dsql.action.Identifier;
import dsql.db.fault.SqlFailure;
import dsql.db.jdbc.Catalog;
import dsql.db.pool.Lease;
import dsql.sql.TableShape;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What the names of one schema are the names of, and the indexes of a table with their builds. All
/// of it is read anew each time. Safe for concurrent use.
final class Relations {

  /// A name that is taken a row; the names asked for follow in parentheses. Only tables and views
  /// share their names with types.
  private static final String NAMES =
      """
      SELECT y.typname, 'type', NULL \
      FROM pg_namespace n \
      JOIN pg_type y ON y.typnamespace = n.oid \
      WHERE n.nspname = ? AND y.typname = ? AND y.typtype IN ('d', 'e', 'r') \
      UNION ALL SELECT c.relname, c.relkind::text, t.relname \
      FROM pg_namespace n \
      JOIN pg_class c ON c.relnamespace = n.oid \
      LEFT JOIN pg_index i ON i.indexrelid = c.oid \
      LEFT JOIN pg_class t ON t.oid = i.indrelid \
      WHERE n.nspname = ? AND c.relname IN \
      """;

  /// An index a row. Where one is a constraint's, the constraint has the same name.
  private static final String INDEXES =
      """
      SELECT x.relname, i.indisunique, i.indisvalid, i.indkey::text, i.indnkeyatts, \
      i.indpred IS NULL AND i.indexprs IS NULL, k.contype::text \
      FROM pg_namespace n \
      JOIN pg_class c ON c.relnamespace = n.oid \
      JOIN pg_index i ON i.indrelid = c.oid \
      JOIN pg_class x ON x.oid = i.indexrelid \
      LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.conname = x.relname \
      AND k.contype IN ('p', 'u') \
      WHERE n.nspname = ? AND c.relname = ? \
      ORDER BY x.relname\
      """;

  private static final String LAST_JOB =
      "SELECT j.job_id, j.status FROM sys.jobs j JOIN pg_class x ON x.oid = j.object_id"
          + " JOIN pg_namespace n ON n.oid = x.relnamespace"
          + " WHERE n.nspname = ? AND x.relname = ? AND j.job_type = 'INDEX_BUILD'"
          + " ORDER BY j.start_time DESC LIMIT 1";

  /// What has a name.
  ///
  /// @param kind `r` for a table, `v` for a view, and so on, as the catalog has it; `type` for a
  ///   domain or another type
  /// @param table of an index, the table's name
  record Relation(String kind, Optional<String> table) {

    /// What took a name and is not to be seen: it is gone again, or too new.
    static final Relation UNSEEN = new Relation("", Optional.empty());

    boolean isTable() {
      return kind.equals("r") || kind.equals("p");
    }

    boolean isIndexOf(Identifier owner) {
      return table.isPresent() && table.get().equals(owner.name());
    }

    /// What it is, for people.
    String described() {
      return switch (kind) {
        case "r", "p" -> "a table";
        case "v" -> "a view";
        case "m" -> "a materialized view";
        case "i", "I" -> "an index" + table.map(name -> " of the table " + name).orElse("");
        case "S" -> "a sequence";
        case "f" -> "a foreign table";
        case "c", "type" -> "a type or domain";
        default -> "something else";
      };
    }
  }

  /// An index of a table.
  ///
  /// @param columns its key, empty where the index is partial or over expressions
  /// @param included the columns that it holds besides
  /// @param plain whether it is over columns and over all rows
  /// @param constraint `p` or `u` where it is the primary key's or a unique constraint's
  record StandingIndex(
      String name,
      boolean unique,
      boolean valid,
      boolean plain,
      List<Identifier> columns,
      List<Identifier> included,
      Optional<String> constraint) {
    StandingIndex {
      columns = List.copyOf(columns);
      included = List.copyOf(included);
    }

    boolean primary() {
      return constraint.equals(Optional.of("p"));
    }

    static Optional<StandingIndex> named(List<StandingIndex> indexes, Identifier name) {
      for (StandingIndex index : indexes) {
        if (index.name.equals(name.name())) {
          return Optional.of(index);
        }
      }
      return Optional.empty();
    }
  }

  /// The job that builds an index, where the server still knows it.
  ///
  /// @param id empty where the user may not see it
  /// @param status `submitted`, `processing`, `completed` or `failed`; empty where the user may not
  ///   see it
  record Job(String id, String status) {

    static final Job UNSEEN = new Job("", "");

    /// Whether it may still be running.
    boolean running() {
      return !status.equals("completed") && !status.equals("failed");
    }
  }

  private final Identifier schema;

  Relations(Identifier schema) {
    this.schema = schema;
  }

  /// What has the name of a table, and the names of indexes; nothing for a name that is free.
  Map<String, Relation> named(
      Connection connection, Identifier table, Collection<Identifier> indexes) throws SQLException {
    String text = NAMES + "(?" + ", ?".repeat(indexes.size()) + ')';
    Map<String, Relation> found = new HashMap<>();
    try (PreparedStatement query = connection.prepareStatement(text)) {
      query.setString(1, schema.name());
      query.setString(2, table.name());
      query.setString(3, schema.name());
      query.setString(4, table.name());
      int place = 5;
      for (Identifier index : indexes) {
        query.setString(place++, index.name());
      }
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          found.put(
              row.getString(1),
              new Relation(row.getString(2), Optional.ofNullable(row.getString(3))));
        }
      }
    }
    return found;
  }

  /// The table's indexes, those of its constraints among them.
  List<StandingIndex> indexes(Connection connection, TableShape shape) throws SQLException {
    List<StandingIndex> indexes = new ArrayList<>();
    try (PreparedStatement query = prepare(connection, INDEXES, shape.table());
        ResultSet row = query.executeQuery()) {
      while (row.next()) {
        String numbers = row.getString(4);
        int keys = row.getInt(5);
        boolean plain = row.getBoolean(6);
        List<Identifier> all = Catalog.names(numbers, Integer.MAX_VALUE, shape.columns().values());
        List<Identifier> columns = Catalog.names(numbers, keys, shape.columns().values());
        indexes.add(
            new StandingIndex(
                row.getString(1),
                row.getBoolean(2),
                row.getBoolean(3),
                plain,
                plain ? columns : List.of(),
                all.subList(columns.size(), all.size()),
                Optional.ofNullable(row.getString(7))));
      }
    }
    return indexes;
  }

  /// The last job that was to build an index of the schema. Those that ended are kept for half an
  /// hour. Whether a role other than admin may see jobs is not known: [Job#UNSEEN] where it may
  /// not.
  Optional<Job> job(Lease lease, Identifier index) throws SQLException {
    try (PreparedStatement query = prepare(lease.timed(), LAST_JOB, index);
        ResultSet row = query.executeQuery()) {
      return row.next()
          ? Optional.of(new Job(row.getString(1), row.getString(2)))
          : Optional.empty();
    } catch (SQLException e) {
      if (SqlFailure.of(e) != SqlFailure.PERMISSION_DENIED
          && SqlFailure.of(e) != SqlFailure.TABLE_NOT_FOUND
          && !SqlFailure.isUnsupported(e)) {
        throw e;
      }
    }
    lease.reset();
    return Optional.of(Job.UNSEEN);
  }

  private PreparedStatement prepare(Connection connection, String text, Identifier name)
      throws SQLException {
    PreparedStatement query = connection.prepareStatement(text);
    query.setString(1, schema.name());
    query.setString(2, name.name());
    return query;
  }

  /// Waits for a job on the connection, which is busy until then.
  static boolean await(Lease lease, String jobId) throws SQLException {
    try (PreparedStatement call = lease.timed().prepareStatement("CALL sys.wait_for_job(?)")) {
      call.setString(1, jobId);
      return call.execute();
    }
  }
}
