package dsql.db.create;

import dsql.action.Create.Index;
import dsql.action.Identifier;
import dsql.db.fault.AmbiguousCommit;
import dsql.db.fault.SqlFailure;
import dsql.db.jdbc.Catalog;
import dsql.db.jdbc.Transactions;
import dsql.db.pool.Lease;
import dsql.sql.ExpressionText;
import dsql.sql.TableShape;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads what has the names of one schema, and the indexes of a table with their builds. Nothing is
/// kept. Safe for concurrent use.
final class Relations {

  /// Returns one row per name that is taken; a list of names in parentheses is appended. Only
  /// tables and views share their names with types.
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

  /// Returns one row per index. A constraint has the same name as its index.
  private static final String INDEXES =
      """
      SELECT x.relname, i.indisunique, i.indisvalid, i.indkey::text, i.indnkeyatts, \
      pg_get_expr(i.indpred, i.indrelid), pg_get_expr(i.indexprs, i.indrelid), \
      i.indnullsnotdistinct, k.contype::text \
      FROM pg_namespace n \
      JOIN pg_class c ON c.relnamespace = n.oid \
      JOIN pg_index i ON i.indrelid = c.oid \
      JOIN pg_class x ON x.oid = i.indexrelid \
      LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.conname = x.relname \
      AND k.contype IN ('p', 'u') \
      WHERE n.nspname = ? AND c.relname = ? \
      ORDER BY x.relname\
      """;

  private static final String JOB =
      "SELECT j.job_id, j.status, j.details FROM sys.jobs j WHERE j.job_id = ?";

  private static final String LAST_JOB =
      "SELECT j.job_id, j.status, j.details FROM sys.jobs j JOIN pg_class x ON x.oid = j.object_id"
          + " JOIN pg_namespace n ON n.oid = x.relnamespace"
          + " WHERE n.nspname = ? AND x.relname = ? AND j.job_type = 'INDEX_BUILD'"
          + " ORDER BY j.start_time DESC LIMIT 1";

  /// What has a name.
  ///
  /// @param kind `r` for a table, `v` for a view, and so on, as in the catalog; `type` for a domain
  ///   or another type
  /// @param table the table's name, if it is an index
  record Relation(String kind, Optional<String> table) {

    /// Something that took a name and cannot be seen: it is gone again, or too new.
    static final Relation UNSEEN = new Relation("", Optional.empty());

    boolean isTable() {
      return kind.equals("r") || kind.equals("p");
    }

    boolean isIndexOf(Identifier owner) {
      return table.isPresent() && table.get().equals(owner.name());
    }

    /// A description for people.
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

  /// The job that builds an index.
  ///
  /// @param id empty if the user may not see jobs
  /// @param status `submitted`, `processing`, `completed` or `failed`; empty if the user may not
  ///   see jobs
  /// @param details what the server says of the job; empty if it says nothing
  record Job(String id, String status, String details) {

    static final Job UNSEEN = new Job("", "", "");

    /// Whether it may still be running.
    boolean running() {
      return !status.equals("completed") && !status.equals("failed");
    }
  }

  private final Identifier schema;

  Relations(Identifier schema) {
    this.schema = schema;
  }

