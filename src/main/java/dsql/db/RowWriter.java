package dsql.db;

import dsql.action.ColumnType;
import dsql.action.Failure;
import dsql.action.Identifier;
import dsql.action.Insert;
import dsql.action.Result.ColumnHead;
import dsql.action.Rows;
import dsql.db.pool.AnswerTooLarge;
import dsql.db.pool.Lease;
import dsql.json.JsonWriter;
import dsql.sql.DefaultSql;
import dsql.sql.InsertSql.Statement;
import dsql.sql.Parameter;
import dsql.sql.Sql;
import dsql.sql.TableShape;
import dsql.sql.TableShape.ColumnShape;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/// Runs an insert's statements in the transaction at hand, and gathers what they return. Confined
/// to one attempt.
final class RowWriter {

  /// Six bytes for a control character, twelve where the reply is a string in JSON.
  private static final long LONGEST_ESCAPE = 12;

  /// Bytes of a number, a date or a UUID with its punctuation, at most.
  private static final long VALUE_WITHOUT_TEXT = 100;

  private final Lease lease;
  private final TableShape shape;
  private final List<Identifier> returning;
  private final List<ColumnHead> heads;
  private final RowReader reader;
  private final JsonWriter out = new JsonWriter().beginArray();
  private int handled;
  private int written;

  RowWriter(Lease lease, Insert insert, TableShape shape) {
    this.lease = lease;
    this.shape = shape;
    this.returning = insert.returning();
    this.heads = heads(insert, shape);
    this.reader = new RowReader(heads);
  }

  /// The returned columns, with their types.
  static List<ColumnHead> heads(Insert insert, TableShape shape) {
    List<ColumnHead> heads = new ArrayList<>(insert.returning().size());
    for (Identifier name : insert.returning()) {
      ColumnShape column = shape.columns().get(name.name());
      if (column != null) {
        heads.add(new ColumnHead(name.name(), column.type()));
      }
    }
    return heads;
  }

  List<ColumnHead> heads() {
    return heads;
  }

  /// Rows inserted or updated so far.
  int written() {
    return written;
  }

  /// The returned rows, in the order of the request. Ends the writing.
  Rows rows() {
    return new Rows(out.endArray().toByteArray(), handled);
  }

  /// The returned rows' bytes so far, as the caller's door counts them, with what stands around
  /// them.
  long replyBytes(PageLimit limit) {
    return limit.counted(out, 0) + PageLimit.FRAME;
  }

  /// Runs them, one after the other, in a transaction that is not committed yet.
  ///
  /// @throws Failure when they return more than the function can hold
  void run(List<Statement> statements) throws SQLException {
    try {
      for (Statement statement : statements) {
        if (statement instanceof Statement.Values values) {
          run(values);
        } else {
          run((Statement.RowByRow) statement);
        }
      }
    } catch (SQLException e) {
      if (AnswerTooLarge.isCauseOf(e)) {
        throw Inserts.replyTooLarge();
      }
      throw e;
    }
  }

  void run(Statement.Values values) throws SQLException {
    Sql sql = values.sql();
    if (!returning.isEmpty()) {
      returned(new Sql(sql.text() + " RETURNING " + Identifier.list(returning), sql.parameters()));
    } else {
      try (PreparedStatement statement = lease.timed().prepareStatement(sql.text())) {
        Parameters.bind(statement, sql.parameters());
        written += statement.executeUpdate();
      }
    }
    handled += values.rows();
  }

  /// Runs one statement that writes several rows and answers them, or a number where none are
  /// wanted.
  ///
  /// @param rows how many it writes
  void run(Sql sql, int rows) throws SQLException {
    if (returning.isEmpty()) {
      try (PreparedStatement statement = lease.timed().prepareStatement(sql.text())) {
        Parameters.bind(statement, sql.parameters());
        statement.execute();
      }
      written += rows;
    } else {
      returned(sql);
    }
    handled += rows;
  }

