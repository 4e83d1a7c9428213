package dsql.db.pool;

import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// No connection was tried, because the last ones failed. The cause is the last failure, which
/// decides the kind of this one.
public final class ConnectionsHeldBack extends SQLException {

  private static final long serialVersionUID = 1L;

  private final Duration remaining;

  /// @param remaining the time until the next connection may be tried
  public ConnectionsHeldBack(Duration remaining, @Nullable Throwable lastFailure) {
    super(
        "The last connections failed; none is tried for another " + remaining.toMillis() + " ms.",
        lastFailure);
    this.remaining = remaining;
  }

  /// The time until the next connection may be tried.
  public Duration remaining() {
    return remaining;
  }
}