  /// What has the names of a table and of indexes; nothing for a name that is free.
  Map<String, Relation> named(Connection connection, Identifier table, List<Index> indexes)
      throws SQLException {
    String text = NAMES + "(?" + ", ?".repeat(indexes.size()) + ')';
    Map<String, Relation> found = new HashMap<>();
    try (PreparedStatement query = connection.prepareStatement(text)) {
      query.setString(1, schema.name());
      query.setString(2, table.name());
      query.setString(3, schema.name());
      query.setString(4, table.name());
      int place = 5;
      for (Index index : indexes) {
        query.setString(place++, index.name().name());
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

  /// The table's indexes, including those of its constraints.
  List<ExistingIndex> indexes(Connection connection, TableShape shape) throws SQLException {
    List<ExistingIndex> indexes = new ArrayList<>();
    try (PreparedStatement query = prepare(connection, INDEXES, schema, shape.table());
        ResultSet row = query.executeQuery()) {
      while (row.next()) {
        indexes.add(index(row, shape));
      }
    }
    return indexes;
  }

  private static ExistingIndex index(ResultSet row, TableShape shape) throws SQLException {
    String numbers = row.getString(4);
    int keys = row.getInt(5);
    Optional<String> where =
        Optional.ofNullable(row.getString(6)).map(text -> ExpressionText.of(text, shape));
    String expressions = row.getString(7);
    List<String> parts = parts(numbers, keys, expressions, shape);
    List<Identifier> all = Catalog.names(numbers, Integer.MAX_VALUE, shape.columns().values());
    List<Identifier> columns = Catalog.names(numbers, keys, shape.columns().values());
    return new ExistingIndex(
        row.getString(1),
        row.getBoolean(2),
        row.getBoolean(3),
        where.isEmpty() && expressions == null ? columns : List.of(),
        parts,
        all.subList(columns.size(), all.size()),
        where,
        row.getBoolean(8),
        Optional.ofNullable(row.getString(9)));
  }

  /// The parts of an index's key; the number 0 stands for the next one of the expressions.
  private static List<String> parts(
      String numbers, int keys, @Nullable String expressions, TableShape shape) {
    Iterator<String> others =
        (expressions == null ? List.<String>of() : ExpressionText.list(expressions, shape))
            .iterator();
    List<String> parts = new ArrayList<>();
    String[] listed = numbers.split(" ", -1);
    for (int i = 0; i < keys; i++) {
      if (listed[i].equals("0")) {
        parts.add(others.next());
      } else {
        Catalog.names(listed[i], 1, shape.columns().values())
            .forEach(name -> parts.add(name.quoted()));
      }
    }
    return parts;
  }

  /// The last job that was started to build an index of the schema; the server keeps a finished job
  /// for half an hour. It is not known whether a role other than admin may see jobs; if it may not,
  /// this is [Job#UNSEEN].
  Optional<Job> job(Lease lease, Identifier index) throws SQLException {
    return job(lease, prepare(lease.timed(), LAST_JOB, schema, index));
  }

  /// A job of which only the id is known.
  Optional<Job> jobOf(Lease lease, String id) throws SQLException {
    PreparedStatement query = lease.timed().prepareStatement(JOB);
    query.setString(1, id);
    return job(lease, query);
  }

  private static Optional<Job> job(Lease lease, PreparedStatement prepared) throws SQLException {
    try (PreparedStatement query = prepared;
        ResultSet row = query.executeQuery()) {
      return row.next()
          ? Optional.of(
              new Job(
                  row.getString(1),
                  row.getString(2),
                  Objects.requireNonNullElse(row.getString(3), "")))
          : Optional.empty();
    } catch (SQLException e) {
      if (!isHidden(e)) {
        throw e;
      }
    }
    lease.reset();
    return Optional.of(Job.UNSEEN);
  }

  /// Whether a catalog cannot be read by the function's user, or does not exist.
  static boolean isHidden(SQLException e) {
    return SqlFailure.of(e) == SqlFailure.PERMISSION_DENIED
        || SqlFailure.of(e) == SqlFailure.TABLE_NOT_FOUND
        || SqlFailure.isUnsupported(e);
  }

  /// A query about a name in a schema, which its first two parameters are.
  static PreparedStatement prepare(
      Connection connection, String text, Identifier schema, Identifier name) throws SQLException {
    PreparedStatement query = connection.prepareStatement(text);
    query.setString(1, schema.name());
    query.setString(2, name.name());
    return query;
  }

  /// Starts a job.
  ///
  /// @return its id; empty if the server tells none: it may answer with no result, no row or NULL
  static Optional<String> startJob(Connection connection, String text)
      throws SQLException, AmbiguousCommit {
    try (Statement statement = connection.createStatement()) {
      return Transactions.single(() -> {
        if (!statement.execute(text)) {
          return Optional.empty();
        }
        try (ResultSet row = statement.getResultSet()) {
          return row.next() ? Optional.ofNullable(row.getString(1)) : Optional.empty();
        }
      });
    }
  }

  /// Waits for a job; the connection is busy until then.
  static boolean await(Lease lease, String jobId) throws SQLException {
    try (PreparedStatement call = lease.timed().prepareStatement("CALL sys.wait_for_job(?)")) {
      call.setString(1, jobId);
      return call.execute();
    }
  }
}
