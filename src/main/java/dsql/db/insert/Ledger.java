package dsql.db.insert;

import dsql.action.ColumnType;
import dsql.action.IdempotencyKey;
import dsql.action.Identifier;
import dsql.action.Result.ColumnHead;
import dsql.action.Rows;
import dsql.db.fault.SqlFailure;
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
import java.sql.Types;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The table of idempotency keys. It has one row per key, which is written in the same transaction
/// as the request's rows: the primary key lets only one of several senders commit. Safe for
/// concurrent use.
///
/// `next_row` is the number of the request's rows that are committed: all, or those of the chunks
/// so far. The returned rows are kept for replays, as the reply's own text in `reply`, or, if one
/// statement writes the rows and the ledger row, as arrays of the values' text forms in `returned`,
/// with the columns' names and types in `reply`. So a replay does not depend on the table, whatever
/// has become of it.
///
/// A key expires some time after its last progress.
public final class Ledger {

  /// Limit on the bytes of a kept reply, below the 1 MiB that a text column of DSQL holds.
  static final int MAX_REPLY = 1_000_000;

  /// PostgreSQL's limit on the arguments of a function.
  private static final int MAX_ARGUMENTS = 100;

  /// Limit on the keys removed in one transaction, well below the 3,000 rows that it may change.
  public static final int PRUNE = 500;

  private final LedgerTable definition;
  private final String table;
  private final String ttl;

  /// Whether the table is known to exist.
  private volatile boolean exists;

  /// @param ttl the time from a key's last progress until it expires
  public Ledger(Identifier schema, Duration ttl) {
    this.definition = new LedgerTable(schema);
    this.table = definition.name();
    this.ttl = ttl.toString();
  }

  /// A key's row.
  ///
  /// @param nextRow the first row of the request that is not committed
  /// @param reply the `returning` rows, without brackets
  record Entry(
      String fingerprint, boolean expired, int nextRow, int written, Optional<String> reply) {}

  /// Makes sure that the table exists; it is checked once per environment.
  void ensureTable(Lease lease, IdempotencyKey key) throws SQLException {
    if (!exists) {
      find(lease, key);
    }
  }

  /// Takes it that the table exists, so that it is not checked. If it does not, the first insert
  /// under a key fails and creates it.
  public void assumeTable() {
    exists = true;
  }

  /// The key's entry. Creates the table if it does not exist.
  Optional<Entry> find(Lease lease, IdempotencyKey key) throws SQLException {
    Optional<Entry> entry = Optional.empty();
    try {
      entry = find(lease.timed(), key);
    } catch (SQLException e) {
      if (SqlFailure.of(e) != SqlFailure.TABLE_NOT_FOUND) {
        throw e;
      }
      if (!definition.create(lease)) {
        // Somebody else created it at the same time, and may have used the key.
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

  /// The returned rows of an entry that keeps its values as texts.
  ///
  /// @param columns an array with the name and the type of each column
  /// @param returned an array with an array of texts for each row
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
      for (Json row : ((Json.Arr) JsonText.parse(json)).elements()) {
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

  /// One statement that writes the rows and their ledger row and commits itself, in one round trip.
  /// It returns the returned columns, or a number if there are none, and fails without writing
  /// anything if the guard does.
  ///
  /// @param guard the guard of the table's shape, see [dsql.sql.ShapeProof]
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
    parameters.add(new Parameter.Text(ttl));
    return new Sql(text.toString(), parameters);
  }

  /// An array of arrays of texts. A bpchar is not cast, because that would strip its blanks.
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

  /// Writes the key's row in the current transaction.
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
    update(connection, text, key.text(), fingerprint, nextRow, written, reply.orElse(null), ttl);
  }

  /// Advances the key's row in the current transaction.
  ///
  /// @return false when another sender has advanced it
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
    return update(connection, text, to, written, reply.orElse(null), ttl, key.text(), from) == 1;
  }

  /// Removes the key's row if it has expired.
  void removeExpired(Connection connection, IdempotencyKey key) throws SQLException {
    update(
        connection, "DELETE FROM " + table + " WHERE key = ? AND expires_at <= now()", key.text());
  }

  /// Removes expired rows, at most [#PRUNE] of them, in its own transaction; when none are left,
  /// has the index built if it is missing.
  ///
  /// @return the number of rows removed; there may be more if it is [#PRUNE]
  public int prune(Lease lease) throws SQLException {
    String text =
        "DELETE FROM "
            + table
            + " WHERE key IN (SELECT key FROM "
            + table
            + " WHERE expires_at <= now() LIMIT "
            + PRUNE
            + ")";
    int pruned;
    try {
      pruned = update(lease.timed(), text);
    } catch (SQLException e) {
      // The table does not exist before a key is used.
      if (SqlFailure.of(e) == SqlFailure.TABLE_NOT_FOUND) {
        return 0;
      }
      throw e;
    }
    if (pruned < PRUNE) {
      definition.ensureIndex(lease);
    }
    return pruned;
  }

  /// @param values numbers and texts, whose types the server infers
  private static int update(Connection connection, String text, @Nullable Object... values)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(text)) {
      for (int i = 0; i < values.length; i++) {
        Object value = values[i];
        statement.setObject(i + 1, value == null ? null : value.toString(), Types.OTHER);
      }
      return statement.executeUpdate();
    }
  }

  /// Rows without their brackets, as the ledger keeps them.
  static String bare(Rows rows) {
    byte[] json = rows.json();
    return new String(json, 1, json.length - 2, StandardCharsets.UTF_8);
  }

  /// Rows that the ledger keeps, with their brackets.
  static Rows rows(String bare, int count) {
    return new Rows(('[' + bare + ']').getBytes(StandardCharsets.UTF_8), count);
  }
}
