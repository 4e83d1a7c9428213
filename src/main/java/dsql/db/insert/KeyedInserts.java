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
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Inserts with a key: in chunks, each a transaction that also moves the key's ledger row on, or
/// whole, which is one chunk of all rows.
///
/// Each transaction is safe to run again whatever became of an earlier run: the ledger row is
/// written or moved only from where the transaction began, so of two senders, whatever their
/// chunks, one moves it and the other looks at the key. The key is looked at after any failure of a
/// write. Nothing is ever concluded from a key's absence, for a lost commit may still be on its
/// way. A whole insert begins without a look, which saves a round trip; chunks begin with one, for
/// a request that was stopped goes on where its last chunk ended.
///
/// Safe for concurrent use.
final class KeyedInserts {

  /// How often the ledger's table is made again for one request.
  private static final int MAX_LEDGERS = 3;

  private final Ledger ledger;
  private final Inserts inserts;
  private final int maxRows;

  /// @param maxRows the most rows of a chunk
  KeyedInserts(Ledger ledger, Inserts inserts, int maxRows) {
    this.ledger = ledger;
    this.inserts = inserts;
    this.maxRows = maxRows;
  }

  /// @throws SQLException of the first chunk, when nothing is committed
  /// @throws AmbiguousCommit when that is not known
  Inserted run(Retry.Session session, Insert insert, ReplyLimit limit)
      throws SQLException, AmbiguousCommit {
    return new Run(session, insert, limit).run();
  }

  /// What is in.
  ///
  /// @param next the first row that is not
  /// @param reply the returned rows so far, without brackets
  private record Progress(int next, int written, Optional<String> reply) {}

  /// One request. Confined to it.
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

    /// Whether the key must be looked at on another connection, for the write's ended with its
    /// failure.
    private boolean elsewhere;

    /// How often the ledger's table was missing.
    private int vanished;

    /// Whether the last look has removed the key's expired row.
    private boolean freed;

    /// The furthest that the ledger row or a commit has told; never taken back.
    private Progress known = new Progress(0, 0, Optional.empty());

    /// Whether the ledger row was read or moved since the last statement that may have changed it.
    private boolean certain;

    /// Whether earlier invocations have written all rows.
    private boolean replayed;

    /// The returned rows of a whole insert that this request has written itself.
    private Optional<Rows> returned = Optional.empty();

    private Run(Retry.Session session, Insert insert, ReplyLimit limit) {
      this.session = session;
      this.insert = insert;
      this.whole = insert.atomicity() == Atomicity.ALL;
      // A whole insert's reply is kept for whatever door it may be answered at again.
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
      @Nullable Exception refusal = whole ? null : tried(this::look);
      // Of a whole insert it is so unless it writes the rows now.
      replayed = whole || known.next() == insert.rows().size();
      if (known.next() > 0) {
        chunks.committed(0, known.next());
      }
      if (refusal != null) {
        stopped(refusal);
      } else {
        writeAll();
      }
      Progress end = known;
      Optional<Rows> rows = returned;
      if (rows.isEmpty() && !insert.returning().isEmpty()) {
        rows = Optional.of(Ledger.rows(end.reply().orElse(""), end.next()));
      }
      return new Inserted(
          insert.table(),
          replayed,
          session.attempts(),
          session.waited().toMillis(),
          insert.rows().size(),
          end.next(),
          end.written(),
          rows,
          chunks.chunks());
    }

    /// Runs a transaction, and returns the failure where it fails.
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
        elsewhere = false;
        // A chunk that could not end in the time that is left is not begun.
        if (from > 0 && session.deadline().remaining().compareTo(longest.multipliedBy(2)) <= 0) {
          chunks.outOfTime(from, end(from));
          return;
        }
        @Nullable Exception failure = tried(this::step);
        if (!whole && is(SqlFailure.TRANSACTION_TOO_LARGE, failure) && size.halves(from)) {
          continue;
        }
        if (elsewhere && failure != null) {
          @Nullable Exception blind = tried(this::look);
          failure = blind != null ? blind : known.next() > from ? null : failure;
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

    /// Ends with a failure: of the whole where nothing is known to be in, else of the next chunk.
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
      throw KeyProblems.beforeTheLook(failure, insert, session);
    }

