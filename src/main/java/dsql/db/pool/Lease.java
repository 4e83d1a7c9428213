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

/// A borrowed connection. Closing it gives the connection back, rolled back and in autocommit mode;
/// one that cannot be brought there is closed. Confined to one thread.
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

  /// The connection, not to be kept or closed.
  public Connection connection() {
    return pooled.connection();
  }

  /// The connection, whose next reads wait no longer than the time that is left now.
  ///
  /// @throws SQLException when the connection is closed
  public Connection timed() throws SQLException {
    pooled
        .connection()
        .setNetworkTimeout(Runnable::run, ConnectionPool.millis(deadline.remaining()));
    return pooled.connection();
  }

  /// How long the connection lay in the pool before this lease; next to nothing for a new one.
  public Duration idle() {
    return idle;
  }

  /// Whether the connection was opened for this lease.
  public boolean opened() {
    return opened;
  }

  /// Time since the connection was opened.
  public Duration age() {
    return ConnectionPool.age(pooled.openedAt(), clock.instant());
  }

  /// Has the connection closed on return, because nothing can be known of its state.
  ///
  /// @param why what happened on it
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

  /// Rolls back what is not committed and goes back to autocommit mode; touches only what was
  /// touched.
  ///
  /// @throws SQLException when the connection is no longer usable
  public void reset() throws SQLException {
    Connection connection = pooled.connection();
    if (!connection.getAutoCommit()) {
      connection.rollback();
      connection.setAutoCommit(true);
    } else if (inTransaction(connection)) {
      // Begun in SQL text, which the driver's own rollback() refuses to end.
      try (Statement statement = connection.createStatement()) {
        statement.execute("ROLLBACK");
      }
    }
  }

  private static boolean inTransaction(Connection connection) throws SQLException {
    return connection.unwrap(BaseConnection.class).getTransactionState() != TransactionState.IDLE;
  }
}
