package dsql.db.insert;

import dsql.action.Failure;
import dsql.action.Identifier;
import dsql.action.Insert;
import dsql.action.Result.ColumnHead;
import dsql.action.Rows;
import dsql.db.connect.AnswerTooLarge;
import dsql.db.jdbc.Parameters;
import dsql.db.jdbc.ReplyLimit;
import dsql.db.jdbc.RowEncoder;
import dsql.db.jdbc.ServerFeatures.Choice;
import dsql.db.jdbc.ServerFeatures.Feature;
import dsql.db.jdbc.StaleShape;
import dsql.db.pool.Lease;
import dsql.json.JsonWriter;
import dsql.sql.InsertStatement;
import dsql.sql.Parameter;
import dsql.sql.Sql;
import dsql.sql.TableShape;
import dsql.sql.TableShape.ColumnShape;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.PGStatement;

/// Runs an insert's statements in the current transaction and collects the rows that they return.
/// Confined to one attempt.
final class InsertWriter {

  private final Lease lease;
  private final Choice features;
  private final Insert insert;
  private final TableShape shape;
  private final List<Identifier> returning;
  private final List<ColumnHead> heads;
  private final RowEncoder reader;
  private final JsonWriter out = new JsonWriter().beginArray();
  private int handled;
  private int written;

  /// Whether statements may contain the guard of the table's shape.
  private final boolean guards;

  /// Whether the shape has been proven in the transaction's snapshot.
  private boolean proven;

  /// Whether the statement commits itself, so that its answer means that it is committed.
  private boolean alone;

