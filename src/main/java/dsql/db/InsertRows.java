package dsql.db;

import dsql.action.Failure;
import dsql.action.Identifier;
import dsql.action.Insert;
import dsql.action.Problem;
import dsql.action.Result.ColumnHead;
import dsql.action.Result.Inserted;
import dsql.action.Rows;
import dsql.json.JsonWriter;
import dsql.sql.InsertSql;
import dsql.sql.InsertSql.Statement;
import dsql.sql.Parameter;
import dsql.sql.TableShape;
import dsql.sql.TableShape.ColumnShape;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Inserts rows in one transaction. Confined to one attempt.
final class InsertRows {

  /// Bytes of a reply around its rows, at most.
  private static final int FRAME = 4096;

  /// Six bytes for a control character, twelve where the reply is a string in JSON.
  private static final long LONGEST_ESCAPE = 12;

  /// Bytes of a number, a date or a UUID with its punctuation, at most.
  private static final long VALUE_WITHOUT_TEXT = 100;

  private final Insert insert;
  private final TableShape shape;
  private final RowReader reader;
  private final PageLimit limit;
  private final JsonWriter out = new JsonWriter().beginArray();
  private int written;

  private InsertRows(Insert insert, TableShape shape, PageLimit limit) {
    this.insert = insert;
    this.shape = shape;
    this.limit = limit;
    this.reader =
        new RowReader(
            insert.returning().stream()
                .flatMap(name -> shape.column(name).stream())
                .map(column -> new ColumnHead(column.name().name(), column.type()))
                .toList());
  }

  /// Refuses what no single transaction can hold, before the database is touched.
  static void check(Insert insert) {
    if (insert.rows().size() > Insert.MAX_ROWS) {
      throw new Failure(
          Problem.of(
              Problem.Code.TRANSACTION_TOO_LARGE,
              "The insert has "
                  + insert.rows().size()
                  + " rows; one transaction changes at most "
                  + Insert.MAX_ROWS
                  + ". Send them in several requests."));
    }
  }

  static Inserted run(Connection connection, Insert insert, TableShape shape, PageLimit limit)
      throws SQLException, AmbiguousCommit {
    List<Statement> statements = InsertSql.of(insert, shape);
    InsertRows rows = new InsertRows(insert, shape, limit);
    // A single statement commits itself, which saves a round trip; but not where its rows might not
    // fit into a reply, for then it must still be possible to undo them.
    if (statements.size() == 1
        && statements.getFirst() instanceof Statement.Values only
        && rows.certainlyFit(only)) {
      Commit.single(
          connection,
          c -> {
            rows.values(c, only);
            return only;
          });
    } else {
      Commit.transaction(
          connection,
          c -> {
            rows.all(c, statements);
            return statements;
          });
    }
    return rows.result();
  }

  private Inserted result() {
    Optional<Rows> returned =
        insert.returning().isEmpty()
            ? Optional.empty()
            : Optional.of(new Rows(out.endArray().toByteArray(), insert.rows().size()));
    return new Inserted(insert.table(), 1, insert.rows().size(), written, returned);
  }

  private void all(Connection connection, List<Statement> statements) throws SQLException {
    for (Statement statement : statements) {
      switch (statement) {
        case Statement.Values values -> values(connection, values);
        case Statement.RowByRow rows -> rowByRow(connection, rows);
      }
    }
    long size = out.length() + (limit.asJsonString() ? out.escapesFrom(0) : 0) + (long) FRAME;
    if (size > limit.bytes()) {
      throw new Failure(
          Problem.of(
              Problem.Code.ROW_TOO_LARGE,
              "The returned rows are larger than a reply can be. Return fewer columns or send fewer"
                  + " rows; nothing was written."));
    }
  }

  private void values(Connection connection, Statement.Values values) throws SQLException {
    String text = values.sql().text();
    if (insert.returning().isEmpty()) {
      try (PreparedStatement statement = connection.prepareStatement(text)) {
        Parameters.bind(statement, values.sql().parameters());
        written += statement.executeUpdate();
      }
      return;
    }
    String returning =
        insert.returning().stream()
            .map(Identifier::quoted)
            .collect(Collectors.joining(", ", " RETURNING ", ""));
    try (PreparedStatement statement = connection.prepareStatement(text + returning)) {
      Parameters.bind(statement, values.sql().parameters());
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          reader.write(row, out);
          written++;
        }
      }
    }
  }

  /// Sends the rows as one batch. The driver appends RETURNING itself, for a batch takes no other
  /// form of it, and gives one count for each row and the rows of those that have one.
  private void rowByRow(Connection connection, Statement.RowByRow rows) throws SQLException {
    String[] returning = insert.returning().stream().map(Identifier::name).toArray(String[]::new);
    try (PreparedStatement statement =
        returning.length == 0
            ? connection.prepareStatement(rows.text())
            : connection.prepareStatement(rows.text(), returning)) {
      for (List<Parameter> parameters : rows.rows()) {
        Parameters.bind(statement, parameters);
        statement.addBatch();
      }
      int[] counts = statement.executeBatch();
      for (int count : counts) {
        written += count;
      }
      if (returning.length > 0) {
        returned(statement, counts);
      }
    }
  }

  private void returned(PreparedStatement statement, int[] counts) throws SQLException {
    try (ResultSet row = statement.getGeneratedKeys()) {
      for (int count : counts) {
        if (count == 0) {
          out.nullValue();
        } else if (row.next()) {
          reader.write(row, out);
        } else {
          throw new SQLException("The driver gave fewer rows than it counted.");
        }
      }
    }
  }

  /// Whether even the longest escapes of what goes in and of the names leave the reply small
  /// enough.
  private boolean certainlyFit(Statement.Values values) {
    long bytes = FRAME;
    for (Parameter parameter : values.sql().parameters()) {
      bytes +=
          switch (parameter) {
            case Parameter.Null _ -> 4;
            case Parameter.Text(String text) -> LONGEST_ESCAPE * text.length();
            case Parameter.Bytes binary -> 2L * binary.value().length;
          };
    }
    for (Identifier name : insert.returning()) {
      ColumnShape column = shape.column(name).orElseThrow();
      boolean unbounded =
          switch (column.type().base()) {
            case JSONB, OTHER -> true;
            // 1e100000 is written out.
            case NUMERIC -> column.type().length().isEmpty();
            default -> false;
          };
      if (unbounded) {
        return false;
      }
      long each =
          VALUE_WITHOUT_TEXT
              + LONGEST_ESCAPE
                  * (name.name().length() + column.initial().map(String::length).orElse(0))
              + column.type().length().orElse(0);
      bytes += each * values.rows();
    }
    return bytes < limit.bytes();
  }
}
