package dsql.db.pool;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// No connection came free in time.
public final class PoolExhausted extends DeadlineExceeded {

  private static final long serialVersionUID = 1L;

  PoolExhausted(
      Duration waited, ConnectionPool.State state, @Nullable Throwable lastConnectFailure) {
    super(
        "No connection came free within %s ms (total=%s, active=%s, idle=%s, waiting=%s)."
            .formatted(
                waited.toMillis(), state.total(), state.active(), state.idle(), state.waiting()),
        lastConnectFailure);
  }
}
