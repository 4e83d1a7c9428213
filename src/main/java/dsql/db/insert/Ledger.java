package dsql.db.insert;

import dsql.action.ColumnType;
import dsql.action.Faults;
import dsql.action.IdempotencyKey;
import dsql.action.Identifier;
import dsql.action.Result.ColumnHead;
import dsql.action.Rows;
import dsql.db.fault.SqlFailure;
import dsql.db.jdbc.Parameters;
import dsql.db.jdbc.RowEncoder;
import dsql.db.pool.Lease;
import dsql.json.Json;
import dsql.json.JsonText;
import dsql.json.JsonWriter;
import dsql.sql.InsertStatement;
import dsql.sql.Parameter;
import dsql.sql.Sql;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The table of idempotency keys: one row per key, written in the transaction of the rows that it
/// stands for. Whatever parallel senders and lost replies there are, the key's primary key lets one
/// transaction through. Safe for concurrent use.
///
/// `next_row` is how many rows of the request are in: all, or those of the chunks so far. The rows
/// to answer again are kept as the reply's own text, or, where one statement writes them and their
/// ledger row, as an array of each value's text form, with the columns' names and types. Either way
/// an entry alone says what was answered, whatever has become of the table.
///
/// A key lives from its last progress.
public final class Ledger {

  /// Bytes of text that a column of DSQL holds, with room to spare.
  static final int MAX_REPLY = 1_000_000;

  /// The most arguments of a function.
  private static final int MAX_ARGUMENTS = 100;

  /// Keys removed in one transaction, well below the 3,000 rows that it may change.
  public static final int PRUNE = 500;

  private final LedgerTable made;
  private final String table;
  private final Parameter ttl;

  /// Whether the table was seen.
  private volatile boolean exists;

  /// @param ttl how long a key is kept
  public Ledger(Identifier schema, Duration ttl) {
    this.made = new LedgerTable(schema);
    this.table = made.name();
    this.ttl = new Parameter.Text(ttl.toString());
  }

  /// What is kept under a key.
  ///
  /// @param nextRow the first row that is not in
  /// @param reply the `returning` rows, without brackets
  record Entry(
      String fingerprint, boolean expired, int nextRow, int written, Optional<String> reply) {}

  /// Makes sure that the table exists, once per environment.
  void make(Lease lease, IdempotencyKey key) throws SQLException {
    if (!exists) {
      find(lease, key);
    }
  }

  /// The key's entry. The table is made where there is none, or none any more.
  Optional<Entry> find(Lease lease, IdempotencyKey key) throws SQLException {
    Optional<Entry> entry = Optional.empty();
    try {
      entry = find(lease.timed(), key);
    } catch (SQLException e) {
      if (SqlFailure.of(e) != SqlFailure.TABLE_NOT_FOUND) {
        throw e;
      }
      if (!made.create(lease)) {
        // Somebody else has made it at the same time, and perhaps used it.
        entry = find(lease.timed(), key);
      }
    }
    exists = true;
    return entry;
  }

  private Optional<Entry> find(Connection connection, IdempotencyKey key) throws SQLException {
    String text =
        "SELECT fingerprint, expires_at <= now(), next_row, written, reply, returned::text"
            + " FROM "
            + table
            + " WHERE key = ?";
    try (PreparedStatement query = connection.prepareStatement(text)) {
      query.setString(1, key.text());
      try (ResultSet row = query.executeQuery()) {
        if (!row.next()) {
          return Optional.empty();
        }
        @Nullable String reply = row.getString(5);
        @Nullable String returned = row.getString(6);
        return Optional.of(
            new Entry(
                row.getString(1),
                row.getBoolean(2),
                row.getInt(3),
                row.getInt(4),
                Optional.ofNullable(returned == null ? reply : reply(reply, returned))));
      }
    }
  }

