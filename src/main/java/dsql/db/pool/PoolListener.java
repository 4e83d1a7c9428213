package dsql.db.pool;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Receives an event for each connection that is opened or closed. Called on the borrowing thread;
/// must not throw; safe for concurrent use.
public interface PoolListener {

  /// A connection was opened.
  ///
  /// @param took the time from the token to the end of the login
  void opened(Duration took);

  /// A connection was closed.
  ///
  /// @param age the time since it was opened
  /// @param cause the failure that made it unusable; null if there was none or it is not known
  void closed(CloseReason reason, Duration age, @Nullable Throwable cause);
}
