package dsql.db;

import dsql.action.Failure;
import dsql.action.IdempotencyKey;
import dsql.action.Insert;
import dsql.action.Insert.Atomicity;
import dsql.action.InvalidRequest;
import dsql.action.Problem;
import dsql.action.Result.Inserted;
import dsql.action.Rows;
import dsql.db.Ledger.Entry;
import dsql.db.fault.AmbiguousCommit;
import dsql.db.fault.SqlFailure;
import dsql.db.pool.Lease;
import dsql.db.retry.Retry;
import dsql.db.retry.Retry.Repeat;
import dsql.sql.InsertSql;
import dsql.sql.InsertSql.Statement;
import dsql.sql.Sql;
import dsql.sql.TableShape;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Inserts in one transaction, with a key or without. Safe for concurrent use.
///
/// With a key the transaction is safe to run again whatever became of an earlier run: its ledger
/// row's primary key lets one through, and every other finds that row and answers as it did.
/// Nothing is ever concluded from a key's absence, for a lost commit may still be on its way.
final class Inserts {

  /// A connection used so lately is taken to be alive.
  private static final Duration SURELY_ALIVE = Duration.ofSeconds(1);

  private final Catalog catalog;
  private final Ledger ledger;
  private final ChunkedInserts chunked;

  /// Whether the ledger's table was seen.
  private volatile boolean ledgerStands;

  /// Whether the server builds the kept rows itself. False once it refused a function for that.
  private volatile boolean serverKeepsRows = true;

  /// Whether the server takes many rows as arrays. False once it refused to.
  private volatile boolean serverTakesArrays = true;

  /// @param chunkRows rows of a chunk at most
  Inserts(Catalog catalog, Ledger ledger, int chunkRows) {
    this.catalog = catalog;
    this.ledger = ledger;
    this.chunked = new ChunkedInserts(catalog, ledger, this, chunkRows);
  }

