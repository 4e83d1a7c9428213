package dsql.db;

import dsql.action.Failure;
import dsql.action.IdempotencyKey;
import dsql.action.Insert;
import dsql.action.InvalidRequest;
import dsql.action.Problem;
import dsql.action.Result.Inserted;
import dsql.action.Rows;
import dsql.db.Ledger.Entry;
import dsql.db.ServerFeatures.Choice;
import dsql.db.ServerFeatures.Feature;
import dsql.db.fault.AmbiguousCommit;
import dsql.db.fault.SqlFailure;
import dsql.db.pool.Lease;
import dsql.db.retry.Retry;
import dsql.db.retry.Retry.Repeat;
import dsql.sql.InsertSql.Statement;
import dsql.sql.Sql;
import dsql.sql.TableShape;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/// Inserts with a key, each in one transaction.
///
/// The transaction is safe to run again whatever became of an earlier run: its ledger row's primary
/// key lets one through, and every other finds that row and answers as it did. So the key is looked
/// at after any failure of the write, and only then. Nothing is ever concluded from a key's
/// absence, for a lost commit may still be on its way.
///
/// Safe for concurrent use.
final class KeyedInserts {

  /// How often the ledger's table is made anew for one request.
  static final int MAX_LEDGERS = 3;

  private final Ledger ledger;
  private final Inserts inserts;

  KeyedInserts(Ledger ledger, Inserts inserts) {
    this.ledger = ledger;
    this.inserts = inserts;
  }

  Inserted run(Retry.Session session, Insert insert) throws SQLException, AmbiguousCommit {
    return new Run(session, insert).run();
  }

  /// The failure of a keyed insert whose ledger row was not read: an earlier invocation may have
  /// written the rows.
  static Failure beforeTheLook(Exception failure, Insert insert, Retry.Session session) {
    Problem problem;
    try {
      problem = DatabaseProblems.of(failure, Optional.of(insert), session);
    } catch (RuntimeException e) {
      problem = Problem.of(Problem.Code.INTERNAL, "The function failed; its log says how.");
    }
    return new Failure(problem.beforeTheLook(), failure);
  }

  /// @throws Failure when a living entry stands for another request
  static void checkSame(Entry entry, String fingerprint) {
    if (!entry.expired() && !entry.fingerprint().equals(fingerprint)) {
      throw new Failure(
          Problem.of(
              Problem.Code.IDEMPOTENCY_KEY_REUSED,
              "This idempotency key stands for another request. Send that one again, or use a new"
                  + " key."));
    }
  }

  /// Whether a write failed for want of the ledger's table, which somebody dropped. The insert's
  /// own table is known to exist when such a failure comes out of [Inserts#write].
  static boolean isOfLedger(Exception failure) {
    return failure instanceof SQLException e && SqlFailure.of(e) == SqlFailure.TABLE_NOT_FOUND;
  }

  /// One request. Confined to it.
  private final class Run {
    private final Retry.Session session;
    private final Insert insert;
    private final IdempotencyKey key;
    private final String fingerprint;

    /// Whether the key's row, or the lack of it, was seen after the last write.
    private boolean looked;

    /// Whether the key must be looked at on another connection, for the write's ended with its
    /// failure.
    private boolean elsewhere;

    private Run(Retry.Session session, Insert insert) {
      this.session = session;
      this.insert = insert;
      this.key = insert.key().orElseThrow();
      this.fingerprint = Fingerprint.of(insert);
    }

    private Inserted run() throws SQLException, AmbiguousCommit {
      try {
        try {
          return session.run(Repeat.IDEMPOTENT, this::attempt);
        } catch (SQLException | RuntimeException e) {
          if (!elsewhere) {
            throw e;
          }
          return session.run(Repeat.IDEMPOTENT, lease -> replayOr(e, lease));
        }
      } catch (SQLException | RuntimeException e) {
        if (!looked) {
          throw beforeTheLook(e, insert, session);
        }
        throw e;
      }
    }

