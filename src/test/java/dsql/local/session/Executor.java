package dsql.local.session;

import dsql.local.fault.Failure;
import dsql.local.session.Backend.Show;
import dsql.local.session.Backend.Sink;
import dsql.local.session.Backend.Stall;
import dsql.local.session.Contention.Outcome;
import dsql.local.sql.Command;
import dsql.local.sql.Command.Begin;
import dsql.local.sql.Command.Checked;
import dsql.local.sql.Command.Commit;
import dsql.local.sql.Command.CopyIn;
import dsql.local.sql.Command.IamMapping;
import dsql.local.sql.Command.Job;
import dsql.local.sql.Command.Kind;
import dsql.local.sql.Command.Nothing;
import dsql.local.sql.Command.Pass;
import dsql.local.sql.Command.Refused;
import dsql.local.sql.Command.Rollback;
import dsql.local.wire.Message;
import dsql.local.wire.Messages;
import dsql.local.wire.Refusal;
import java.io.Closeable;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Runs bound statements by the service's rules of transactions.
///
/// Every method that runs something gives back the error for the client, null if there was none;
/// results have gone to the sink by then. After an error PostgreSQL is in the state the service
/// would be in, up to the sync that follows.
final class Executor {
  private static final Stall PATIENT = _ -> {};
  private static final Refusal STALE = Failure.OC001.refusal();

  private final Cluster cluster;
  private final Backend backend;
  private final Sink sink;
  private final Stall force;
  private final Closeable line;
  private final Contention contention;
  private final Jobs jobs;
  private final Changes changes;
  private final CatalogView catalog;
  private final Commits commits;
  private final UnprovenRefusals unproven;

  private @Nullable Transaction transaction;

  // Has something failed since the last sync?
  private boolean failed;

  // Faults for when the statement at hand is done, and whether its results are to be seen.
  private boolean cutLater;
  private boolean cutOrdered;
  private @Nullable Failure failLater;
  private boolean unseen;

  // Was the statement at hand committed, whatever its client is told?
  private boolean done;

  /// `line` is the client's socket, for cutting it.
  Executor(Cluster cluster, Backend backend, Sink sink, LockWaits lockWaits, Closeable line) {
    this.cluster = cluster;
    this.backend = backend;
    this.sink = seen(sink);
    this.force = lockWaits::displace;
    this.line = line;
    this.contention = new Contention(cluster, backend, force, lockWaits::giveWay);
    this.jobs = new Jobs(backend, force, cluster);
    this.changes = new Changes(backend, force);
    this.catalog = new CatalogView(cluster.catalog);
    this.commits = new Commits(cluster, backend, contention, catalog, force, line);
    this.unproven = new UnprovenRefusals(cluster.faults.answers());
  }

  Contention contention() {
    return contention;
  }

  boolean inTransaction() {
    return transaction != null && transaction.explicit;
  }

  /// Runs a portal, at most so many rows of it (0: all).
  @Nullable Message execute(Portal portal, int maxRows, boolean lastBeforeSync) throws IOException {
    cutLater = false;
    cutOrdered = false;
    failLater = null;
    done = false;
    Refusal doubted = unproven.refusal(portal);
    boolean aborted = backend.status() == 'E' && inTransaction();
    if (doubted != null && !aborted) {
      return refuse(doubted);
    }
    long changes = transaction == null ? cluster.changes.get() : transaction.changesBefore;
    Message error = attempt(portal, maxRows, lastBeforeSync);
    if (error != null && isLateDuplicate(error, changes)) {
      error = Contention.conflictError();
    }
    if (error != null && !aborted && !done && concernsCatalog(portal) && staleBeside(error)) {
      error = STALE.toMessage();
    }
    failed |= error != null;
    return error;
  }

  /// Is it a key that a transaction of after this one's beginning may have inserted?
  private boolean isLateDuplicate(Message error, long changes) throws IOException {
    return cluster.faults.answers().duplicatesConflict()
        && Messages.sqlState(error).equals("23505")
        && cluster.changes.get() != changes;
  }

  private static boolean concernsCatalog(Portal portal) {
    return portal.command().kind() != Kind.SESSION;
  }

  /// Is there a change of the catalog that the client must hear of? Asking makes up for it.
  private boolean stale() {
    return (inTransaction() || cluster.staleCatalogs) && catalog.stale();
  }

  // Of a session that PostgreSQL has ended it is not known what it has done.
  private boolean staleBeside(Message error) throws IOException {
    return !Messages.sqlState(error).startsWith("57") && stale();
  }

  private @Nullable Message attempt(Portal portal, int maxRows, boolean lastBeforeSync)
      throws IOException {
    Command command = portal.command();
    if (backend.status() == 'E' && inTransaction()) {
      // Failed: only the end of the transaction is heard, and PostgreSQL knows that.
      return command instanceof Rollback || command instanceof Commit
          ? end(portal)
          : relay(portal, maxRows);
    }
    if (concernsCatalog(portal) && stale()) {
      // Whatever PostgreSQL makes of the statement by a catalog that the session does not know yet.
      Message _ = refuse(STALE);
      return STALE.toMessage();
    }
    Refusal refusal = admit(portal);
    if (refusal != null) {
      return refuse(refusal);
    }
    return cutLater || failLater != null
        ? runUnseen(portal)
        : dispatch(portal, maxRows, lastBeforeSync);
  }

