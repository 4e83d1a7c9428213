package dsql.db.insert;

import dsql.action.Failure;
import dsql.action.IdempotencyKey;
import dsql.action.Insert;
import dsql.action.Insert.Atomicity;
import dsql.action.InvalidRequest;
import dsql.action.Result.Inserted;
import dsql.action.Rows;
import dsql.db.fault.AmbiguousCommit;
import dsql.db.fault.SqlFailure;
import dsql.db.insert.Ledger.Entry;
import dsql.db.jdbc.Catalog;
import dsql.db.jdbc.ReplyLimit;
import dsql.db.jdbc.ServerFeatures.Choice;
import dsql.db.jdbc.ServerFeatures.Feature;
import dsql.db.jdbc.Transactions;
import dsql.db.pool.Lease;
import dsql.db.retry.Retry;
import dsql.db.retry.Retry.Repeat;
import dsql.sql.InsertStatement;
import dsql.sql.Sql;
import dsql.sql.TableShape;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Runs inserts with a key. The rows are written in chunks; each chunk is one transaction, which
/// also writes the key's ledger row or advances it. A whole insert is one chunk of all rows.
///
/// Each transaction is safe to run again whatever became of an earlier run: it writes or advances
/// the ledger row only from the position where the chunk begins, so that of two senders one
/// advances it and the other reads the key's row. That row is read after any failure of a write.
/// Nothing is ever concluded from its absence, because a commit whose answer was lost may still
/// take effect. A whole insert begins without reading it, which saves a round trip; chunks read it
/// first, because a request that was stopped continues where its last chunk ended.
///
/// Safe for concurrent use.
final class KeyedInserts {

  /// Limit on how often one request creates the ledger's table, in case somebody keeps dropping it.
  private static final int MAX_LEDGERS = 3;

  private final Ledger ledger;
  private final Inserts inserts;
  private final int maxRows;

  /// @param maxRows limit on the rows of a chunk
  KeyedInserts(Ledger ledger, Inserts inserts, int maxRows) {
    this.ledger = ledger;
    this.inserts = inserts;
    this.maxRows = maxRows;
  }

  /// @throws SQLException when the first chunk failed and nothing is committed
  /// @throws AmbiguousCommit when it is not known whether the first chunk is committed
  Inserted run(Retry.Session session, Insert insert, ReplyLimit limit)
      throws SQLException, AmbiguousCommit {
    return new Run(session, insert, limit).run();
  }

  /// How far the request has come.
  ///
  /// @param next the first row that is not committed
  /// @param reply the returned rows so far, without brackets
  private record Progress(int next, int written, Optional<String> reply) {}

  /// The run of one request. Confined to it.
  private final class Run {
    private final Retry.Session session;
    private final Insert insert;
    private final boolean whole;
    private final ReplyLimit limit;
    private final IdempotencyKey key;
    private final String fingerprint;
    private final ChunkSize size;
    private final ChunkList chunks;
    private @Nullable InsertPlan plan;

    /// Whether the request was checked against the table.
    private boolean checked;

    /// The row at which a failed write began that ended its connection, so that the key's row must
    /// be read on another one; -1 for none. A lost commit is settled once the key is beyond that
    /// row.
    private int elsewhere;

    /// How often the ledger's table was missing.
    private int missingLedgers;

    /// Whether the last read found that the key's row had expired, and removed it.
    private boolean removedExpired;

    /// The furthest position that the ledger row or a commit has shown; it never goes back.
    private Progress known = new Progress(0, 0, Optional.empty());

    /// Whether the ledger row was read or advanced after the last write that may have changed it.
    private boolean certain;

    /// Whether earlier invocations wrote all rows.
    private boolean replayed;

    /// The returned rows of a whole insert that this invocation wrote.
    private Optional<Rows> returned = Optional.empty();

    private Run(Retry.Session session, Insert insert, ReplyLimit limit) {
      this.session = session;
      this.insert = insert;
      this.whole = insert.atomicity() == Atomicity.ALL;
      // The ledger keeps a whole insert's reply, which may be replayed at any door.
      this.limit = whole ? ReplyLimit.ANY_DOOR : limit;
      this.key = insert.key().orElseThrow();
      this.fingerprint = RequestFingerprint.of(insert);
      this.size = new ChunkSize(insert, maxRows);
      this.chunks = new ChunkList(session, insert);
      this.checked = whole;
      this.plan = inserts.planned(insert, 0, end(0));
    }