    /// Takes over what the ledger row says, with the request checked against the table before its
    /// first chunk.
    private Progress look(Lease lease) throws SQLException, AmbiguousCommit {
      Optional<Entry> entry = ledger.find(lease, key);
      certain = true;
      freed = entry.isPresent() && entry.get().expired() && known.next() == 0;
      if (freed) {
        ledger.removeExpired(lease.timed(), key);
      } else if (entry.isPresent()) {
        takeOver(entry.get());
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

    private void takeOver(Entry entry) {
      if (!entry.expired() && !entry.fingerprint().equals(fingerprint)) {
        throw KeyProblems.reused();
      }
      if (entry.nextRow() < known.next()) {
        throw KeyProblems.removed();
      }
      known = new Progress(entry.nextRow(), entry.written(), entry.reply());
    }

    /// One chunk, or a look at what another sender has done meanwhile.
    private Progress step(Lease lease) throws SQLException, AmbiguousCommit {
      ledger.make(lease, key);
      while (true) {
        Progress from = certain || whole ? known : look(lease);
        if (from.next() == insert.rows().size()) {
          return from;
        }
        certain = false;
        Exception failure;
        try {
          Optional<Progress> moved =
              inserts.write(lease, insert, (shape, choice) -> write(lease, from, shape, choice));
          if (moved.isEmpty()) {
            return look(lease);
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
          elsewhere = true;
          throw Catalog.rethrown(failure);
        }
        // Perhaps for the key's own row, or for rows that are in: then another sender was faster,
        // or an earlier attempt of this one.
        lease.reset();
        if (look(lease).next() > from.next()) {
          return known;
        }
        // The insert's own table is known to exist when it is a table that was not found.
        if (!freed && !(is(SqlFailure.TABLE_NOT_FOUND, failure) && vanished++ < MAX_LEDGERS)) {
          throw Catalog.rethrown(failure);
        }
      }
    }

    private static boolean is(SqlFailure kind, @Nullable Exception failure) {
      return failure instanceof SQLException e && SqlFailure.of(e) == kind;
    }

    private InsertPlan plan(TableShape shape, Choice choice, int from, int to) {
      InsertPlan made = InsertPlan.of(insert, shape, from, to, choice, plan);
      plan = made;
      return made;
    }

    /// The rows of a chunk and their ledger row, in one transaction.
    ///
    /// @return empty when the ledger row is no longer where it was
    private Optional<Progress> write(Lease lease, Progress from, TableShape shape, Choice choice)
        throws SQLException, AmbiguousCommit {
      int to = end(from.next());
      InsertPlan rows = plan(shape, choice, from.next(), to);
      InsertWriter writer = new InsertWriter(lease, insert, shape, choice);
      if (whole
          && choice.uses(Feature.GUARDS)
          && rows.statements().size() == 1
          && rows.statements().getFirst() instanceof InsertStatement.Values values
          && values.commitsItself()
          && ReturnedSize.isCertainlyBelow(Ledger.MAX_REPLY, insert, shape, values)
          && choice.uses(Feature.KEPT_ROWS)) {
        String guard = shape.proof().guard();
        Sql sql = ledger.withRows(values, writer.heads(), key, fingerprint, guard);
        Transactions.single(() -> writer.run(sql, values.rows()));
        returned = insert.returning().isEmpty() ? returned : Optional.of(writer.rows());
        return Optional.of(new Progress(to, writer.written(), Optional.empty()));
      }
      Progress[] moved = new Progress[1];
      boolean committed =
          Transactions.transaction(
              lease,
              () -> {
                writer.run(rows.statements());
                Optional<String> reply = reply(from, writer);
                int written = from.written() + writer.written();
                moved[0] = new Progress(to, written, reply);
                if (from.next() > 0) {
                  return ledger.advance(lease.timed(), key, from.next(), to, written, reply);
                }
                ledger.insert(lease.timed(), key, fingerprint, to, written, reply);
                return true;
              });
      return committed ? Optional.of(moved[0]) : Optional.empty();
    }

    private Optional<String> reply(Progress from, InsertWriter writer) {
      if (insert.returning().isEmpty()) {
        return Optional.empty();
      }
      String rows = Ledger.bare(writer.rows());
      String all = from.reply().map(before -> before + ',' + rows).orElse(rows);
      boolean fits = writer.replyBytes(limit) + (whole ? 0 : all.length()) <= limit.bytes();
      if (!fits || Ledger.bytes(all) > Ledger.MAX_REPLY) {
        throw Inserts.replyTooLarge();
      }
      return Optional.of(all);
    }
  }
}
