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
import dsql.db.ServerFeatures.Choice;
import dsql.db.fault.AmbiguousCommit;
import dsql.db.fault.SqlFailure;
import dsql.db.pool.Lease;
import dsql.db.retry.Retry;
import dsql.db.retry.Retry.Repeat;
import dsql.sql.InsertSql;
import dsql.sql.TableShape;
import java.sql.SQLException;
import java.time.Duration;
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

  private final Ledger ledger;
  private final Inserts inserts;
  private final int maxRows;

  /// @param maxRows of a chunk, up to [#MAX_ROWS]
  ChunkedInserts(Ledger ledger, Inserts inserts, int maxRows) {
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

    /// Whether the key must be looked at on another connection, for the chunk's ended with its
    /// failure.
    private boolean elsewhere;

    /// How often the ledger's table was missing.
    private int vanished;

    /// The furthest that the ledger row or a commit has told; never taken back.
    private Progress known = new Progress(0, 0, Optional.empty());

    /// Whether the ledger row was read or moved since the last statement that may have changed it.
    private boolean certain;

    private Run(Retry.Session session, Insert insert, PageLimit limit) {
      this.session = session;
      this.insert = insert;
      this.limit = limit;
      this.key = insert.key().orElseThrow();
      this.fingerprint = Fingerprint.of(insert);
    }

    private Inserted run() throws SQLException, AmbiguousCommit {
      @Nullable Exception refusal = null;
      try {
        session.run(Repeat.IDEMPOTENT, this::look);
      } catch (SQLException | RuntimeException e) {
        refusal = e;
      }
      boolean replayed = known.next() == insert.rows().size();
      if (known.next() > 0) {
        committed(0, known.next());
      }
      if (refusal != null) {
        stopped(refusal);
      } else {
        writeChunks();
      }
      Progress end = known;
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

    private void writeChunks() throws SQLException, AmbiguousCommit {
      Duration longest = Duration.ZERO;
      while (known.next() < insert.rows().size()) {
        long begun = session.deadline().ticker().nanos();
        // A chunk that could not end in the time that is left is not begun.
        if (known.next() > 0
            && session.deadline().remaining().compareTo(longest.multipliedBy(2)) <= 0) {
          stopped(ChunkOutcome.NOT_COMMITTED, deadline());
          break;
        }
        int from = known.next();
        @Nullable Exception failure = null;
        try {
          session.run(Repeat.IDEMPOTENT, this::step);
        } catch (SQLException e) {
          if (SqlFailure.of(e) == SqlFailure.TRANSACTION_TOO_LARGE && size(from) > 1) {
            most = size(from) / 2;
            continue;
          }
          failure = elsewhere ? lookElsewhere(e, from) : e;
        } catch (InvalidRequest | Failure e) {
          failure = elsewhere ? lookElsewhere(e, from) : e;
        } catch (AmbiguousCommit | RuntimeException e) {
          failure = e;
        }
        if (known.next() > from) {
          committed(from, known.next());
        }
        if (failure != null) {
          stopped(failure);
          break;
        }
        Duration took = session.deadline().since(begun);
        longest = took.compareTo(longest) > 0 ? took : longest;
      }
    }

    /// Looks at the key after a failure with which the connection ended.
    ///
    /// @return what stops the request, null if another sender has moved it on
    private @Nullable Exception lookElsewhere(Exception failure, int from) {
      elsewhere = false;
      try {
        session.run(Repeat.IDEMPOTENT, this::look);
        return known.next() > from ? null : failure;
      } catch (SQLException | AmbiguousCommit | RuntimeException e) {
        return e;
      }
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

    /// Ends with a failure: of the whole where nothing is known to be in, else of the next chunk.
    private void stopped(Exception failure) throws SQLException, AmbiguousCommit {
      boolean unknown = !certain || failure instanceof AmbiguousCommit;
      if (known.next() == 0) {
        if (failure instanceof AmbiguousCommit ambiguous) {
          throw ambiguous;
        }
        if (unknown) {
          throw KeyedInserts.beforeTheLook(failure, insert, session);
        }
        throw Catalog.rethrown(failure);
      }
      Problem problem = problem(failure);
      stopped(
          unknown ? ChunkOutcome.UNKNOWN : ChunkOutcome.NOT_COMMITTED,
          unknown && !(failure instanceof AmbiguousCommit)
              ? problem.beforeTheLook()
              : problem.ofChunk());
    }

    /// @throws Failure for a failure that is none of the database's, to be logged with its cause
    private Problem problem(Exception failure) {
      try {
        return DatabaseProblems.of(failure, Optional.of(insert), session);
      } catch (RuntimeException e) {
        throw new Failure(
            Problem.of(Problem.Code.INTERNAL, "")
                .partly(
                    "The function failed; its log says how. The first "
                        + known.next()
                        + " rows are in. Send the same request again under the same key."),
            e);
      }
    }

    private void stopped(ChunkOutcome outcome, Problem problem) {
      int from = known.next();
      int last = from + size(from) - 1;
      chunks.add(new Chunk(from, last, outcome, Optional.of(problem)));
    }

    /// Takes over what the ledger row says, with the request checked against the table before its
    /// first chunk.
    private Progress look(Lease lease) throws SQLException, AmbiguousCommit {
      Optional<Entry> entry = ledger.find(lease, key);
      certain = true;
      entry.ifPresent(found -> KeyedInserts.checkSame(found, fingerprint));
      if (known.next() == 0 && entry.isPresent() && entry.get().expired()) {
        ledger.removeExpired(lease.timed(), key);
        entry = Optional.empty();
      }
      int next = entry.map(Entry::nextRow).orElse(0);
      if (next < known.next()) {
        throw new Failure(
            Problem.of(
                Problem.Code.INTERNAL,
                "The key's row in dsql_ledger was removed while the request ran, so that nothing"
                    + " prevents these rows from being written twice. The rows of the committed"
                    + " chunks are in: send only the others, under a new key."));
      }
      entry.ifPresent(e -> known = new Progress(e.nextRow(), e.written(), e.reply()));
      if (!checked && known.next() < insert.rows().size()) {
        inserts.write(
            lease, insert, (shape, choice) -> Inserts.statements(insert, shape, choice).size());
        checked = true;
      }
      return known;
    }

    /// One chunk, or a look at what another sender has done meanwhile.
    private Progress step(Lease lease) throws SQLException, AmbiguousCommit {
      Progress from = certain ? known : look(lease);
      if (from.next() == insert.rows().size()) {
        return from;
      }
      certain = false;
      Exception failure;
      try {
        Optional<Progress> moved =
            inserts.write(lease, insert, (shape, choice) -> chunk(lease, from, shape, choice));
        if (moved.isEmpty()) {
          return look(lease);
        }
        known = moved.get();
        certain = true;
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
      // Perhaps for the key's own row, or for rows that are in: then another sender was faster, or
      // an earlier attempt of this one.
      lease.reset();
      if (look(lease).next() == from.next()
          && !(KeyedInserts.isOfLedger(failure) && vanished++ < KeyedInserts.MAX_LEDGERS)) {
        throw Catalog.rethrown(failure);
      }
      return known;
    }

    /// Empty when the ledger row is no longer where it was.
    private Optional<Progress> chunk(Lease lease, Progress from, TableShape shape, Choice choice)
        throws SQLException, AmbiguousCommit {
      int to = from.next() + size(from.next());
      RowWriter writer = new RowWriter(lease, insert, shape, choice);
      List<InsertSql.Statement> statements =
          Inserts.statements(insert, shape, from.next(), to, choice);
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