  private @Nullable Message dispatch(Portal portal, int maxRows, boolean lastBeforeSync)
      throws IOException {
    Command command = portal.command();
    return switch (command) {
      case Begin _ -> begin(portal);
      case Commit _ -> inTransaction() ? commit(portal) : relay(portal, 0);
      case Rollback _ -> end(portal);
      case Job job -> work(jobs.start(job, portal.simple()));
      case IamMapping mapping -> work(jobs.map(mapping));
      case Checked(_, String check) -> checked(portal, check);
      case CopyIn _ -> copy(portal);
      case Pass(_, Kind kind) -> run(portal, maxRows, kind, lastBeforeSync);
      case Refused _, Nothing _ -> relay(portal, maxRows);
    };
  }

  /// Counts bytes of a COPY.
  void countBytes(int bytes) {
    if (transaction != null) {
      transaction.countBytes(bytes);
    }
  }

  /// Ends the pipeline.
  @Nullable Message sync() throws IOException {
    Message error = endPipeline();
    unproven.sync();
    if (!inTransaction()) {
      transaction = null;
    }
    failed = false;
    return error;
  }

  // Ends it, and with it a transaction that is implicit.
  private @Nullable Message endPipeline() throws IOException {
    Transaction ending = inTransaction() || failed ? null : transaction;
    if (ending != null && ending.hasDdl()) {
      return catalog.commit(this::commitChange);
    }
    Message error = backend.sync(sink, force);
    if (error != null) {
      return staleBeside(error) ? STALE.toMessage() : Contention.translate(error);
    }
    if (ending != null && ending.hasDml()) {
      cluster.changes.incrementAndGet();
    }
    // A read that began before a change of the catalog and ended after it.
    boolean read = ending != null && ending.isUsed() && !ending.hasDml();
    return read && stale() ? STALE.toMessage() : null;
  }

  private @Nullable Message commitChange() throws IOException {
    boolean stale = stale();
    if (stale) {
      backend.fail(PATIENT);
    }
    Message error = translated(backend.sync(sink, force));
    return stale ? STALE.toMessage() : error;
  }

  /// Puts PostgreSQL where it would be had it refused by itself.
  @Nullable Message refuse(Refusal refusal) throws IOException {
    Message earlier = backend.settle(sink, force);
    if (earlier != null) {
      return Contention.translate(earlier);
    }
    failed = true;
    backend.fail(PATIENT);
    return refusal.toMessage();
  }

  // A transaction for the statement to count in, and the reasons not to run it at all.
  private @Nullable Refusal admit(Portal portal) throws IOException {
    Kind kind = portal.command().kind();
    if (transaction == null) {
      transaction = new Transaction(false, cluster);
    }
    if (kind == Kind.SESSION) {
      return transaction.explicit && portal.prepared().statement().startsWith("call")
          ? Refusal.error("25001", "CALL cannot run inside a transaction block")
          : null;
    }
    Refusal ordered = cluster.faults.nextStatement(portal.prepared().statement().text());
    if (ordered != null) {
      return ordered;
    }
    boolean firstChange = !transaction.hasDdl() && !transaction.hasDml();
    Refusal refusal = transaction.admit(kind, cluster.clock.instant());
    if (refusal != null) {
      return refusal;
    }
    if (kind == Kind.WRITE) {
      transaction.countBytes(portal.bytes());
      String tooLong = Values.tooLong(portal);
      if (tooLong != null) {
        return Refusal.error(
            "54000", "datatype limit greater than 1048576 bytes not supported for " + tooLong);
      }
    }
    boolean commits = kind == Kind.WRITE || kind == Kind.DDL;
    return !transaction.explicit && commits && firstChange ? ordered() : null;
  }

  // The fault ordered for the commit that an autocommit statement is: now, or when it is done.
  private @Nullable Refusal ordered() throws IOException {
    if (cluster.faults.cutsBefore()) {
      throw Commits.cut(line);
    }
    cutLater = Commits.late(cluster, line);
    if (!cutLater && cluster.faults.cutsAfter()) {
      cutLater = true;
      cutOrdered = true;
    }
    Failure failure = cluster.faults.nextCommit();
    if (failure == Failure.UNAVAILABLE_BUT_DONE) {
      failLater = failure;
      return null;
    }
    return failure == null ? null : failure.refusal();
  }

  // Does it all, commit included, unseen; then comes the fault. It stays ordered if there is no
  // commit.
  private @Nullable Message runUnseen(Portal portal) throws IOException {
    Message error = runWithCommit(portal);
    if (error != null) {
      if (cutOrdered) {
        cluster.faults.cutAfterOneMoreCommit();
      }
      return error;
    }
    if (failLater == null) {
      throw Commits.cut(line);
    }
    done = true;
    return failLater.refusal().toMessage();
  }