  private void returned(Sql sql) throws SQLException {
    try (PreparedStatement statement = lease.timed().prepareStatement(sql.text())) {
      Parameters.bind(statement, sql.parameters());
      try (ResultSet row = statement.executeQuery()) {
        reader.begin(row);
        while (row.next()) {
          reader.write(row, out);
          written++;
        }
      }
    }
  }

  /// Sends the rows as one batch. The driver appends RETURNING itself, for a batch takes no other
  /// form of it, and gives one count for each row and the rows of those that have one.
  private void run(Statement.RowByRow rows) throws SQLException {
    String[] names = returning.stream().map(Identifier::name).toArray(String[]::new);
    try (PreparedStatement statement =
        names.length == 0
            ? lease.timed().prepareStatement(rows.text())
            : lease.timed().prepareStatement(rows.text(), names)) {
      for (List<Parameter> parameters : rows.rows()) {
        Parameters.bind(statement, parameters);
        statement.addBatch();
      }
      int[] counts = statement.executeBatch();
      for (int count : counts) {
        written += count;
      }
      if (names.length > 0) {
        returned(statement, counts);
      }
    }
    handled += rows.rows().size();
  }

  private void returned(PreparedStatement statement, int[] counts) throws SQLException {
    try (ResultSet row = statement.getGeneratedKeys()) {
      for (int count : counts) {
        if (count == 0) {
          out.nullValue();
        } else if (row.next()) {
          if (row.isFirst()) {
            // Without a row the result has no columns either.
            reader.begin(row);
          }
          reader.write(row, out);
        } else {
          throw new SQLException("The driver gave fewer rows than it counted.");
        }
      }
    }
  }

  /// Whether the returned rows stay below a size even with the longest escapes of what goes in.
  boolean certainlyBelow(long limit, Statement.Values values) {
    if (returning.isEmpty()) {
      return true;
    }
    long bytes = PageLimit.FRAME;
    for (Parameter parameter : values.sql().parameters()) {
      if (parameter instanceof Parameter.Text(String text)) {
        bytes += LONGEST_ESCAPE * text.length();
      } else if (parameter instanceof Parameter.Typed(String text, String _)) {
        bytes += LONGEST_ESCAPE * text.length();
      } else if (parameter instanceof Parameter.Bytes binary) {
        bytes += 2L * binary.value().length;
      } else {
        bytes += "null".length();
      }
    }
    for (Identifier name : returning) {
      OptionalLong made = madeByServer(shape.column(name).orElseThrow());
      if (made.isEmpty()) {
        return false;
      }
      long each = VALUE_WITHOUT_TEXT + LONGEST_ESCAPE * (name.name().length() + made.getAsLong());
      bytes += each * values.rows();
    }
    return bytes < limit;
  }

  /// Characters that the server may make of a value besides those it is given; empty where there is
  /// no bound.
  private static OptionalLong madeByServer(ColumnShape column) {
    ColumnType type = column.type();
    if (type.base() == ColumnType.Base.UUID) {
      return OptionalLong.of(0);
    }
    switch (type.base()) {
      // Numbers are written out: 1e1000 has a thousand digits.
      case JSONB, OTHER -> {
        return OptionalLong.empty();
      }
      case NUMERIC -> {
        return type.length().isEmpty()
            ? OptionalLong.empty()
            : OptionalLong.of(type.length().getAsInt());
      }
      default -> {}
    }
    if (column.initial().isEmpty()) {
      return OptionalLong.of(type.length().orElse(0));
    }
    return switch (DefaultSql.standing(column.initial())) {
      case DefaultSql.None _ -> OptionalLong.of(type.length().orElse(0));
      case DefaultSql.Literal(String text) ->
          OptionalLong.of(text.length() + (long) type.length().orElse(0));
      // A function, or a generated column.
      case DefaultSql.Call _ ->
          type.maxTextLength().isEmpty()
              ? OptionalLong.empty()
              : OptionalLong.of(type.maxTextLength().getAsInt());
    };
  }
}
