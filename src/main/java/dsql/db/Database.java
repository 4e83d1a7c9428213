package dsql.db;

import dsql.action.Create;
import dsql.action.Failure;
import dsql.action.Identifier;
import dsql.action.Insert;
import dsql.action.InvalidRequest;
import dsql.action.Problem;
import dsql.action.Query;
import dsql.action.Request;
import dsql.action.Result;
import dsql.db.fault.AmbiguousCommit;
import dsql.db.pool.ConnectionPool;
import dsql.db.pool.Deadline;
import dsql.db.pool.DeadlineExceeded;
import dsql.db.pool.Lease;
import dsql.db.pool.TokenSource;
import dsql.db.retry.Retry;
import dsql.db.retry.Retry.Repeat;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Runs requests, each as whole transactions. Safe for concurrent use.
public final class Database implements AutoCloseable {

  private final ConnectionPool pool;
  private final Retry retry;
  private final Identifier schema;
  private final Catalog catalog;
  private final Ledger ledger;
  private final ServerFeatures features = new ServerFeatures();
  private final Inserts inserts;
  private final SelectRows selectRows;

  /// What stands in for inserts in a rehearsal.
  private final @Nullable InsertRehearsal insertRehearsal;

  /// @param schema the schema of every table
  /// @param ledgerTtl how long an idempotency key is kept
  public Database(ConnectionPool pool, Retry retry, Identifier schema, Duration ledgerTtl) {
    this(pool, retry, schema, ledgerTtl, ChunkedInserts.MAX_ROWS, Query.MAX_LIMIT + 1);
  }

  /// The same, with chunks of so many rows at most, and so many asked for at once.
  Database(
      ConnectionPool pool,
      Retry retry,
      Identifier schema,
      Duration ledgerTtl,
      int chunkRows,
      int selectRows) {
    this(pool, retry, schema, ledgerTtl, chunkRows, selectRows, false);
  }

  private Database(
      ConnectionPool pool,
      Retry retry,
      Identifier schema,
      Duration ledgerTtl,
      int chunkRows,
      int selectRows,
      boolean rehearsal) {
    this.pool = pool;
    this.retry = retry;
    this.schema = schema;
    this.catalog = new Catalog(schema);
    this.ledger = new Ledger(schema, ledgerTtl);
    this.inserts = new Inserts(catalog, ledger, features, chunkRows);
    this.selectRows = new SelectRows(selectRows);
    this.insertRehearsal = rehearsal ? new InsertRehearsal(schema, ledger) : null;
  }

  /// A database for going through the code: its tables are those of the system's catalog, which
  /// every user may query, and its inserts change nothing; see [InsertRehearsal].
  public static Database rehearsal(ConnectionPool pool, Retry retry) {
    return new Database(
        pool,
        retry,
        new Identifier("pg_catalog"),
        Duration.ofDays(1),
        ChunkedInserts.MAX_ROWS,
        Query.MAX_LIMIT + 1,
        true);
  }

  /// What one invocation runs in; it counts attempts and waiting.
  public Retry.Session begin(Deadline deadline) {
    return retry.begin(deadline);
  }

  /// Runs one request.
  ///
  /// @param limit how large the rows of the reply may be
  /// @throws Failure when the database or the deadline stopped it
  /// @throws InvalidRequest when the request does not fit the table
  public Result run(Request request, Retry.Session session, PageLimit limit) {
    try {
      if (request instanceof Insert insert) {
        return insertRehearsal == null
            ? inserts.run(session, insert, limit)
            : insertRehearsal.run(session, insert, limit);
      } else if (request instanceof Query query) {
        return select(session, query, limit);
      }
      return CreateTable.run(session, catalog, (Create) request, schema);
    } catch (SQLException | AmbiguousCommit | DeadlineExceeded | TokenSource.Unavailable e) {
      Problem problem = DatabaseProblems.of(e, Optional.of(request), session);
      boolean keyed = request instanceof Insert insert && insert.key().isPresent();
      throw new Failure(keyed && e instanceof AmbiguousCommit ? problem.repeatable() : problem, e);
    }
  }

  private Result select(Retry.Session session, Query query, PageLimit limit)
      throws SQLException, AmbiguousCommit {
    boolean first = true;
    while (true) {
      boolean grows = first;
      try {
        return session.run(
            Repeat.IDEMPOTENT,
            lease ->
                features.run(
                    lease,
                    choice ->
                        catalog.with(
                            lease,
                            query.table(),
                            shape -> selectRows.run(lease, query, shape, limit, grows, choice))));
      } catch (SelectRows.StepTooLarge _) {
        // Its next step is smaller, down to one row. What proves the shape was lost with the
        // answer.
        catalog.forget(query.table());
        first = false;
      }
    }
  }

  /// Asks the server for a sign of life, removes expired ledger rows, sees to their index, and
  /// tells of the pool. Half of the time is for the rows; what is left of them then is the next
  /// tick's.
  ///
  /// @throws Failure when the database stopped it, or the deadline before any row was removed
  public Result.Ticked tick(Retry.Session session) {
    Deadline half = session.deadline().within(session.deadline().remaining().dividedBy(2));
    int pruned = 0;
    boolean more = true;
    try {
      session.run(Repeat.IDEMPOTENT, Database::signOfLife);
      do {
        int last = session.run(Repeat.IDEMPOTENT, ledger::prune);
        pruned += last;
        more = last == Ledger.PRUNE;
      } while (more && !half.passed());
    } catch (SQLException | AmbiguousCommit | DeadlineExceeded | TokenSource.Unavailable e) {
      // A batch that the other half of the time was too short for is the next tick's too.
      if (pruned == 0 || !session.deadline().passed()) {
        throw new Failure(stopped(DatabaseProblems.of(e, Optional.empty(), session), pruned), e);
      }
    }
    ConnectionPool.State state = pool.state();
    return new Result.Ticked(
        state.total(), state.idle(), state.opened(), state.closed(), pruned, more);
  }

  private static Problem stopped(Problem problem, int pruned) {
    return pruned == 0
        ? problem
        : problem.partly(
            pruned
                + " expired keys were removed; the next tick goes on. What stopped this one: "
                + problem.detail().replace("; nothing was written", ""));
  }

  private static boolean signOfLife(Lease lease) throws SQLException {
    try (PreparedStatement statement = lease.timed().prepareStatement("SELECT 1")) {
      return statement.execute();
    }
  }

  /// Closes the pool.
  @Override
  public void close() {
    pool.close();
  }
}