  /// A failure to read the answer of a statement that commits itself. Whatever its cause says, the
  /// statement is committed.
  private static final class Unread extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private Unread(SQLException cause) {
      super("The answer of a committed statement could not be read.", cause);
    }
  }

  InsertWriter(Lease lease, Insert insert, TableShape shape, Choice features) {
    this.lease = lease;
    this.features = features;
    this.guards = features.uses(Feature.GUARDS);
    this.insert = insert;
    this.shape = shape;
    this.returning = insert.returning();
    this.heads = heads(insert, shape);
    this.reader = new RowEncoder(heads);
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

  /// The bytes of the reply so far, as the caller's door counts them.
  long replyBytes(ReplyLimit limit) {
    return limit.counted(out, 0) + ReplyLimit.FRAME;
  }

  /// Runs statements one after the other in the current transaction, without committing it, and
  /// proves the table's shape in it.
  ///
  /// @throws StaleShape when the table has another shape by now
  /// @throws Failure when the statements return more than the function can hold
  void run(List<InsertStatement> statements) throws SQLException {
    try {
      for (InsertStatement statement : statements) {
        switch (statement) {
          case InsertStatement.Values values -> run(values);
          case InsertStatement.Upsert upsert -> run(upsert);
          case InsertStatement.Pipeline pipeline -> run(pipeline);
          case InsertStatement.RowByRow rows -> run(rows);
        }
      }
      prove();
    } catch (SQLException e) {
      if (AnswerTooLarge.isCauseOf(e)) {
        throw Inserts.replyTooLarge();
      }
      throw e;
    }
  }

  /// Runs a statement that commits itself, and that writes nothing if the table's shape has
  /// changed.
  void runAlone(InsertStatement.Single statement) throws SQLException {
    alone = true;
    if (statement instanceof InsertStatement.Values values) {
      run(values);
    } else {
      run((InsertStatement.Upsert) statement);
    }
  }

  private void run(InsertStatement.Values values) throws SQLException {
    Sql sql = values.sql();
    boolean guarded = guards && !proven;
    if (values.arrays()) {
      String text = guarded ? sql.text() + " WHERE " + guard() + " = 1" : sql.text();
      update(new Sql(text, sql.parameters()));
    } else if (guarded || !returning.isEmpty() || !values.compared().isEmpty()) {
      returned(returning(sql, guarded, values.compared()), values.first(), values.compared());
    } else {
      update(sql);
    }
    proven |= guarded;
    handled += values.rows();
  }

  /// Runs the statement of a row that may be skipped. The server returns nothing for a skipped row,
  /// not even the guard: then nothing was written, and the shape is proven afterwards.
  private void run(InsertStatement.Upsert upsert) throws SQLException {
    boolean done = skippable(returning(upsert.sql(), guards && !proven, List.of()));
    proven |= guards && done;
    handled++;
    prove();
  }

  /// Runs the statement of one row.
  ///
  /// @return false when the row was skipped
  private boolean skippable(Sql sql) throws SQLException {
    int before = written;
    returned(sql, 0, List.of());
    if (written == before && !returning.isEmpty()) {
      out.nullValue();
    }
    return written > before;
  }

  /// @param compared columns to return last, for [#compare]
  private Sql returning(Sql sql, boolean guarded, List<Identifier> compared) {
    List<String> answers = new ArrayList<>();
    returning.forEach(name -> answers.add(name.quoted()));
    if (guarded) {
      answers.add(guard());
    }
    compared.forEach(name -> answers.add(name.quoted()));
    if (answers.isEmpty()) {
      answers.add("1");
    }
    return new Sql(sql.text() + " RETURNING " + String.join(", ", answers), sql.parameters());
  }

  private String guard() {
    return shape.proof().guard();
  }

  /// Proves the shape in the transaction's snapshot, if no statement has done so.
  private void prove() throws SQLException {
    if (proven) {
      return;
    }
    try (PreparedStatement question =
            lease.timed().prepareStatement("SELECT " + guard() + " AS proven");
        ResultSet answer = question.executeQuery()) {
      answer.next();
    }
    proven = true;
  }

  /// Runs one statement that writes several rows, and returns them, or a number if the insert
  /// returns no columns.
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
      returned(sql, 0, List.of());
    }
    handled += rows;
  }

  private void update(Sql sql) throws SQLException {
    try (PreparedStatement statement = lease.timed().prepareStatement(sql.text())) {
      Parameters.bind(statement, sql.parameters());
      written += statement.executeUpdate();
    }
  }

  /// @param first the first row's index in the request
  private void returned(Sql sql, int first, List<Identifier> compared) throws SQLException {
    try (PreparedStatement statement = lease.timed().prepareStatement(sql.text())) {
      Parameters.bind(statement, sql.parameters());
      try (ResultSet row = statement.executeQuery()) {
        returned(row, first, compared);
      }
    }
  }

  private void returned(ResultSet row, int first, List<Identifier> compared) throws SQLException {
    try {
      for (int i = first; row.next(); i++) {
        if (!returning.isEmpty()) {
          reader.write(row, out);
        }
        written++;
        compare(row, i, compared);
      }
    } catch (SQLException e) {
      if (alone) {
        throw new Unread(e);
      }
      throw e;
    }
  }

  /// Refuses a row if its last columns show that the server has rounded a given number.
  private void compare(ResultSet row, int index, List<Identifier> compared) throws SQLException {
    for (int i = 0; i < compared.size(); i++) {
      int column = row.getMetaData().getColumnCount() - compared.size() + i + 1;
      StoredNumbers.check(insert, index, compared.get(i), row.getString(column));
    }
  }

  /// Sends the statements of several rows as one text: the driver sends all of them before it waits
  /// for the first answer. The server prepares none of them, because each text is used only once.
  private void run(InsertStatement.Pipeline pipeline) throws SQLException {
    if (!features.uses(Feature.PIPELINES)) {
      for (Sql row : pipeline.rows()) {
        skippable(returning(row, false, List.of()));
      }
      handled += pipeline.rows().size();
      return;
    }
    StringBuilder text = new StringBuilder();
    List<Parameter> parameters = new ArrayList<>();
    for (Sql row : pipeline.rows()) {
      text.append(text.isEmpty() ? "" : "; ").append(returning(row, false, List.of()).text());
      parameters.addAll(row.parameters());
    }
    try (PreparedStatement statement = lease.timed().prepareStatement(text.toString())) {
      statement.unwrap(PGStatement.class).setPrepareThreshold(0);
      Parameters.bind(statement, parameters);
      statement.execute();
      for (int i = 0; i < pipeline.rows().size(); i++) {
        int before = written;
        returned(statement.getResultSet(), 0, List.of());
        if (written == before && !returning.isEmpty()) {
          out.nullValue();
        }
        statement.getMoreResults();
      }
    }
    handled += pipeline.rows().size();
  }

  /// Sends the rows as one batch.
  private void run(InsertStatement.RowByRow rows) throws SQLException {
    try (PreparedStatement statement = lease.timed().prepareStatement(rows.text())) {
      for (List<Parameter> parameters : rows.rows()) {
        Parameters.bind(statement, parameters);
        statement.addBatch();
      }
      for (int count : statement.executeBatch()) {
        written += count;
      }
    }
    handled += rows.rows().size();
  }
}
