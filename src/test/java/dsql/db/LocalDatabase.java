package dsql.db;

import dsql.action.Identifier;
import dsql.db.connect.DsqlConnectionOpener;
import dsql.db.pool.ConnectionPool;
import dsql.db.pool.SilentListener;
import dsql.db.retry.Retry;
import dsql.db.retry.RetryPolicy;
import dsql.local.LocalDsql;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;

/// A database of one connection to the local endpoint, with steps that a test chooses.
public final class LocalDatabase {

  private LocalDatabase() {}

  /// A database on the endpoint, as its admin.
  ///
  /// @param chunkRows rows of a chunk at most
  /// @param selectRows rows asked for at once at most
  public static Database of(LocalDsql dsql, int chunkRows, int selectRows) {
    SecureRandom random = new SecureRandom();
    ConnectionPool pool =
        new ConnectionPool(
            new ConnectionPool.Limits(1, Duration.ofMinutes(50), Duration.ofSeconds(10)),
            new DsqlConnectionOpener(
                dsql.host(), dsql.port(), "admin", Duration.ofSeconds(5), _ -> dsql.token("admin")),
            Clock.systemUTC(),
            random,
            new SilentListener());
    return Database.of(
        pool,
        new Retry(pool, RetryPolicy.of(100), random, _ -> {}),
        new Identifier("public"),
        Duration.ofDays(1),
        chunkRows,
        selectRows);
  }
}
