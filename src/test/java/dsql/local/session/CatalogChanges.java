package dsql.local.session;

import java.util.concurrent.locks.ReentrantLock;

/// Counts committed changes of the catalog. Safe for concurrent use.
///
/// Whoever commits one holds the lock from before PostgreSQL hears of it until it is counted, and
/// the count is read under the same lock. So no session can have run a statement on a catalog that
/// the count it then reads does not tell.
final class CatalogChanges {
  private final ReentrantLock committing = new ReentrantLock();
  private long count;

  long count() {
    committing.lock();
    try {
      return count;
    } finally {
      committing.unlock();
    }
  }

  /// Begins a commit; [#end] must follow.
  void begin() {
    committing.lock();
  }

  /// Ends it.
  ///
  /// @param changed whether it changed the catalog
  /// @return the count after it
  long end(boolean changed) {
    try {
      count += changed ? 1 : 0;
      return count;
    } finally {
      committing.unlock();
    }
  }
}
