package dsql.local.session;

import dsql.local.session.Backend.Stall;
import dsql.local.session.Observer.Copyable;
import dsql.local.sql.Command.Kind;
import dsql.local.sql.Relations;
import dsql.local.sql.Statement;
import dsql.local.wire.Message;
import dsql.local.wire.Messages;
import dsql.local.wire.Refusal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/// Optimistic concurrency for one session's explicit transactions, on a server that locks.
///
/// PostgreSQL makes the second writer of a row wait and fails it at its statement. The service lets
/// both write, waits for nobody, and fails at COMMIT whoever commits second. The design:
///
/// - A transaction runs in PostgreSQL as it is, at repeatable read, everything after a savepoint
///   set by BEGIN. Its writing statements are logged, with a checksum of what the client was told.
///   As long as nobody contends that is all, and COMMIT is PostgreSQL's own.
/// - A statement that would wait for a lock, or that PostgreSQL fails because a rival has committed
///   (40001), moves the transaction *aside*: back to the savepoint, which frees its locks and keeps
///   its snapshot. There the tables it names are copied into temporary ones, the log is run again
///   on the copies, and so are this and all later statements. Counts, returned rows and its own
///   writes are those of its snapshot, and it holds no lock a rival could wait for.
/// - Whoever cannot go aside (an autocommit statement, a COMMIT, DDL) *displaces* those it waits
///   for: takes them back to their savepoint while their clients are idle. A displaced transaction
///   goes aside at its next statement.
/// - COMMIT of a transaction that is aside or displaced first rehearses the log in copies, then
///   goes back to the savepoint and runs it on the real tables, one such commit at a time.
///   PostgreSQL's own check of the snapshot finds rivals that committed first, `FOR UPDATE` rows,
///   foreign keys and unique keys included; then, or if a checksum differs from what the client was
///   told, the answer is OC000.
///
/// So the first to commit wins, and no session waits for another's client. Rows that were read with
/// a lock are written before COMMIT, for PostgreSQL forgets locks.
///
/// What does not hold: once a transaction is contended, generated values shown to the client cannot
/// be made again, so it loses at COMMIT even to a rival that rolled back; the same if it has a
/// COPY, a job or a half-read portal behind it. Copies have no foreign keys, so a violation shows
/// only at COMMIT. A table named like another one, or that the user may not read, conflicts at
/// once.
final class Contention {
  private static final String BASE = "\"local dsql base\"";
  private static final Refusal CONFLICT =
      Refusal.error("40001", "change conflicts with another transaction (OC000)");

  private static final Refusal KEY_TOO_LARGE = Refusal.error("54000", "key size too large");

  private enum Mode {
    /// In the real tables.
    PRESENT,
    /// At the savepoint, the log not run.
    DISPLACED,
    /// In copies.
    ASIDE
  }

  private record Entry(Portal portal, long checksum) {}

  private final Cluster cluster;
  private final Backend backend;
  private final Stall force;
  private final Stall yield;
  private final List<Entry> log = new ArrayList<>();
  private final Map<String, String> schemaOfCopied = new LinkedHashMap<>();
  private Mode mode = Mode.PRESENT;
  private boolean cannotRepeat;
  private volatile boolean hasDdl;

  /// `force` is asked to displace whoever is waited for, `yield` to give up waiting.
  Contention(Cluster cluster, Backend backend, Stall force, Stall yield) {
    this.cluster = cluster;
    this.backend = backend;
    this.force = force;
    this.yield = yield;
  }

  /// Queues the savepoint everything can go back to.
  void begin() throws IOException {
    log.clear();
    schemaOfCopied.clear();
    mode = Mode.PRESENT;
    cannotRepeat = false;
    hasDdl = false;
    backend.queue("SAVEPOINT " + BASE);
  }

  /// Must this statement go through [#run]?
  boolean concerns(Kind kind) {
    return kind != Kind.SESSION && (kind != Kind.READ || mode != Mode.PRESENT || !log.isEmpty());
  }

  boolean hasDdl() {
    return hasDdl;
  }

  /// Something was done that the log does not hold.
  void cannotRepeat() {
    cannotRepeat = true;
  }

  /// What a statement answered: messages for the client, or an error.
  record Outcome(List<Message> messages, @Nullable Message error) {
    private long checksum() {
      CRC32 sum = new CRC32();
      for (Message message : messages) {
        if (message.type() == 'D' || message.type() == 'C') {
          message.digest(sum);
        }
      }
      return sum.getValue();
    }
  }

  /// Runs a statement wherever the transaction is. Nothing is owed before, nothing after.
  Outcome run(Portal portal, int maxRows) throws IOException {
    boolean ddl = portal.command().kind() == Kind.DDL;
    hasDdl |= ddl;
    if (mode == Mode.DISPLACED && !returnFromDisplacement()) {
      return conflict();
    }
    if (mode == Mode.PRESENT) {
      Outcome outcome = present(portal, maxRows, ddl ? force : yield);
      if (outcome.error == null) {
        log.add(new Entry(portal, outcome.checksum()));
        cannotRepeat |= maxRows > 0 && suspended(outcome);
        return outcome;
      }
      if (!contended(outcome.error) || ddl) {
        return outcome;
      }
      goBack();
      if (!goAside()) {
        return conflict();
      }
    }
    Outcome outcome = aside(portal);
    if (outcome.error == null) {
      log.add(new Entry(portal, outcome.checksum()));
    }
    return outcome;
  }