  /// The rows of an entry that keeps the texts of its values.
  ///
  /// @param columns an array of a name and a type for each
  /// @param returned an array of an array of texts for each row
  private static String reply(@Nullable String columns, String returned) throws SQLException {
    if (columns == null) {
      throw new SQLException("A ledger row keeps values without saying of which columns.");
    }
    List<ColumnHead> heads = new ArrayList<>();
    for (List<@Nullable String> column : texts(columns)) {
      heads.add(
          new ColumnHead(
              Objects.requireNonNull(column.get(0)),
              ColumnType.ofCatalog(Objects.requireNonNull(column.get(1)))));
    }
    RowEncoder reader = new RowEncoder(heads);
    JsonWriter out = new JsonWriter().beginArray();
    int count = 0;
    for (List<@Nullable String> row : texts(returned)) {
      reader.write(row, out);
      count++;
    }
    return bare(new Rows(out.endArray().toByteArray(), count));
  }

  private static List<List<@Nullable String>> texts(String json) throws SQLException {
    List<List<@Nullable String>> rows = new ArrayList<>();
    try {
      for (Json row : ((Json.Arr) JsonText.parse(json, new Faults())).elements()) {
        List<@Nullable String> texts = new ArrayList<>();
        for (Json value : ((Json.Arr) row).elements()) {
          texts.add(value instanceof Json.Str(String text) ? text : null);
        }
        rows.add(texts);
      }
    } catch (JsonText.Malformed e) {
      throw new SQLException("A ledger row holds something other than JSON.", e);
    }
    return rows;
  }

  private static String columns(List<ColumnHead> heads) {
    JsonWriter out = new JsonWriter().beginArray();
    for (ColumnHead head : heads) {
      out.beginArray().value(head.name()).value(head.type().sql()).endArray();
    }
    return out.endArray().toString();
  }

  /// Rows and their ledger row in one statement, which commits itself: one round trip. It answers
  /// the returned columns, or a number for none, and writes nothing where the guard fails.
  ///
  /// @param guard of the table's shape, see [dsql.sql.ShapeProof]
  Sql withRows(
      InsertStatement.Values values,
      List<ColumnHead> returning,
      IdempotencyKey key,
      String fingerprint,
      String guard) {
    String names =
        returning.isEmpty()
            ? "1 AS one"
            : returning.stream()
                .map(column -> new Identifier(column.name()).quoted())
                .collect(Collectors.joining(", "));
    StringBuilder text = new StringBuilder("WITH ins AS (").append(values.sql().text());
    text.append(" RETURNING ").append(names).append("), led AS (INSERT INTO ").append(table);
    text.append(
        " (key, fingerprint, next_row, written, reply, returned, expires_at) SELECT ?::text,");
    text.append(" ?::text, ").append(values.rows()).append(", ").append(values.rows()).append(", ");
    text.append("?::text, ").append(returning.isEmpty() ? "NULL::jsonb" : texts(returning));
    text.append(", now() + ?::interval WHERE ").append(guard).append(" = 1) SELECT ");
    text.append(returning.isEmpty() ? "count(*)" : names).append(" FROM ins");
    List<Parameter> parameters = new ArrayList<>(values.sql().parameters());
    parameters.add(new Parameter.Text(key.text()));
    parameters.add(new Parameter.Text(fingerprint));
    parameters.add(returning.isEmpty() ? Parameter.NULL : new Parameter.Text(columns(returning)));
    parameters.add(ttl);
    return new Sql(text.toString(), parameters);
  }

  /// An array of arrays of texts. A bpchar goes as it is: a cast to text would strip its blanks.
  private static String texts(List<ColumnHead> returning) {
    StringBuilder row = new StringBuilder();
    for (int i = 0; i < returning.size(); i++) {
      boolean begins = i % MAX_ARGUMENTS == 0;
      row.append(begins ? (i == 0 ? "" : ") || ") + "jsonb_build_array(" : ", ");
      row.append(new Identifier(returning.get(i).name()).quoted());
      row.append(
          switch (returning.get(i).type().base()) {
            case CHAR, BPCHAR -> "";
            default -> "::text";
          });
    }
    return "(SELECT jsonb_agg(" + row + ")) FROM ins)";
  }

