package dsql.db.insert;

import dsql.action.Failure;
import dsql.action.Insert;
import dsql.action.Insert.Atomicity;
import dsql.action.InvalidRequest;
import dsql.action.Problem;
import dsql.action.Result.Inserted;
import dsql.action.Rows;
import dsql.db.fault.AmbiguousCommit;
import dsql.db.jdbc.Catalog;
import dsql.db.jdbc.ReplyLimit;
import dsql.db.jdbc.ServerFeatures;
import dsql.db.jdbc.ServerFeatures.Choice;
import dsql.db.jdbc.ServerFeatures.Feature;
import dsql.db.jdbc.Transactions;
import dsql.db.pool.Lease;
import dsql.db.retry.Retry;
import dsql.db.retry.Retry.Repeat;
import dsql.sql.InsertStatement;
import dsql.sql.TableShape;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Inserts: those without a key, each in one transaction; for the others see [KeyedInserts]. Safe
/// for concurrent use.
public final class Inserts implements InsertAction {

  /// The most rows of a chunk: the ledger's own row counts too.
  public static final int MAX_CHUNK_ROWS = Insert.MAX_ROWS - 1;

  /// A connection that was used within this time is taken to be alive.
  private static final Duration SURELY_ALIVE = Duration.ofSeconds(1);

  private final Catalog catalog;
  private final ServerFeatures features;
  private final KeyedInserts keyed;

  /// @param chunkRows the most rows of a chunk
  public Inserts(Catalog catalog, Ledger ledger, ServerFeatures features, int chunkRows) {
    this.catalog = catalog;
    this.features = features;
    this.keyed = new KeyedInserts(ledger, this, chunkRows);
  }

  @Override
  public Inserted run(Retry.Session session, Insert insert, ReplyLimit limit)
      throws SQLException, AmbiguousCommit {
    if (insert.atomicity() == Atomicity.ALL) {
      check(insert, insert.key().isPresent() ? MAX_CHUNK_ROWS : Insert.MAX_ROWS);
    }
    return insert.key().isPresent()
        ? keyed.run(session, insert, limit)
        : new Unkeyed(session, insert, limit).run();
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

  /// The plan for rows where the table's shape is known, made without a connection. A request that
  /// does not fit has none, for the shape may be stale, which only the server can tell.
  @Nullable InsertPlan planned(Insert insert, int from, int to) {
    Optional<TableShape> shape = catalog.known(insert.table());
    if (shape.isEmpty()) {
      return null;
    }
    try {
      return InsertPlan.of(insert, shape.get(), from, to, features.choice(), null);
    } catch (InvalidRequest _) {
      return null;
    }
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

  /// One request without a key. Confined to it.
  private final class Unkeyed {
    private final Retry.Session session;
    private final Insert insert;
    private final ReplyLimit limit;
    private @Nullable InsertPlan plan;

    private Unkeyed(Retry.Session session, Insert insert, ReplyLimit limit) {
      this.session = session;
      this.insert = insert;
      this.limit = limit;
      this.plan = planned(insert, 0, insert.rows().size());
    }

    private Inserted run() throws SQLException, AmbiguousCommit {
      return session.run(
          Repeat.NEVER_AFTER_COMMIT,
          lease ->
              Inserts.this.write(lease, insert, (shape, choice) -> write(lease, shape, choice)));
    }

    private Inserted write(Lease lease, TableShape shape, Choice choice)
        throws SQLException, AmbiguousCommit {
      plan = InsertPlan.of(insert, shape, 0, insert.rows().size(), choice, plan);
      List<InsertStatement> statements = plan.statements();
      boolean guards = choice.uses(Feature.GUARDS);
      InsertWriter writer = new InsertWriter(lease, insert, shape, choice);
      InsertStatement first = statements.getFirst();
      // Made before the commit, or within what knows that it is done: the reply may take memory
      // that is not there.
      Inserted[] result = new Inserted[1];
      // A single statement commits itself, which saves a round trip. But not where its rows might
      // not fit into a reply, for then it must still be possible to undo them; nor on a connection
      // that may have died meanwhile, for then nothing may be lost but the attempt.
      if (guards
          && lease.idle().compareTo(SURELY_ALIVE) < 0
          && statements.size() == 1
          && first.commitsItself()
          && ReturnedSize.isCertainlyBelow(limit.bytes(), insert, shape, first)) {
        Transactions.single(() -> {
          writer.runAlone(first);
          result[0] = inserted(session, insert, writer);
        });
      } else {
        Transactions.transaction(
            lease,
            () -> {
              writer.run(statements);
              if (writer.replyBytes(limit) > limit.bytes()) {
                throw replyTooLarge();
              }
              result[0] = inserted(session, insert, writer);
              return true;
            });
      }
      return result[0];
    }
  }

  static Failure replyTooLarge() {
    return new Failure(
        Problem.of(
            Problem.Code.ROW_TOO_LARGE,
            "The returned rows are larger than a reply, or with a key the ledger, can hold. Return"
                + " fewer columns or send fewer rows; nothing was written."));
  }

  /// All rows of an insert, as written just now.
  static Inserted inserted(Retry.Session session, Insert insert, InsertWriter writer) {
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