    private Inserted attempt(Lease lease) throws SQLException, AmbiguousCommit {
      ledger.make(lease, key);
      for (int vanished = 0; ; ) {
        Exception failure;
        looked = false;
        try {
          return inserts.write(lease, insert, (shape, choice) -> write(lease, shape, choice));
        } catch (InvalidRequest | Failure e) {
          failure = e;
        } catch (SQLException e) {
          if (SqlFailure.of(e).endsAttempt()) {
            throw e;
          }
          failure = e;
        }
        if (lease.connection().isClosed()) {
          elsewhere = true;
          throw Catalog.rethrown(failure);
        }
        lease.reset();
        Optional<Entry> entry = look(lease);
        if (entry.isPresent() && !entry.get().expired()) {
          return replay(entry.get());
        }
        if (entry.isPresent()) {
          // Another sender may be faster.
          looked = false;
          ledger.removeExpired(lease.timed(), key);
        } else if (!isOfLedger(failure) || vanished++ == MAX_LEDGERS) {
          throw Catalog.rethrown(failure);
        }
      }
    }

    private Optional<Entry> look(Lease lease) throws SQLException {
      Optional<Entry> entry = ledger.find(lease, key);
      looked = true;
      entry.ifPresent(found -> checkSame(found, fingerprint));
      return entry;
    }

    /// What an earlier invocation under the key has answered, or else the failure.
    private Inserted replayOr(Exception failure, Lease lease) throws SQLException {
      looked = false;
      Optional<Entry> entry = look(lease);
      if (entry.isEmpty() || entry.get().expired()) {
        throw Catalog.rethrown(failure);
      }
      return replay(entry.get());
    }

    /// The outcome that an entry stands for, as it was first answered.
    private Inserted replay(Entry entry) {
      Optional<Rows> rows =
          insert.returning().isEmpty()
              ? Optional.empty()
              : Optional.of(Ledger.rows(entry.reply().orElse(""), entry.nextRow()));
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

    /// The rows and their ledger row, in one transaction.
    private Inserted write(Lease lease, TableShape shape, Choice choice)
        throws SQLException, AmbiguousCommit {
      List<Statement> statements = Inserts.statements(insert, shape, choice);
      if (choice.uses(Feature.GUARDS)
          && statements.size() == 1
          && statements.getFirst() instanceof Statement.Values values
          && values.commitsItself()
          && ReturnedSize.isCertainlyBelow(Ledger.MAX_REPLY, insert, shape, values)
          && choice.uses(Feature.KEPT_ROWS)) {
        return writeAtOnce(lease, shape, choice, values);
      }
      return writeApart(lease, shape, choice, statements);
    }

    private Inserted writeAtOnce(
        Lease lease, TableShape shape, Choice choice, Statement.Values values)
        throws SQLException, AmbiguousCommit {
      RowWriter writer = new RowWriter(lease, insert, shape, choice);
      String guard = shape.proof().guard();
      Sql sql = ledger.withRows(values, writer.heads(), key, fingerprint, guard);
      Commit.single(() -> writer.run(sql, values.rows()));
      return Inserts.inserted(session, insert, writer);
    }

    private Inserted writeApart(
        Lease lease, TableShape shape, Choice choice, List<Statement> statements)
        throws SQLException, AmbiguousCommit {
      RowWriter writer = new RowWriter(lease, insert, shape, choice);
      Inserted[] result = new Inserted[1];
      Commit.transaction(
          lease,
          () -> {
            writer.run(statements);
            Inserted inserted = Inserts.inserted(session, insert, writer);
            Optional<String> reply = inserted.rows().map(Ledger::bare);
            if (writer.replyBytes(PageLimit.ANY_DOOR) > PageLimit.ANY_DOOR.bytes()
                || reply.map(Ledger::bytes).orElse(0) > Ledger.MAX_REPLY) {
              throw Inserts.replyTooLarge();
            }
            int all = insert.rows().size();
            ledger.insert(lease.timed(), key, fingerprint, all, writer.written(), reply);
            result[0] = inserted;
            return true;
          });
      return result[0];
    }
  }
}