  /// Writes the key's row in the transaction at hand.
  void insert(
      Connection connection,
      IdempotencyKey key,
      String fingerprint,
      int nextRow,
      int written,
      Optional<String> reply)
      throws SQLException {
    String text =
        "INSERT INTO "
            + table
            + " (key, fingerprint, next_row, written, reply, expires_at)"
            + " VALUES (?, ?, ?, ?, ?, now() + ?::interval)";
    List<Parameter> parameters = new ArrayList<>();
    parameters.add(new Parameter.Text(key.text()));
    parameters.add(new Parameter.Text(fingerprint));
    parameters.add(new Parameter.Text(Integer.toString(nextRow)));
    parameters.add(new Parameter.Text(Integer.toString(written)));
    parameters.add(reply.<Parameter>map(Parameter.Text::new).orElse(Parameter.NULL));
    parameters.add(ttl);
    update(connection, new Sql(text, parameters));
  }

  /// Moves the key's row on in the transaction at hand.
  ///
  /// @return false when it no longer stands where it stood
  boolean advance(
      Connection connection,
      IdempotencyKey key,
      int from,
      int to,
      int written,
      Optional<String> reply)
      throws SQLException {
    String text =
        "UPDATE "
            + table
            + " SET next_row = ?, written = ?, reply = ?, expires_at = now() + ?::interval"
            + " WHERE key = ? AND next_row = ?";
    List<Parameter> parameters = new ArrayList<>();
    parameters.add(new Parameter.Text(Integer.toString(to)));
    parameters.add(new Parameter.Text(Integer.toString(written)));
    parameters.add(reply.<Parameter>map(Parameter.Text::new).orElse(Parameter.NULL));
    parameters.add(ttl);
    parameters.add(new Parameter.Text(key.text()));
    parameters.add(new Parameter.Text(Integer.toString(from)));
    return update(connection, new Sql(text, parameters)) == 1;
  }

  /// Removes the key's row if it has expired.
  void removeExpired(Connection connection, IdempotencyKey key) throws SQLException {
    update(
        connection,
        new Sql(
            "DELETE FROM " + table + " WHERE key = ? AND expires_at <= now()",
            List.of(new Parameter.Text(key.text()))));
  }

  /// Removes some of the rows that have expired, in a transaction of its own, and once there are no
  /// more has the index built where it lacks.
  ///
  /// @return how many; [#PRUNE] where there may be more
  public int prune(Lease lease) throws SQLException {
    int pruned;
    try {
      pruned = prune(lease.timed());
    } catch (SQLException e) {
      // Nobody has used a key yet.
      if (SqlFailure.of(e) == SqlFailure.TABLE_NOT_FOUND) {
        return 0;
      }
      throw e;
    }
    if (pruned < PRUNE) {
      made.ensureIndex(lease);
    }
    return pruned;
  }

  private int prune(Connection connection) throws SQLException {
    String text =
        "DELETE FROM "
            + table
            + " WHERE key IN (SELECT key FROM "
            + table
            + " WHERE expires_at <= now() LIMIT "
            + PRUNE
            + ")";
    return update(connection, new Sql(text, List.of()));
  }

  private static int update(Connection connection, Sql sql) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql.text())) {
      Parameters.bind(statement, sql.parameters());
      return statement.executeUpdate();
    }
  }

  /// Rows without the brackets around them, as the ledger keeps them.
  static String bare(Rows rows) {
    byte[] json = rows.json();
    return new String(json, 1, json.length - 2, StandardCharsets.UTF_8);
  }

  /// The size of a reply as the ledger's column counts it.
  static int bytes(String reply) {
    return reply.getBytes(StandardCharsets.UTF_8).length;
  }

  /// Rows as the ledger keeps them, with brackets again.
  static Rows rows(String bare, int count) {
    return new Rows(('[' + bare + ']').getBytes(StandardCharsets.UTF_8), count);
  }
}
