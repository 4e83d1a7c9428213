package dsql.cluster;

import dsql.db.retry.Pause;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/// Counts statements, gives each its time, and waits where a cluster asks for it.
public final class Steps {
  private static final int ATTEMPTS = 10;
  private static final Duration LONGEST = Duration.ofSeconds(5);

  private final int millis;
  private final Pause pause;
  private final AtomicLong count = new AtomicLong();

  /// @param limit what a statement may take
  public Steps(Duration limit, Pause pause) {
    this.millis = Math.toIntExact(limit.toMillis());
    this.pause = pause;
  }

  /// A statement is about to be sent.
  void begin(Connection connection) throws SQLException {
    count.incrementAndGet();
    connection.setNetworkTimeout(Runnable::run, millis);
  }

  long count() {
    return count.get();
  }

  /// Waits the longer the more often it was tried: the first time not at all, for the first repeat
  /// usually clears a conflict.
  void pause(int attempt) throws SQLException {
    Duration wait = Duration.ofMillis(100L << Math.min(attempt, 6));
    if (attempt > 1) {
      pause(wait.compareTo(LONGEST) < 0 ? wait : LONGEST);
    }
  }

  void pause(Duration wait) throws SQLException {
    try {
      pause.pause(wait);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SQLException("Interrupted.", e);
    }
  }

  /// A session; a cluster takes a hundred a second, and has a limit on all that are open.
  Connection open(Sessions sessions) throws SQLException {
    for (int attempt = 1; ; attempt++) {
      try {
        return sessions.open();
      } catch (SQLException e) {
        boolean busy = "53300".equals(e.getSQLState()) || "53400".equals(e.getSQLState());
        if (!busy || attempt == ATTEMPTS) {
          throw e;
        }
        pause(attempt);
      }
    }
  }
}
