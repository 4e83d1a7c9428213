package dsql.local.session;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/// What a session does while PostgreSQL makes it wait for others' locks.
final class LockWaits {
  private static final Duration LONGEST = Duration.ofSeconds(2);

  private final Cluster cluster;
  private final Backend backend;

  LockWaits(Cluster cluster, Backend backend) {
    this.cluster = cluster;
    this.backend = backend;
  }

  /// Takes the place of whoever is in the way; after a while of no success, loses.
  void displace(Duration soFar) throws IOException {
    List<Integer> blockers = cluster.observer.blockersOf(backend.pid());
    for (int pid : blockers) {
      Session rival = cluster.sessions.get(pid);
      if (rival != null) {
        rival.displace();
      }
    }
    if (!blockers.isEmpty() && soFar.compareTo(LONGEST) > 0) {
      cluster.observer.cancel(backend.pid());
    }
  }

  /// Stops waiting; only for a change of the catalog, which is soon repeated, others make way.
  void giveWay(Duration soFar) throws IOException {
    List<Integer> blockers = cluster.observer.blockersOf(backend.pid());
    boolean catalogOnly = true;
    for (int pid : blockers) {
      Session rival = cluster.sessions.get(pid);
      if (rival != null && rival.hasDdl()) {
        rival.displace();
      } else {
        catalogOnly = false;
      }
    }
    if (!blockers.isEmpty() && (!catalogOnly || soFar.compareTo(LONGEST) > 0)) {
      cluster.observer.cancel(backend.pid());
    }
  }
}
