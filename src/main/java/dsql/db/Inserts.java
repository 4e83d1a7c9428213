package dsql.db;

import dsql.action.Failure;
import dsql.action.Insert;
import dsql.action.Insert.Atomicity;
import dsql.action.Problem;
import dsql.action.Result.Inserted;
import dsql.action.Rows;
import dsql.db.ServerFeatures.Choice;
import dsql.db.ServerFeatures.Feature;
import dsql.db.fault.AmbiguousCommit;
import dsql.db.pool.Lease;
import dsql.db.retry.Retry;
import dsql.db.retry.Retry.Repeat;
import dsql.sql.InsertSql;
import dsql.sql.InsertSql.Statement;
import dsql.sql.TableShape;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Inserts: which of three ways one goes, and what they share. Here is the way of those without a
/// key, each in one transaction. Safe for concurrent use.
final class Inserts {

  /// A connection used so lately is taken to be alive.
  private static final Duration SURELY_ALIVE = Duration.ofSeconds(1);

  private final Catalog catalog;
  private final ServerFeatures features;
  private final KeyedInserts keyed;
  private final ChunkedInserts chunked;

  /// @param chunkRows the most rows of a chunk
  Inserts(Catalog catalog, Ledger ledger, ServerFeatures features, int chunkRows) {
    this.catalog = catalog;
    this.features = features;
    this.keyed = new KeyedInserts(ledger, this);
    this.chunked = new ChunkedInserts(ledger, this, chunkRows);
  }

  Inserted run(Retry.Session session, Insert insert, PageLimit limit)
      throws SQLException, AmbiguousCommit {
    if (insert.key().isEmpty()) {
      check(insert, Insert.MAX_ROWS);
      return session.run(
          Repeat.NEVER_AFTER_COMMIT,
          lease ->
              write(
                  lease,
                  insert,
                  (shape, choice) -> unkeyed(session, lease, insert, limit, shape, choice)));
    }
    if (insert.atomicity() == Atomicity.CHUNK) {
      return chunked.run(session, insert, limit);
    }
    check(insert, Insert.MAX_ROWS - 1);
    return keyed.run(session, insert);
  }

  /// What is done with a table's shape, in one transaction.
  @FunctionalInterface
  interface Write<T> {
    T run(TableShape shape, Choice features) throws SQLException, AmbiguousCommit;
  }

  /// Writes to the insert's table with its shape, in the ways that the server takes.
  <T> T write(Lease lease, Insert insert, Write<T> write) throws SQLException, AmbiguousCommit {
    return features.run(
        lease, choice -> catalog.with(lease, insert.table(), shape -> write.run(shape, choice)));
  }

  /// The statements for some rows, in the forms that may be used.
  ///
  /// @param from the first row
  /// @param to the row after the last
  static List<Statement> statements(
      Insert insert, TableShape shape, int from, int to, Choice choice) {
    boolean may =
        to - from >= InsertSql.MANY_ROWS
            && insert.onConflict().isEmpty()
            && insert.returning().isEmpty();
    return InsertSql.of(insert, shape, from, to, may && choice.uses(Feature.ARRAYS));
  }

  static List<Statement> statements(Insert insert, TableShape shape, Choice choice) {
    return statements(insert, shape, 0, insert.rows().size(), choice);
  }

  /// Refuses what no single transaction can hold, before the database is touched.
  private static void check(Insert insert, int most) {
    if (insert.rows().size() > most) {
      throw new Failure(
          Problem.of(
              Problem.Code.TRANSACTION_TOO_LARGE,
              "The insert has "
                  + insert.rows().size()
                  + " rows; one transaction takes at most "
                  + most
                  + (most < Insert.MAX_ROWS ? " beside the key's own" : "")
                  + ". Give it an idempotencyKey and \"atomicity\":\"chunk\", or send fewer."));
    }
  }

  private Inserted unkeyed(
      Retry.Session session,
      Lease lease,
      Insert insert,
      PageLimit limit,
      TableShape shape,
      Choice choice)
      throws SQLException, AmbiguousCommit {
    List<Statement> statements = statements(insert, shape, choice);
    boolean guards = choice.uses(Feature.GUARDS);
    RowWriter writer = new RowWriter(lease, insert, shape, choice);
    Statement first = statements.getFirst();
    // Made before the commit, or within what knows that it is done: the reply may take memory that
    // is not there.
    Inserted[] result = new Inserted[1];
    // A single statement commits itself, which saves a round trip. But not where its rows might not
    // fit into a reply, for then it must still be possible to undo them; nor on a connection that
    // may have died meanwhile, for then nothing may be lost but the attempt.
    if (guards
        && lease.idle().compareTo(SURELY_ALIVE) < 0
        && statements.size() == 1
        && first.commitsItself()
        && ReturnedSize.isCertainlyBelow(limit.bytes(), insert, shape, first)) {
      Commit.single(() -> {
        writer.runAlone(first);
        result[0] = inserted(session, insert, writer);
      });
    } else {
      Commit.transaction(
          lease,
          () -> {
            writer.run(statements);
            checkReply(writer, limit);
            result[0] = inserted(session, insert, writer);
            return true;
          });
    }
    return result[0];
  }

  private static void checkReply(RowWriter writer, PageLimit limit) {
    if (writer.replyBytes(limit) > limit.bytes()) {
      throw replyTooLarge();
    }
  }

  static Failure replyTooLarge() {
    return new Failure(
        Problem.of(
            Problem.Code.ROW_TOO_LARGE,
            "The returned rows are larger than a reply, or with a key the ledger, can hold. Return"
                + " fewer columns or send fewer rows; nothing was written."));
  }

  static Inserted inserted(Retry.Session session, Insert insert, RowWriter writer) {
    Optional<Rows> rows =
        insert.returning().isEmpty() ? Optional.empty() : Optional.of(writer.rows());
    int all = insert.rows().size();
    return new Inserted(
        insert.table(),
        false,
        session.attempts(),
        session.waited().toMillis(),
        all,
        all,
        writer.written(),
        rows,
        List.of());
  }
}