    private int end(int from) {
      return whole ? insert.rows().size() : size.end(from);
    }

    private Inserted run() throws SQLException, AmbiguousCommit {
      @Nullable Exception refusal = whole ? null : tried(this::readKey);
      // A whole insert counts as replayed unless it writes the rows now.
      replayed = whole || known.next() == insert.rows().size();
      if (known.next() > 0) {
        chunks.committed(0, known.next());
      }
      if (refusal != null) {
        stopped(refusal);
      } else {
        writeAll();
      }
      Optional<Rows> rows = returned;
      if (rows.isEmpty() && !insert.returning().isEmpty()) {
        rows = Optional.of(Ledger.rows(known.reply().orElse(""), known.next()));
      }
      return new Inserted(
          insert.table(),
          replayed,
          session.attempts(),
          session.waited().toMillis(),
          insert.rows().size(),
          known.next(),
          known.written(),
          rows,
          chunks.chunks());
    }

    /// Runs a transaction, and returns its failure, or null when it succeeded.
    private @Nullable Exception tried(Retry.Transaction<Progress> transaction) {
      try {
        session.run(Repeat.IDEMPOTENT, transaction);
        return null;
      } catch (SQLException | AmbiguousCommit | RuntimeException e) {
        return e;
      }
    }

    private void writeAll() throws SQLException, AmbiguousCommit {
      Duration longest = Duration.ZERO;
      while (known.next() < insert.rows().size()) {
        long begun = session.deadline().ticker().nanos();
        int from = known.next();
        elsewhere = -1;
        // A chunk that may not finish in the remaining time is not begun.
        if (from > 0 && session.deadline().remaining().compareTo(longest.multipliedBy(2)) <= 0) {
          chunks.outOfTime(from, end(from));
          return;
        }
        @Nullable Exception failure = tried(this::step);
        if (!whole && is(SqlFailure.TRANSACTION_TOO_LARGE, failure) && size.halves(from)) {
          continue;
        }
        if (elsewhere >= 0 && failure != null) {
          @Nullable Exception unread = tried(this::readKey);
          failure = unread != null ? unread : known.next() > elsewhere ? null : failure;
        }
        if (!whole && known.next() > from) {
          chunks.committed(from, known.next());
        }
        if (failure != null) {
          stopped(failure);
          return;
        }
        Duration took = session.deadline().since(begun);
        longest = took.compareTo(longest) > 0 ? took : longest;
      }
    }

    /// Ends the request: it fails if no row is known to be committed, else its next chunk does.
    private void stopped(Exception failure) throws SQLException, AmbiguousCommit {
      if (known.next() > 0) {
        chunks.failed(known.next(), end(known.next()), failure, certain);
        return;
      }
      if (failure instanceof AmbiguousCommit ambiguous) {
        throw ambiguous;
      }
      if (certain) {
        throw Catalog.rethrown(failure);
      }
      throw KeyProblems.beforeKeyWasRead(failure, insert, session);
    }

    /// Reads the key's ledger row and continues from there. A request in chunks is checked against
    /// the table here, before its first chunk.
    private Progress readKey(Lease lease) throws SQLException, AmbiguousCommit {
      Optional<Entry> entry = ledger.find(lease, key);
      certain = true;
      removedExpired = entry.isPresent() && entry.get().expired() && known.next() == 0;
      if (removedExpired) {
        ledger.removeExpired(lease.timed(), key);
      } else if (entry.isPresent()) {
        continueFrom(entry.get());
      } else if (known.next() > 0) {
        throw KeyProblems.removed();
      }
      if (!checked && known.next() < insert.rows().size()) {
        int all = insert.rows().size();
        inserts.write(
            lease, insert, (shape, choice) -> InsertPlan.of(insert, shape, 0, all, choice, null));
        checked = true;
      }
      return known;
    }

