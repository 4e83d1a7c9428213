package dsql.db;

import dsql.action.Failure;
import dsql.action.IdempotencyKey;
import dsql.action.Identifier;
import dsql.action.Insert;
import dsql.action.InvalidRequest;
import dsql.action.Problem;
import dsql.action.Result.Chunk;
import dsql.action.Result.ChunkOutcome;
import dsql.action.Result.Inserted;
import dsql.action.Rows;
import dsql.action.Value;
import dsql.db.Ledger.Entry;
import dsql.db.fault.AmbiguousCommit;
import dsql.db.fault.SqlFailure;
import dsql.db.pool.DeadlineExceeded;
import dsql.db.pool.Lease;
import dsql.db.pool.TokenSource;
import dsql.db.retry.Retry;
import dsql.db.retry.Retry.Repeat;
import dsql.sql.InsertSql;
import dsql.sql.TableShape;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Inserts in chunks, each a transaction that also moves the key's ledger row on.
///
/// Where a chunk begins is what the ledger row says, and the row is moved only from there: of two
/// senders, whatever their splits, one moves it and the other looks again. A request that was
/// stopped goes on where its last chunk ended.
///
/// Safe for concurrent use.
final class ChunkedInserts {

  /// Rows of a chunk at most: the ledger's own row counts too.
  static final int MAX_ROWS = Insert.MAX_ROWS - 1;

  /// Bytes of values in a chunk at most: of DSQL's 10 MiB a part goes to each row and each index.
  private static final int MAX_BYTES = 5 * 1024 * 1024;

  private final Catalog catalog;
  private final Ledger ledger;
  private final Inserts inserts;
  private final int maxRows;

  /// @param maxRows of a chunk, up to [#MAX_ROWS]
  ChunkedInserts(Catalog catalog, Ledger ledger, Inserts inserts, int maxRows) {
    this.catalog = catalog;
    this.ledger = ledger;
    this.inserts = inserts;
    this.maxRows = maxRows;
  }

  /// @throws SQLException of the first chunk, when nothing is committed
  /// @throws AmbiguousCommit when that is not known
  Inserted run(Retry.Session session, Insert insert, PageLimit limit)
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
    private final PageLimit limit;
    private final IdempotencyKey key;
    private final String fingerprint;
    private final List<Chunk> chunks = new ArrayList<>();
    private int most = maxRows;
    private boolean checked;

    /// What the ledger row says; null while that is not certain.
    private @Nullable Progress progress;

    private Run(Retry.Session session, Insert insert, PageLimit limit) {
      this.session = session;
      this.insert = insert;
      this.limit = limit;
      this.key = insert.key().orElseThrow();
      this.fingerprint = Fingerprint.of(insert);
    }

    private Inserted run() throws SQLException, AmbiguousCommit {
      Progress before = session.run(Repeat.IDEMPOTENT, this::look);
      boolean replayed = before.next() == insert.rows().size();
      if (before.next() > 0) {
        committed(0, before.next());
      }
      Progress now = before;
      Duration longest = Duration.ZERO;
      while (now.next() < insert.rows().size()) {
        Instant begun = session.deadline().clock().instant();
        // A chunk that could not end in the time that is left is not begun.
        if (now.next() > 0
            && session.deadline().remaining().compareTo(longest.multipliedBy(2)) <= 0) {
          stopped(now, ChunkOutcome.NOT_COMMITTED, deadline());
          break;
        }
        int from = now.next();
        try {
          now = session.run(Repeat.IDEMPOTENT, this::step);
          if (now.next() > from) {
            committed(from, now.next());
          }
        } catch (SQLException e) {
          if (SqlFailure.of(e) == SqlFailure.TRANSACTION_TOO_LARGE && size(from) > 1) {
            most = size(from) / 2;
            continue;
          }
          if (from == 0) {
            throw e;
          }
          stopped(now, ChunkOutcome.NOT_COMMITTED, e);
          break;
        } catch (AmbiguousCommit e) {
          if (from == 0) {
            throw e;
          }
          stopped(now, ChunkOutcome.UNKNOWN, e);
          break;
        } catch (Failure | InvalidRequest | DeadlineExceeded | TokenSource.Unavailable e) {
          if (from == 0) {
            throw e;
          }
          stopped(now, ChunkOutcome.NOT_COMMITTED, e);
          break;
        } catch (RuntimeException e) {
          if (from == 0) {
            throw e;
          }
          throw new Failure(
              Problem.of(Problem.Code.INTERNAL, "")
                  .partly(
                      "The function failed; its log says how. The first "
                          + from
                          + " rows are in. Send the same request again under the same key."),
              e);
        }
        Duration took = Duration.between(begun, session.deadline().clock().instant());
        longest = took.compareTo(longest) > 0 ? took : longest;
      }
      Progress end = now;
      Optional<Rows> rows =
          insert.returning().isEmpty()
              ? Optional.empty()
              : Optional.of(Ledger.rows(end.reply().orElse(""), end.next()));
      return new Inserted(
          insert.table(),
          replayed,
          session.attempts(),
          session.waited().toMillis(),
          insert.rows().size(),
          end.next(),
          end.written(),
          rows,
          chunks);
    }

