package dsql.local.session;

import java.util.concurrent.atomic.AtomicLong;

/// What a session knows of the catalog: up to which change.
final class CatalogView {
  private final AtomicLong changes;
  private long seen;

  CatalogView(AtomicLong changes) {
    this.changes = changes;
    this.seen = changes.get();
  }

  /// Has another session changed the catalog since the last look? Looking makes up for it.
  boolean stale() {
    long before = seen;
    refresh();
    return seen != before;
  }

  void refresh() {
    seen = changes.get();
  }

  /// This session has committed a change.
  void changed() {
    seen = changes.incrementAndGet();
  }
}
