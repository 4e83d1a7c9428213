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
import dsql.db.connect.TokenSource;
import dsql.db.create.CreateTable;
import dsql.db.fault.AmbiguousCommit;
import dsql.db.insert.InsertAction;
import dsql.db.insert.InsertRehearsal;
import dsql.db.insert.Inserts;
import dsql.db.insert.Ledger;
import dsql.db.jdbc.Catalog;
import dsql.db.jdbc.DatabaseProblems;
import dsql.db.jdbc.ReplyLimit;
import dsql.db.jdbc.ServerFeatures;
import dsql.db.pool.ConnectionPool;
import dsql.db.pool.Deadline;
import dsql.db.pool.DeadlineExceeded;
import dsql.db.pool.Lease;
import dsql.db.query.Queries;
import dsql.db.retry.Retry;
import dsql.db.retry.Retry.Repeat;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/// Runs requests, each as whole transactions. Safe for concurrent use.
public final class Database implements AutoCloseable {

  private final ConnectionPool pool;
  private final Retry retry;
  private final Catalog catalog;
  private final Ledger ledger;
  private final InsertAction inserts;
  private final Queries queries;

  private Database(
      ConnectionPool pool,
      Retry retry,
      Catalog catalog,
      Ledger ledger,
      InsertAction inserts,
      Queries queries) {
    this.pool = pool;
    this.retry = retry;
    this.catalog = catalog;
    this.ledger = ledger;
    this.inserts = inserts;
    this.queries = queries;
  }

  /// A database of the tables of a schema.
  ///
  /// @param ledgerTtl how long an idempotency key is kept
  public static Database of(
      ConnectionPool pool, Retry retry, Identifier schema, Duration ledgerTtl) {
    return of(pool, retry, schema, ledgerTtl, Inserts.MAX_CHUNK_ROWS, Query.MAX_LIMIT + 1);
  }

  /// The same, with limits on the rows of a chunk and on the rows that a query reads in one step.
  static Database of(
      ConnectionPool pool,
      Retry retry,
      Identifier schema,
      Duration ledgerTtl,
      int chunkRows,
      int selectRows) {
    Catalog catalog = new Catalog(schema);
    ServerFeatures features = new ServerFeatures();
    Ledger ledger = new Ledger(schema, ledgerTtl);
    return new Database(
        pool,
        retry,
        catalog,
        ledger,
        new Inserts(catalog, ledger, features, chunkRows),
        new Queries(catalog, features, selectRows));
  }

  /// A database that runs the code of requests without changing anything: its tables are those of
  /// the system's catalog, which every user may query; for its inserts see [InsertRehearsal].
  public static Database rehearsal(ConnectionPool pool, Retry retry) {
    Identifier schema = new Identifier("pg_catalog");
    Catalog catalog = new Catalog(schema);
    Ledger ledger = new Ledger(schema, Duration.ofDays(1));
    return new Database(
        pool,
        retry,
        catalog,
        ledger,
        new InsertRehearsal(schema, ledger),
        new Queries(catalog, new ServerFeatures(), Query.MAX_LIMIT + 1));
  }

  /// The session of one invocation, which counts attempts and waiting.
  public Retry.Session begin(Deadline deadline) {
    return retry.begin(deadline);
  }

  /// Reads the shapes of the schema's tables by a session of any database, so that the first
  /// request for a table need not. Each statement still proves the shape that it is made from.
  ///
  /// @throws Failure when the database or the deadline stopped it
  public void readShapes(Retry.Session session) {
    try {
      session.run(
          Repeat.IDEMPOTENT,
          lease -> {
            catalog.readAll(lease.timed());
            return true;
          });
    } catch (SQLException | AmbiguousCommit | DeadlineExceeded | TokenSource.Unavailable e) {
      throw new Failure(DatabaseProblems.of(e, Optional.empty(), session), e);
    }
    if (catalog.known(Request.LEDGER).isPresent()) {
      ledger.assumeTable();
    }
  }

  /// Runs one request.
  ///
  /// @param limit limits the size of the reply's rows
  /// @throws Failure when the database or the deadline stopped the request
  /// @throws InvalidRequest when the request does not fit the table
  public Result run(Request request, Retry.Session session, ReplyLimit limit) {
    try {
      return switch (request) {
        case Create create -> CreateTable.run(session, catalog, create);
        case Insert insert -> inserts.run(session, insert, limit);
        case Query query -> queries.run(session, query, limit);
      };
    } catch (SQLException | AmbiguousCommit | DeadlineExceeded | TokenSource.Unavailable e) {
      Problem problem = DatabaseProblems.of(e, Optional.of(request), session);
      boolean keyed = request instanceof Insert insert && insert.key().isPresent();
      throw new Failure(keyed && e instanceof AmbiguousCommit ? problem.repeatable() : problem, e);
    }
  }

  /// Runs a tick: pings the server, removes expired ledger rows, builds the ledger's index if it is
  /// missing, and reports the pool's state. Rows are removed for half of the time that is left; the
  /// next tick removes the rest.
  ///
  /// @throws Failure when the database stopped the tick, or the deadline before any row was removed
  public Result.Ticked tick(Retry.Session session) {
    Deadline half = session.deadline().within(session.deadline().remaining().dividedBy(2));
    int pruned = 0;
    boolean more = true;
    try {
      session.run(Repeat.IDEMPOTENT, Database::ping);
      do {
        int last = session.run(Repeat.IDEMPOTENT, ledger::prune);
        pruned += last;
        more = last == Ledger.PRUNE;
      } while (more && !half.passed());
    } catch (SQLException | AmbiguousCommit | DeadlineExceeded | TokenSource.Unavailable e) {
      // After the deadline the tick still succeeds if it has removed any rows.
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
                + " expired keys were removed; the next tick continues. The reason why this one"
                + " stopped: "
                + problem.detail().replace("; nothing was written", ""),
            true);
  }

  private static boolean ping(Lease lease) throws SQLException {
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