  private @Nullable Message runWithCommit(Portal portal) throws IOException {
    Message error = backend.settle(sink, force);
    if (error != null) {
      return Contention.translate(error);
    }
    unseen = true;
    try {
      error = dispatch(portal, 0, false);
      if (error == null) {
        error = endPipeline();
      }
      return error;
    } finally {
      unseen = false;
    }
  }

  private @Nullable Message begin(Portal portal) throws IOException {
    boolean nested = inTransaction();
    backend.request(portal.execution(0), Show.ALL);
    if (!nested) {
      transaction = new Transaction(true, cluster);
      if (!cluster.staleCatalogs) {
        catalog.refresh();
      }
      contention.begin();
    }
    return null;
  }

  private @Nullable Message end(Portal portal) throws IOException {
    transaction = null;
    return relay(portal, 0);
  }

  private @Nullable Message commit(Portal portal) throws IOException {
    Message earlier = backend.settle(sink, force);
    if (earlier != null) {
      return Contention.translate(earlier);
    }
    Transaction ending = Objects.requireNonNull(transaction);
    transaction = null;
    Message error = commits.commit(portal, ending);
    if (error == null) {
      sink.accept(Messages.commandComplete("COMMIT"));
    }
    return error;
  }

  private @Nullable Message checked(Portal portal, String check) throws IOException {
    Message error = backend.settle(sink, force);
    if (error == null) {
      error = backend.run(check, _ -> {}, force);
    }
    return error == null ? run(portal, 0, Kind.DDL, false) : Contention.translate(error);
  }

  private @Nullable Message copy(Portal portal) throws IOException {
    contention.cannotRepeat();
    return run(portal, 0, Kind.WRITE, false);
  }

  private @Nullable Message run(Portal portal, int maxRows, Kind kind, boolean lastBeforeSync)
      throws IOException {
    // Changes inside a WITH are in no completion.
    boolean compound = kind == Kind.WRITE && portal.prepared().statement().startsWith("with");
    if (compound) {
      Message earlier = backend.settle(sink, force);
      if (earlier != null) {
        return Contention.translate(earlier);
      }
    }
    changes.begin(compound);
    boolean explicit = inTransaction();
    boolean copies = portal.command() instanceof CopyIn;
    if (explicit && !copies && contention.concerns(kind)) {
      Message earlier = backend.settle(sink, force);
      if (earlier != null) {
        return Contention.translate(earlier);
      }
      Outcome outcome = contention.run(portal, maxRows);
      return outcome.error() == null
          ? deliver(outcome, kind)
          : Contention.translate(outcome.error());
    }
    if (kind == Kind.WRITE || kind == Kind.DDL) {
      return write(portal, maxRows);
    }
    backend.request(portal.execution(maxRows), Show.ALL);
    // The answer of a last read can come with that to the sync, in one round trip.
    return lastBeforeSync ? null : translated(backend.settle(sink, force));
  }

  private @Nullable Message deliver(Outcome outcome, Kind kind) throws IOException {
    for (Message message : outcome.messages()) {
      if (message.type() == 'C' && kind == Kind.WRITE) {
        Refusal refusal = count(message);
        if (refusal != null) {
          return refuse(refusal);
        }
      }
      sink.accept(message);
    }
    return null;
  }

  // A change outside a transaction block, or a COPY: its completion is held back until counted.
  private @Nullable Message write(Portal portal, int maxRows) throws IOException {
    HeldCompletion held = new HeldCompletion(sink);
    backend.request(portal.execution(maxRows), Show.ALL);
    Message error = backend.settle(held, force);
    if (error != null) {
      return Contention.translate(error);
    }
    Message completion = held.completion();
    if (completion == null) {
      return null;
    }
    Refusal refusal = count(completion);
    if (refusal == null && !inTransaction() && transaction != null) {
      refusal = transaction.commit(cluster.clock.instant());
    }
    // It may have waited for a change of the table, and then met the catalog after it with the
    // snapshot from before.
    if (refusal == null && !inTransaction() && portal.command().kind() == Kind.WRITE && stale()) {
      refusal = STALE;
    }
    if (refusal != null) {
      return refuse(refusal);
    }
    sink.accept(completion);
    return null;
  }

  private @Nullable Refusal count(Message completion) throws IOException {
    if (transaction == null) {
      return null;
    }
    return transaction.count(changes.of(completion));
  }

  // Jobs and mappings are not for repeating: their ids are out.
  private @Nullable Message work(Outcome outcome) throws IOException {
    contention.cannotRepeat();
    return outcome.error() == null
        ? deliver(outcome, Kind.DDL)
        : Contention.translate(outcome.error());
  }

  private @Nullable Message relay(Portal portal, int maxRows) throws IOException {
    backend.request(portal.execution(maxRows), Show.ALL);
    return translated(backend.settle(sink, force));
  }

  private Sink seen(Sink client) {
    return new Sink() {
      @Override
      public void accept(Message message) throws IOException {
        if (!unseen) {
          client.accept(message);
        }
      }

      @Override
      public void copyIn() throws IOException {
        client.copyIn();
      }
    };
  }

  private @Nullable Message translated(@Nullable Message error) throws IOException {
    return error == null ? null : Contention.translate(error);
  }
}