    private void continueFrom(Entry entry) {
      if (!entry.expired() && !entry.fingerprint().equals(fingerprint)) {
        throw KeyProblems.reused();
      }
      if (entry.nextRow() < known.next()) {
        throw KeyProblems.removed();
      }
      known = new Progress(entry.nextRow(), entry.written(), entry.reply());
    }

    /// Writes one chunk, or finds that another sender has written it.
    private Progress step(Lease lease) throws SQLException, AmbiguousCommit {
      ledger.ensureTable(lease, key);
      while (true) {
        Progress from = certain || whole ? known : readKey(lease);
        if (from.next() == insert.rows().size()) {
          return from;
        }
        certain = false;
        Exception failure;
        try {
          Optional<Progress> moved =
              inserts.write(lease, insert, (shape, choice) -> write(lease, from, shape, choice));
          if (moved.isEmpty()) {
            return readKey(lease);
          }
          known = moved.get();
          certain = true;
          replayed = false;
          return known;
        } catch (SQLException e) {
          if (SqlFailure.of(e).endsAttempt()) {
            throw e;
          }
          failure = e;
        } catch (InvalidRequest | Failure e) {
          failure = e;
        }
        if (lease.connection().isClosed()) {
          elsewhere = from.next();
          throw Catalog.rethrown(failure);
        }
        // The key's row, or the rows, may exist already: then another sender was faster, or an
        // earlier attempt of this one.
        lease.reset();
        if (readKey(lease).next() > from.next()) {
          return known;
        }
        // A missing table is the ledger's: the insert's own was found when its shape was proven.
        if (!removedExpired
            && !(is(SqlFailure.TABLE_NOT_FOUND, failure) && missingLedgers++ < MAX_LEDGERS)) {
          throw Catalog.rethrown(failure);
        }
      }
    }

    private static boolean is(SqlFailure kind, @Nullable Exception failure) {
      return failure instanceof SQLException e && SqlFailure.of(e) == kind;
    }

    /// Writes the rows of a chunk and their ledger row in one transaction.
    ///
    /// @return empty when another sender has advanced the ledger row
    private Optional<Progress> write(Lease lease, Progress from, TableShape shape, Choice choice)
        throws SQLException, AmbiguousCommit {
      int to = end(from.next());
      plan = InsertPlan.of(insert, shape, from.next(), to, choice, plan);
      List<InsertStatement> statements = plan.statements();
      InsertWriter writer = new InsertWriter(lease, insert, shape, choice);
      if (whole
          && choice.uses(Feature.GUARDS)
          && statements.size() == 1
          && statements.getFirst() instanceof InsertStatement.Values values
          && values.commitsItself()
          && ReturnedSize.isCertainlyBelow(Ledger.MAX_REPLY, insert, shape, values.sql())
          && choice.uses(Feature.KEPT_ROWS)) {
        String guard = shape.proof().guard();
        Sql sql = ledger.withRows(values, writer.heads(), key, fingerprint, guard);
        Transactions.single(() -> {
          writer.run(sql, values.rows());
          return true;
        });
        returned = insert.returning().isEmpty() ? returned : Optional.of(writer.rows());
        return Optional.of(new Progress(to, writer.written(), Optional.empty()));
      }
      return Transactions.transaction(
          lease,
          () -> {
            writer.run(statements);
            Optional<String> reply = reply(from, writer);
            int written = from.written() + writer.written();
            Optional<Progress> moved = Optional.of(new Progress(to, written, reply));
            if (from.next() > 0) {
              boolean mine = ledger.advance(lease.timed(), key, from.next(), to, written, reply);
              return mine ? moved : Optional.empty();
            }
            ledger.insert(lease.timed(), key, fingerprint, to, written, reply);
            return moved;
          });
    }

    private Optional<String> reply(Progress from, InsertWriter writer) {
      if (insert.returning().isEmpty()) {
        return Optional.empty();
      }
      String rows = Ledger.bare(writer.rows());
      String all = from.reply().map(before -> before + ',' + rows).orElse(rows);
      boolean fits = writer.replyBytes(limit) + (whole ? 0 : all.length()) <= limit.bytes();
      if (!fits || all.getBytes(StandardCharsets.UTF_8).length > Ledger.MAX_REPLY) {
        throw Inserts.replyTooLarge();
      }
      return Optional.of(all);
    }
  }
}
