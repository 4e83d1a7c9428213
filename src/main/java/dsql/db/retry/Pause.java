package dsql.db.retry;

import java.time.Duration;

/// Waits, so that tests need not.
@FunctionalInterface
public interface Pause {

  /// Lets the time pass.
  void pause(Duration time) throws InterruptedException;
}