    private Problem deadline() {
      return Problem.of(
          Problem.Code.DEADLINE_EXCEEDED,
          "The time of this invocation ended. Send the same request again under the same key; it"
              + " goes on from here.");
    }

    private void committed(int from, int to) {
      chunks.add(new Chunk(from, to - 1, ChunkOutcome.COMMITTED, Optional.empty()));
    }

    private void stopped(Progress at, ChunkOutcome outcome, Exception failure) {
      stopped(at, outcome, DatabaseProblems.of(failure, Optional.of(insert.table()), session));
    }

    private void stopped(Progress at, ChunkOutcome outcome, Problem problem) {
      int last = at.next() + size(at.next()) - 1;
      chunks.add(new Chunk(at.next(), last, outcome, Optional.of(problem)));
    }

    /// What the ledger row says, with the request checked against the table before its first chunk.
    private Progress look(Lease lease) throws SQLException, AmbiguousCommit {
      inserts.ensureLedger(lease, key);
      Optional<Entry> entry = inserts.find(lease, insert, fingerprint);
      if (entry.isPresent() && entry.get().expired()) {
        ledger.removeExpired(lease.timed(), key);
        entry = Optional.empty();
      }
      Progress found =
          entry
              .map(e -> new Progress(e.nextRow(), e.written(), e.reply()))
              .orElse(new Progress(0, 0, Optional.empty()));
      if (!checked && found.next() < insert.rows().size()) {
        catalog.with(
            lease, insert.table(), shape -> InsertSql.of(insert, shape, inserts.takesArrays()));
        checked = true;
      }
      progress = found;
      return found;
    }

    /// One chunk, or a look at what another sender has done meanwhile.
    private Progress step(Lease lease) throws SQLException, AmbiguousCommit {
      Progress from = progress != null ? progress : look(lease);
      if (from.next() == insert.rows().size()) {
        return from;
      }
      // Certain again only once this chunk is through.
      progress = null;
      try {
        Optional<Progress> moved =
            catalog.with(lease, insert.table(), shape -> chunk(lease, from, shape));
        if (moved.isEmpty()) {
          return look(lease);
        }
        progress = moved.get();
        return moved.get();
      } catch (SQLException e) {
        if (SqlFailure.of(e) != SqlFailure.UNIQUE_VIOLATION) {
          throw e;
        }
        // Perhaps the key's own: then another sender began it, or an earlier attempt of ours did.
        lease.reset();
        Progress now = look(lease);
        if (now.next() == from.next()) {
          throw e;
        }
        return now;
      }
    }

    /// Empty when the ledger row no longer stands where it stood.
    private Optional<Progress> chunk(Lease lease, Progress from, TableShape shape)
        throws SQLException, AmbiguousCommit {
      return inserts.withArraysOrWithout(lease, arrays -> chunk(lease, from, shape, arrays));
    }

    private Optional<Progress> chunk(Lease lease, Progress from, TableShape shape, boolean arrays)
        throws SQLException, AmbiguousCommit {
      int to = from.next() + size(from.next());
      RowWriter writer = new RowWriter(lease, insert, shape);
      List<InsertSql.Statement> statements = InsertSql.of(insert, shape, from.next(), to, arrays);
      Progress[] moved = new Progress[1];
      boolean committed =
          Commit.transaction(
              lease,
              () -> {
                writer.run(statements);
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

    private Optional<String> reply(Progress from, RowWriter writer) {
      if (insert.returning().isEmpty()) {
        return Optional.empty();
      }
      String rows = Ledger.bare(writer.rows());
      String all = from.reply().map(before -> before + ',' + rows).orElse(rows);
      boolean fits = writer.replyBytes(limit) + all.length() <= limit.bytes();
      if (!fits || Ledger.bytes(all) > Ledger.MAX_REPLY) {
        throw Inserts.replyTooLarge();
      }
      return Optional.of(all);
    }

    /// Rows of the chunk that begins there.
    private int size(int from) {
      int end = Math.min(insert.rows().size(), from + most);
      long bytes = 0;
      for (int i = from; i < end; i++) {
        bytes += bytes(insert.rows().get(i));
        if (bytes > MAX_BYTES && i > from) {
          return i - from;
        }
      }
      return end - from;
    }

    private long bytes(Map<Identifier, Value> row) {
      long bytes = 0;
      for (Value value : row.values()) {
        bytes +=
            switch (value) {
              case Value.Text(String text) -> 3L * text.length();
              case Value.Structure(String json) -> 3L * json.length();
              case Value.Num(String literal) -> literal.length();
              case Value.Null _, Value.Bool _ -> 1;
            };
      }
      return bytes;
    }
  }
}
