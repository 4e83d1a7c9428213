package dsql.db.retry;

import java.time.Duration;

/// Waits; tests pass an implementation that returns at once.
@FunctionalInterface
public interface Pause {

  /// Waits for that time.
  void pause(Duration time) throws InterruptedException;
}
