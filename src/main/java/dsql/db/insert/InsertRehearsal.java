package dsql.db.insert;

import dsql.action.ColumnType;
import dsql.action.Identifier;
import dsql.action.Insert;
import dsql.action.Result.Inserted;
import dsql.db.fault.AmbiguousCommit;
import dsql.db.jdbc.ReplyLimit;
import dsql.db.jdbc.ServerFeatures.Choice;
import dsql.db.jdbc.Transactions;
import dsql.db.retry.Retry;
import dsql.db.retry.Retry.Repeat;
import dsql.sql.InsertSql;
import dsql.sql.InsertStatement;
import dsql.sql.Sql;
import dsql.sql.TableShape;
import dsql.sql.TableShape.ColumnShape;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Runs the code of a keyed insert without a table and without writing: it makes the statement for
/// an imagined table of the columns that the insert gives, and sends a SELECT of that statement's
/// parameters to the server instead. Safe for concurrent use.
public final class InsertRehearsal implements InsertAction {

  private final Identifier schema;
  private final Ledger ledger;

  public InsertRehearsal(Identifier schema, Ledger ledger) {
    this.schema = schema;
    this.ledger = ledger;
  }

  /// Answers the insert with its own values.
  ///
  /// @param insert has one row and a key, and returns the columns that it gives, in their order
  @Override
  public Inserted run(Retry.Session session, Insert insert, ReplyLimit limit)
      throws SQLException, AmbiguousCommit {
    TableShape shape = shape(insert);
    InsertStatement.Values values =
        (InsertStatement.Values) InsertSql.of(insert, shape, 0, 1, true).getFirst();
    String fingerprint = RequestFingerprint.of(insert);
    Sql keyed =
        ledger.withRows(
            values,
            InsertWriter.heads(insert, shape),
            insert.key().orElseThrow(),
            fingerprint,
            shape.proof().guard());
    Sql echo = echo(keyed, insert.returning().size());
    return session.run(
        Repeat.IDEMPOTENT,
        lease -> {
          Transactions.transaction(
              lease,
              () -> {
                new InsertWriter(lease, insert, shape, Choice.ofAll()).run(echo, 1);
                return Optional.of(true);
              });
          lease.reset();
          InsertWriter writer = new InsertWriter(lease, insert, shape, Choice.ofAll());
          if (!ReturnedSize.isCertainlyBelow(limit.bytes(), insert, shape, values.sql())) {
            throw new IllegalArgumentException(
                "The rehearsal's insert is too large: " + insert.table());
          }
          return Transactions.single(() -> {
            writer.run(echo, 1);
            return Inserts.inserted(session, insert, writer);
          });
        });
  }

  private TableShape shape(Insert insert) {
    Map<String, ColumnShape> columns = new LinkedHashMap<>();
    for (Identifier name : insert.returning()) {
      int number = columns.size() + 1;
      ColumnType text = ColumnType.ofCatalog("text");
      columns.put(name.name(), new ColumnShape(number, name, text, true, Optional.empty(), false));
    }
    return new TableShape(schema, insert.table(), columns, List.of());
  }

  /// Selects the first parameters of a statement, and uses the others in its condition.
  private static Sql echo(Sql statement, int selected) {
    StringBuilder text = new StringBuilder("SELECT ");
    for (int i = 0; i < statement.parameters().size(); i++) {
      if (i > 0) {
        text.append(i < selected ? ", " : i == selected ? " WHERE " : " AND ");
      }
      text.append("?::text").append(i < selected ? "" : " IS NOT NULL");
    }
    return new Sql(text.toString(), statement.parameters());
  }
}
