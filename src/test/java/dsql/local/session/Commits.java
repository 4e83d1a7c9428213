package dsql.local.session;

import dsql.local.fault.Failure;
import dsql.local.session.Backend.Stall;
import dsql.local.wire.Message;
import dsql.local.wire.Refusal;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// COMMIT of an explicit transaction: its last checks, the faults ordered for it, the deed.
///
/// Whatever comes of it, the transaction is over then.
final class Commits {
  private final Cluster cluster;
  private final Backend backend;
  private final Contention contention;
  private final CatalogView catalog;
  private final Stall force;
  private final Closeable line;

  Commits(
      Cluster cluster,
      Backend backend,
      Contention contention,
      CatalogView catalog,
      Stall force,
      Closeable line) {
    this.cluster = cluster;
    this.backend = backend;
    this.contention = contention;
    this.catalog = catalog;
    this.force = force;
    this.line = line;
  }

  /// Commits; the error for the client, or null. Nothing is owed before.
  @Nullable Message commit(Portal portal, Transaction transaction) throws IOException {
    Refusal refusal = transaction.commit(cluster.clock.instant());
    if (refusal == null && transaction.isUsed() && catalog.stale()) {
      refusal = Failure.OC001.refusal();
    }
    if (cluster.faults.cutsBefore()) {
      throw cut(line);
    }
    boolean late = late(cluster, line);
    Failure failure = cluster.faults.nextCommit();
    if (refusal == null && failure != null && failure != Failure.UNAVAILABLE_BUT_DONE) {
      refusal = failure.refusal();
    }
    Message error = refusal == null ? settle(portal, transaction) : undo(refusal.toMessage());
    if (late || (error == null && cluster.faults.cutsAfter())) {
      throw cut(line);
    }
    return error == null && failure == Failure.UNAVAILABLE_BUT_DONE
        ? failure.refusal().toMessage()
        : error;
  }

  private @Nullable Message settle(Portal portal, Transaction transaction) throws IOException {
    boolean again = !contention.isPresent();
    if (again) {
      contention.letGo();
      cluster.commit.lock();
    }
    try {
      if (!contention.settleForCommit()) {
        return undo(Contention.conflictError());
      }
      Message error = contention.touchLocked();
      if (error != null) {
        return undo(Contention.translate(error));
      }
      return transaction.hasDdl()
          ? catalog.commit(() -> last(portal, transaction))
          : last(portal, transaction);
    } finally {
      if (again) {
        cluster.commit.unlock();
      }
    }
  }

  // Looks once more: what was run again met the catalog of now.
  private @Nullable Message last(Portal portal, Transaction transaction) throws IOException {
    if (transaction.isUsed() && catalog.stale()) {
      return undo(Failure.OC001.refusal().toMessage());
    }
    Message error = backend.run(portal.prepared().statement().text(), _ -> {}, force);
    if (error != null) {
      return Contention.translate(error);
    }
    cluster.changes.incrementAndGet();
    return null;
  }

  private Message undo(Message error) throws IOException {
    backend.sync(_ -> {}, force);
    backend.run("ROLLBACK", _ -> {}, force);
    return error;
  }

  /// Where the order is to commit late, cuts the client off and waits until others have had their
  /// say.
  static boolean late(Cluster cluster, Closeable line) throws IOException {
    if (!cluster.faults.commitsLate()) {
      return false;
    }
    line.close();
    cluster.faults.awaitLateness();
    return true;
  }

  /// Cuts the client off; what is thrown ends the session.
  static EOFException cut(Closeable line) throws IOException {
    line.close();
    return new EOFException("cut by a fault");
  }
}
