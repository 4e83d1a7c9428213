package dsql.db.pool;

import dsql.db.pool.ConnectionPool.Pooled;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

/// A borrowed connection. Closing the lease returns the connection, rolled back and in autocommit
/// mode; a connection that cannot be reset to that state is closed. Confined to one thread.
public final class Lease implements AutoCloseable {

  private final ConnectionPool pool;
  private final Pooled pooled;
  private final Duration idle;
  private final boolean opened;
  private final InstantSource clock;
  private final Deadline deadline;
  private @Nullable Throwable discarded;
  private boolean returned;

  Lease(
      ConnectionPool pool,
      Pooled pooled,
      Duration idle,
      boolean opened,
      InstantSource clock,
      Deadline deadline) {
    this.pool = pool;
    this.pooled = pooled;
    this.idle = idle;
    this.opened = opened;
    this.clock = clock;
    this.deadline = deadline;
  }

  /// The connection; the caller must neither keep nor close it.
  public Connection connection() {
    return pooled.connection();
  }

  /// The connection, with its network timeout set to the time that is left now.
  ///
  /// @throws SQLException if the connection is closed
  public Connection timed() throws SQLException {
    pooled
        .connection()
        .setNetworkTimeout(Runnable::run, ConnectionPool.millis(deadline.remaining()));
    return pooled.connection();
  }

  /// How long the connection was idle before this lease; almost zero for a new one.
  public Duration idle() {
    return idle;
  }

  /// Whether the connection was opened for this lease.
  public boolean opened() {
    return opened;
  }

  /// The time since the connection was opened.
  public Duration age() {
    return ConnectionPool.age(pooled.openedAt(), clock.instant());
  }

  /// Marks the connection to be closed on return, because its state is unknown.
  ///
  /// @param why the failure on it
  public void discard(Throwable why) {
    discarded = why;
  }

  @Override
  public void close() {
    if (returned) {
      return;
    }
    returned = true;
    @Nullable CloseReason reason = CloseReason.RESET_FAILED;
    @Nullable Throwable cause = discarded;
    try {
      if (cause != null || pooled.connection().isClosed()) {
        reason = CloseReason.BROKEN;
      } else {
        reset();
        reason = null;
      }
    } catch (SQLException e) {
      cause = e;
    } finally {
      pool.giveBack(pooled, reason, cause);
    }
  }

  /// Rolls back what is not committed and returns to autocommit mode, but changes only what
  /// differs.
  ///
  /// @throws SQLException if the connection is no longer usable
  public void reset() throws SQLException {
    Connection connection = pooled.connection();
    if (!connection.getAutoCommit()) {
      connection.rollback();
      connection.setAutoCommit(true);
    } else if (inTransaction(connection)) {
      // The transaction was begun in SQL text, so the driver's rollback() refuses to end it.
      try (Statement statement = connection.createStatement()) {
        statement.execute("ROLLBACK");
      }
    }
  }

  private static boolean inTransaction(Connection connection) throws SQLException {
    return connection.unwrap(BaseConnection.class).getTransactionState() != TransactionState.IDLE;
  }
}