  /// Before a COMMIT that has to wait for others': holds nothing they could wait for.
  void letGo() throws IOException {
    if (mode == Mode.ASIDE) {
      goBack();
    }
  }

  /// Prepares COMMIT: brings the work into the real tables. False if it conflicts; then all that is
  /// left to do is to roll back.
  boolean settleForCommit() throws IOException {
    if (mode == Mode.PRESENT) {
      return true;
    }
    letGo();
    // A rehearsal aside: who cannot say again what the client was told loses without displacing
    // anybody, so that of several such rivals the one that is present gets through.
    if (cannotRepeat || (!hasDdl && !goAside())) {
      return false;
    }
    letGo();
    mode = Mode.PRESENT;
    return repeat(force, false);
  }

  /// Before a COMMIT, with the work in the real tables: writes the rows that the transaction has
  /// read with a lock, as they are, so that whoever commits a change of them later meets a change.
  /// It also writes those that are locked for a foreign key's sake in the tables of such reads, and
  /// not those that another transaction has locked as well.
  ///
  /// @return the error that kept it from it, or null
  @Nullable Message touchLocked() throws IOException {
    Set<String> names = new LinkedHashSet<>();
    for (Entry entry : log) {
      if (entry.portal.command().kind() == Kind.LOCK) {
        names.addAll(Relations.names(entry.portal.prepared().statement()));
      }
    }
    Message error = null;
    for (String touch : cluster.observer.touches(names)) {
      error = error == null ? backend.run(touch, _ -> {}, force) : error;
    }
    return error;
  }

  boolean isPresent() {
    return mode == Mode.PRESENT;
  }

  /// Gives up locks and work in the real tables, by order of another session.
  void displace() throws IOException {
    if (mode == Mode.PRESENT) {
      goBack();
    }
  }

  /// Did PostgreSQL fail a statement for what other transactions do?
  static boolean contended(Message error) throws IOException {
    return switch (Messages.sqlState(error)) {
      case "40001", "40P01", "57014", "55P03" -> true;
      default -> false;
    };
  }

  /// Whatever PostgreSQL calls it, a loss to another transaction has one name, and so has a key
  /// that is too large.
  static Message translate(Message error) throws IOException {
    if (Messages.sqlState(error).equals("54000") && Messages.text(error).startsWith("index row ")) {
      return KEY_TOO_LARGE.toMessage();
    }
    return contended(error) ? conflictError() : error;
  }

  static Message conflictError() {
    return CONFLICT.toMessage();
  }

  private static Outcome conflict() {
    return new Outcome(List.of(), conflictError());
  }

  private Outcome present(Portal portal, int maxRows, Stall stall) throws IOException {
    List<Message> messages = new ArrayList<>();
    backend.request(Message.of('E').string(portal.name()).int32(maxRows).end(), Backend.Show.ALL);
    return new Outcome(messages, backend.settle(messages::add, stall));
  }

  private Outcome aside(Portal portal) throws IOException {
    Statement statement = portal.prepared().statement();
    if (!copyTables(Relations.names(statement))) {
      return conflict();
    }
    return again(portal, Relations.redirect(statement, schemaOfCopied), force);
  }

  private Outcome again(Portal portal, String sql, Stall stall) throws IOException {
    List<Message> messages = new ArrayList<>();
    Message error =
        backend.run(portal.prepared().parse(), portal.bind(), sql, messages::add, stall);
    return new Outcome(messages, error);
  }

  // Back to the savepoint, whatever state the transaction is in.
  private void goBack() throws IOException {
    backend.sync(_ -> {}, force);
    backend.run("ROLLBACK TO SAVEPOINT " + BASE, _ -> {}, force);
    backend.sync(_ -> {}, force);
    schemaOfCopied.clear();
    mode = Mode.DISPLACED;
  }

  private boolean returnFromDisplacement() throws IOException {
    if (log.isEmpty()) {
      mode = Mode.PRESENT;
      return true;
    }
    if (cannotRepeat) {
      return false;
    }
    if (hasDdl) {
      mode = Mode.PRESENT;
      return repeat(force, false);
    }
    return goAside();
  }

  private boolean goAside() throws IOException {
    mode = Mode.ASIDE;
    return !cannotRepeat && repeat(force, true);
  }

  private boolean repeat(Stall stall, boolean aside) throws IOException {
    for (Entry entry : log) {
      Outcome outcome =
          aside
              ? aside(entry.portal)
              : again(entry.portal, entry.portal.prepared().statement().text(), stall);
      if (outcome.error != null || outcome.checksum() != entry.checksum) {
        return false;
      }
    }
    return true;
  }

  private boolean copyTables(Set<String> names) throws IOException {
    List<String> missing = new ArrayList<>(names);
    missing.removeAll(schemaOfCopied.keySet());
    for (Copyable table : cluster.observer.copyable(missing)) {
      if (schemaOfCopied.putIfAbsent(table.name(), table.schema()) != null) {
        // Two tables of one name would need two copies of one name.
        return false;
      }
      for (String sql : table.statements()) {
        if (backend.run(sql, _ -> {}, force) != null) {
          return false;
        }
      }
    }
    return true;
  }

  private static boolean suspended(Outcome outcome) {
    return !outcome.messages.isEmpty() && outcome.messages.getLast().type() == 's';
  }
}
