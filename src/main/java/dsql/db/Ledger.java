package dsql.db;

import dsql.action.IdempotencyKey;
import dsql.action.Identifier;
import dsql.action.Request;
import dsql.action.Result.ColumnHead;
import dsql.action.Rows;
import dsql.db.fault.SqlFailure;
import dsql.json.JsonWriter;
import dsql.sql.InsertSql.Statement;
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
import java.util.Optional;
import java.util.stream.Collectors;

/// The table of idempotency keys: one row per key, written in the transaction of the rows that it
/// stands for. Whatever parallel senders and lost replies there are, the key's primary key lets one
/// transaction through. Safe for concurrent use.
///
/// `next_row` is how many rows of the request are in: all, or those of the chunks so far. The rows
/// to answer again are kept as the reply's own text, or, where one statement writes them and their
/// ledger row, as an array of each value's text form.
final class Ledger {

  /// Bytes of text that a column of DSQL holds, with room to spare.
  static final int MAX_REPLY = 1_000_000;

  /// Keys removed in one transaction, well below the 3,000 rows that it may change.
  static final int PRUNE = 500;

  private final String table;
  private final Parameter ttl;

  /// @param ttl how long a key is kept
  Ledger(Identifier schema, Duration ttl) {
    this.table = schema.quoted() + '.' + Request.LEDGER.quoted();
    this.ttl = new Parameter.Text(ttl.toString());
  }

  /// What stands under a key.
  ///
  /// @param nextRow the first row that is not in
  /// @param reply the `returning` rows, without brackets
  /// @param returned whether they are kept as an array of texts instead
  record Entry(
      String fingerprint,
      boolean expired,
      int nextRow,
      int written,
      Optional<String> reply,
      boolean returned) {}

  /// Makes the table. Safe to repeat.
  void create(Connection connection) throws SQLException {
    try (java.sql.Statement statement = connection.createStatement()) {
      // Each commits itself: DSQL takes one DDL statement in a transaction.
      statement.execute(
          "CREATE TABLE IF NOT EXISTS "
              + table
              + " (key text PRIMARY KEY, fingerprint text NOT NULL, next_row integer NOT NULL,"
              + " written integer NOT NULL, reply text, returned jsonb,"
              + " created_at timestamptz NOT NULL DEFAULT now(), expires_at timestamptz NOT NULL)");
      statement.execute(
          "CREATE INDEX ASYNC IF NOT EXISTS dsql_ledger_expires_at ON " + table + " (expires_at)");
    }
  }

  /// The key's entry, if it has one.
  Optional<Entry> find(Connection connection, IdempotencyKey key) throws SQLException {
    String text =
        "SELECT fingerprint, expires_at <= now(), next_row, written, reply, returned IS NOT NULL"
            + " FROM "
            + table
            + " WHERE key = ?";
    try (PreparedStatement query = connection.prepareStatement(text)) {
      query.setString(1, key.text());
      try (ResultSet row = query.executeQuery()) {
        return row.next()
            ? Optional.of(
                new Entry(
                    row.getString(1),
                    row.getBoolean(2),
                    row.getInt(3),
                    row.getInt(4),
                    Optional.ofNullable(row.getString(5)),
                    row.getBoolean(6)))
            : Optional.empty();
      }
    }
  }

  /// The rows of an entry that keeps them as an array of texts, by the types of the table.
  Rows returned(Connection connection, IdempotencyKey key, List<ColumnHead> columns)
      throws SQLException {
    List<String> casts = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      casts.add("(r ->> " + i + ")::" + columns.get(i).type().sql());
    }
    String text =
        "SELECT "
            + String.join(", ", casts)
            + " FROM "
            + table
            + " l, jsonb_array_elements(l.returned) r WHERE l.key = ?";
    RowReader reader = new RowReader(columns);
    JsonWriter out = new JsonWriter().beginArray();
    int count = 0;
    try (PreparedStatement query = connection.prepareStatement(text)) {
      query.setString(1, key.text());
      try (ResultSet row = query.executeQuery()) {
        reader.begin(row);
        for (; row.next(); count++) {
          reader.write(row, out);
        }
      }
    }
    return new Rows(out.endArray().toByteArray(), count);
  }

  /// Rows and their ledger row in one statement, which commits itself: one round trip. It answers
  /// the returned columns, or a number for none.
  Sql withRows(
      Statement.Values values, List<ColumnHead> returning, IdempotencyKey key, String fingerprint) {
    String names =
        returning.isEmpty()
            ? "1 AS one"
            : returning.stream()
                .map(column -> new Identifier(column.name()).quoted())
                .collect(Collectors.joining(", "));
    StringBuilder text = new StringBuilder("WITH ins AS (").append(values.sql().text());
    text.append(" RETURNING ").append(names).append("), led AS (INSERT INTO ").append(table);
    text.append(" (key, fingerprint, next_row, written, returned, expires_at) SELECT ?::text,");
    text.append(" ?::text, ").append(values.rows()).append(", ").append(values.rows()).append(", ");
    text.append(returning.isEmpty() ? "NULL::jsonb" : texts(returning));
    text.append(", now() + ?::interval) SELECT ");
    text.append(returning.isEmpty() ? "count(*)" : names).append(" FROM ins");
    List<Parameter> parameters = new ArrayList<>(values.sql().parameters());
    parameters.add(new Parameter.Text(key.text()));
    parameters.add(new Parameter.Text(fingerprint));
    parameters.add(ttl);
    return new Sql(text.toString(), parameters);
  }

  /// An array of arrays of texts. A bpchar goes as it is: a cast to text would strip its blanks.
  private static String texts(List<ColumnHead> returning) {
    return returning.stream()
        .map(column ->
            new Identifier(column.name()).quoted()
                + switch (column.type().base()) {
                  case CHAR, BPCHAR -> "";
                  default -> "::text";
                })
        .collect(Collectors.joining(", ", "(SELECT jsonb_agg(jsonb_build_array(", ")) FROM ins)"));
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
            + " SET next_row = ?, written = ?, reply = ? WHERE key = ? AND next_row = ?";
    List<Parameter> parameters = new ArrayList<>();
    parameters.add(new Parameter.Text(Integer.toString(to)));
    parameters.add(new Parameter.Text(Integer.toString(written)));
    parameters.add(reply.<Parameter>map(Parameter.Text::new).orElse(Parameter.NULL));
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

  /// Removes some of the rows that have expired, in a transaction of its own.
  ///
  /// @return how many; [#PRUNE] where there may be more
  int prune(Connection connection) throws SQLException {
    String text =
        "DELETE FROM "
            + table
            + " WHERE key IN (SELECT key FROM "
            + table
            + " WHERE expires_at <= now() LIMIT "
            + PRUNE
            + ")";
    try {
      return update(connection, new Sql(text, List.of()));
    } catch (SQLException e) {
      // Nobody has used a key yet.
      if (SqlFailure.of(e) == SqlFailure.TABLE_NOT_FOUND) {
        return 0;
      }
      throw e;
    }
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
