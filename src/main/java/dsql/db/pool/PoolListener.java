package dsql.db.pool;

import java.time.Duration;

/// Hears of connections opened and closed. Called on the borrowing thread; safe for concurrent use.
public interface PoolListener {

  /// A connection was opened.
  ///
  /// @param took from the token to the end of the handshake
  void opened(Duration took);

  /// A connection was closed.
  ///
  /// @param age since it was opened
  void closed(CloseReason reason, Duration age);
}
