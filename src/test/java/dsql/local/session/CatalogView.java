package dsql.local.session;

import dsql.local.wire.Message;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// What a session knows of the catalog: up to which change.
final class CatalogView {
  private final CatalogChanges changes;
  private long seen;

  CatalogView(CatalogChanges changes) {
    this.changes = changes;
    this.seen = changes.count();
  }

  /// Has another session changed the catalog since the last look? Looking makes up for it.
  boolean stale() {
    long before = seen;
    refresh();
    return seen != before;
  }

  void refresh() {
    seen = changes.count();
  }

  /// Makes a change of the catalog final; the error that prevented it, or null.
  @FunctionalInterface
  interface Commit {
    @Nullable Message run() throws IOException;
  }

  /// Commits a change of this session's. Nobody else commits one meanwhile, so that a look at the
  /// beginning holds to the end.
  @Nullable Message commit(Commit commit) throws IOException {
    boolean done = false;
    changes.begin();
    try {
      Message error = commit.run();
      done = error == null;
      return error;
    } finally {
      long count = changes.end(done);
      seen = done ? count : seen;
    }
  }
}
