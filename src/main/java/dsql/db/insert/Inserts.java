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

/// Runs inserts: one without a key in one transaction, one with a key by [KeyedInserts]. Safe for
/// concurrent use.
public final class Inserts implements InsertAction {

  /// Limit on the rows of a chunk, to which the ledger's row is added.
  public static final int MAX_CHUNK_ROWS = Insert.MAX_ROWS - 1;

  /// A connection that was used within this time is assumed to be alive.
  private static final Duration SURELY_ALIVE = Duration.ofSeconds(1);

  private final Catalog catalog;
  private final ServerFeatures features;
  private final KeyedInserts keyed;

  /// @param chunkRows limit on the rows of a chunk
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

  /// Writes, in one transaction, to a table whose shape is known.
  @FunctionalInterface
  interface Write<T> {
    T run(TableShape shape, Choice features) throws SQLException, AmbiguousCommit;
  }

  /// Writes to the insert's table, with its shape and with the features that the server supports.
  <T> T write(Lease lease, Insert insert, Write<T> write) throws SQLException, AmbiguousCommit {
    return features.run(
        lease, choice -> catalog.with(lease, insert.table(), shape -> write.run(shape, choice)));
  }

  /// The plan for some rows, made without a connection; null unless the table's shape is known and
  /// the rows fit it. Rows that do not fit are not refused yet, because the known shape may be
  /// stale.
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

  /// Refuses more rows than one transaction can write, before the database is touched.
  private static void check(Insert insert, int max) {
    if (insert.rows().size() > max) {
      throw new Failure(
          Problem.Code.TRANSACTION_TOO_LARGE,
          "The insert has "
              + insert.rows().size()
              + " rows; one transaction may write at most "
              + max
              + (max < Insert.MAX_ROWS ? " besides the key's own row" : "")
              + ". Give it an idempotencyKey and \"atomicity\":\"chunk\", or send fewer.");
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
      // The result is made before the commit, or where a failure counts as an unknown outcome,
      // because memory may run out while it is made.
      //
      // A single statement may commit itself, which saves a round trip. It must not do so if its
      // rows might not fit into a reply, because then it has to be rolled back; nor on a connection
      // that may have died, because then the outcome of a request would be unknown.
      if (guards
          && lease.idle().compareTo(SURELY_ALIVE) < 0
          && statements.size() == 1
          && statements.getFirst() instanceof InsertStatement.Single first
          && first.commitsItself()
          && ReturnedSize.isCertainlyBelow(limit.bytes(), insert, shape, first.sql())) {
        return Transactions.single(() -> {
          writer.runAlone(first);
          return inserted(session, insert, writer);
        });
      }
      return Transactions.transaction(
              lease,
              () -> {
                writer.run(statements);
                if (writer.replyBytes(limit) > limit.bytes()) {
                  throw replyTooLarge();
                }
                return Optional.of(inserted(session, insert, writer));
              })
          .orElseThrow();
    }
  }

  static Failure replyTooLarge() {
    return new Failure(
        Problem.Code.ROW_TOO_LARGE,
        "The returned rows are larger than a reply, or with a key the ledger, can hold. Return"
            + " fewer columns or send fewer rows; nothing was written.");
  }

  /// The result of an insert whose rows were all written by this invocation.
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