  Inserted run(Retry.Session session, Insert insert, PageLimit limit)
      throws SQLException, AmbiguousCommit {
    if (insert.key().isEmpty()) {
      check(insert, Insert.MAX_ROWS);
      return session.run(
          Repeat.NEVER_AFTER_COMMIT,
          lease ->
              withArraysOrWithout(lease, arrays -> unkeyed(session, lease, insert, limit, arrays)));
    }
    if (insert.atomicity() == Atomicity.CHUNK) {
      return chunked.run(session, insert, limit);
    }
    check(insert, Insert.MAX_ROWS - 1);
    String fingerprint = Fingerprint.of(insert);
    return session.run(
        Repeat.IDEMPOTENT,
        lease ->
            withArraysOrWithout(
                lease, arrays -> keyed(session, lease, insert, fingerprint, arrays)));
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

  /// What is done with rows as arrays, or without.
  @FunctionalInterface
  interface Attempt<T> {
    T run(boolean arrays) throws SQLException, AmbiguousCommit;
  }

  /// Whether many rows go as arrays: until the server refuses them.
  boolean takesArrays() {
    return serverTakesArrays;
  }

  /// Runs it, and once more without arrays if the server turns out not to take them.
  <T> T withArraysOrWithout(Lease lease, Attempt<T> attempt) throws SQLException, AmbiguousCommit {
    if (serverTakesArrays) {
      try {
        return attempt.run(true);
      } catch (SQLException e) {
        if (!SqlFailure.isUnsupported(e)) {
          throw e;
        }
        lease.reset();
      }
      T done = attempt.run(false);
      // Only now is it known that it was for the arrays.
      serverTakesArrays = false;
      return done;
    }
    return attempt.run(false);
  }

  private Inserted unkeyed(
      Retry.Session session, Lease lease, Insert insert, PageLimit limit, boolean arrays)
      throws SQLException, AmbiguousCommit {
    return catalog.with(
        lease,
        insert.table(),
        shape -> {
          List<Statement> statements = InsertSql.of(insert, shape, arrays);
          RowWriter writer = new RowWriter(lease, insert, shape);
          // A single statement commits itself, which saves a round trip. But not where its rows
          // might not fit into a reply, for then it must still be possible to undo them; nor on a
          // connection that may have died meanwhile, for then nothing may be lost but the attempt.
          if (lease.idle().compareTo(SURELY_ALIVE) < 0
              && statements.size() == 1
              && statements.getFirst() instanceof Statement.Values values
              && writer.certainlyBelow(limit.bytes(), values)) {
            Commit.single(() -> writer.run(values));
          } else {
            Commit.transaction(
                lease,
                () -> {
                  writer.run(statements);
                  checkReply(writer, limit);
                  return true;
                });
          }
          return inserted(session, insert, writer);
        });
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

  /// Makes sure that the ledger's table stands, once per environment.
  void ensureLedger(Lease lease, IdempotencyKey key) throws SQLException {
    if (ledgerStands) {
      return;
    }
    try {
      ledger.find(lease.timed(), key);
    } catch (SQLException e) {
      if (SqlFailure.of(e) != SqlFailure.TABLE_NOT_FOUND) {
        throw e;
      }
      createLedger(lease, key);
    }
    ledgerStands = true;
  }

  private void createLedger(Lease lease, IdempotencyKey key) throws SQLException {
    try {
      ledger.create(lease.timed());
    } catch (SQLException e) {
      if (SqlFailure.of(e) == SqlFailure.PERMISSION_DENIED) {
        throw new Failure(
            Problem.of(
                Problem.Code.PERMISSION_DENIED,
                "Idempotency keys are kept in the table dsql_ledger, which the function's database"
                    + " user may not create in its schema."),
            e);
      }
      switch (SqlFailure.of(e)) {
        // Two sessions at once may both find it missing; in PostgreSQL one then meets a duplicate
        // in a catalog.
        case TABLE_EXISTS, UNIQUE_VIOLATION -> ledger.find(lease.timed(), key);
        default -> throw e;
      }
    }
  }

  private Inserted keyed(
      Retry.Session session, Lease lease, Insert insert, String fingerprint, boolean arrays)
      throws SQLException, AmbiguousCommit {
    IdempotencyKey key = insert.key().orElseThrow();
    ensureLedger(lease, key);
    for (int vanished = 0; ; ) {
      Exception failure;
      boolean noLedger = false;
      try {
        return catalog.with(
            lease,
            insert.table(),
            shape -> write(session, lease, insert, shape, fingerprint, arrays));
      } catch (InvalidRequest e) {
        failure = e;
      } catch (SQLException e) {
        failure = e;
        switch (SqlFailure.of(e)) {
          // Nothing can be read on this connection, or the whole transaction is to run again.
          case CONFLICT, CONNECTION_LOST, UNAVAILABLE, STALE_STATEMENT -> throw e;
          case STATEMENT_REFUSED, UNKNOWN -> {
            if (arrays && SqlFailure.isUnsupported(e)) {
              throw e;
            }
          }
          case TABLE_NOT_FOUND -> {
            // The insert's own table was just seen, so it is the ledger; another sender may have
            // made it anew by now.
            ledgerStands = false;
            noLedger = vanished++ < 3;
          }
          default -> {}
        }
      }
      lease.reset();
      if (noLedger) {
        ensureLedger(lease, key);
        continue;
      }
      Optional<Entry> entry = find(lease, insert, fingerprint);
      if (entry.isEmpty()) {
        throw rethrown(failure);
      }
      if (!entry.get().expired()) {
        return replay(session, lease, insert, entry.get());
      }
      ledger.removeExpired(lease.timed(), key);
    }
  }

  private static SQLException rethrown(Exception failure) {
    return switch (failure) {
      case SQLException sql -> sql;
      case RuntimeException runtime -> throw runtime;
      default -> throw new AssertionError(failure);
    };
  }

  /// The rows and their ledger row, in one transaction.
  private Inserted write(
      Retry.Session session,
      Lease lease,
      Insert insert,
      TableShape shape,
      String fingerprint,
      boolean arrays)
      throws SQLException, AmbiguousCommit {
    List<Statement> statements = InsertSql.of(insert, shape, arrays);
    if (serverKeepsRows
        && statements.size() == 1
        && statements.getFirst() instanceof Statement.Values values) {
      RowWriter writer = new RowWriter(lease, insert, shape);
      if (writer.certainlyBelow(Ledger.MAX_REPLY, values)) {
        try {
          return writeAtOnce(session, insert, values, writer, fingerprint);
        } catch (SQLException e) {
          if (!SqlFailure.isUnsupported(e) || values.arrays()) {
            throw e;
          }
          serverKeepsRows = false;
          lease.reset();
        }
      }
    }
    RowWriter writer = new RowWriter(lease, insert, shape);
    Inserted[] result = new Inserted[1];
    Commit.transaction(
        lease,
        () -> {
          writer.run(statements);
          Inserted inserted = inserted(session, insert, writer);
          Optional<String> reply = inserted.rows().map(Ledger::bare);
          if (writer.replyBytes(PageLimit.ANY_DOOR) > PageLimit.ANY_DOOR.bytes()
              || reply.map(Ledger::bytes).orElse(0) > Ledger.MAX_REPLY) {
            throw replyTooLarge();
          }
          ledger.insert(
              lease.timed(),
              insert.key().orElseThrow(),
              fingerprint,
              insert.rows().size(),
              writer.written(),
              reply);
          result[0] = inserted;
          return true;
        });
    return result[0];
  }

  private Inserted writeAtOnce(
      Retry.Session session,
      Insert insert,
      Statement.Values values,
      RowWriter writer,
      String fingerprint)
      throws SQLException, AmbiguousCommit {
    Sql sql = ledger.withRows(values, writer.heads(), insert.key().orElseThrow(), fingerprint);
    Commit.single(() -> writer.run(sql, values.rows()));
    return inserted(session, insert, writer);
  }

  /// The key's entry, once it is certain that it stands for this request.
  ///
  /// @throws Failure when it stands for another
  Optional<Entry> find(Lease lease, Insert insert, String fingerprint) throws SQLException {
    Optional<Entry> entry = ledger.find(lease.timed(), insert.key().orElseThrow());
    if (entry.isPresent()
        && !entry.get().expired()
        && !entry.get().fingerprint().equals(fingerprint)) {
      throw new Failure(
          Problem.of(
              Problem.Code.IDEMPOTENCY_KEY_REUSED,
              "This idempotency key stands for another request. Send that one again, or use a new"
                  + " key."));
    }
    return entry;
  }

  /// The outcome that an entry stands for, as it was first answered.
  private Inserted replay(Retry.Session session, Lease lease, Insert insert, Entry entry)
      throws SQLException, AmbiguousCommit {
    Optional<Rows> rows = Optional.empty();
    if (!insert.returning().isEmpty()) {
      rows =
          Optional.of(
              entry.returned()
                  ? returned(lease, insert)
                  : Ledger.rows(entry.reply().orElse(""), entry.nextRow()));
    }
    int all = insert.rows().size();
    return new Inserted(
        insert.table(),
        true,
        session.attempts(),
        session.waited().toMillis(),
        all,
        all,
        entry.written(),
        rows,
        List.of());
  }

  private Rows returned(Lease lease, Insert insert) throws SQLException, AmbiguousCommit {
    return catalog.with(
        lease,
        insert.table(),
        shape ->
            ledger.returned(
                lease.timed(), insert.key().orElseThrow(), RowWriter.heads(insert, shape)));
  }
}
