package dsql.db.pool;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Hears of connections opened and closed. Called on the borrowing thread; must not throw; safe for
/// concurrent use.
public interface PoolListener {

  /// A connection was opened.
  ///
  /// @param took from the token to the end of the handshake
  void opened(Duration took);

  /// A connection was closed.
  ///
  /// @param age since it was opened
  /// @param cause what made it unusable; null where nothing did, or nothing is known
  void closed(CloseReason reason, Duration age, @Nullable Throwable cause);
}
