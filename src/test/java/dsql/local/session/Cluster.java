package dsql.local.session;

import dsql.local.auth.Login;
import dsql.local.auth.TokenVerifier;
import dsql.local.fault.Faults;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.sql.DataSource;

/// What all sessions of one endpoint share. Safe for concurrent use.
public final class Cluster implements AutoCloseable {
  static final String DATABASE = "postgres";

  final TokenVerifier verifier;
  final InstantSource clock;
  final int postgresPort;
  final boolean requireSni;
  final boolean staleCatalogs;
  final Faults faults;
  final Observer observer;
  final List<Login> logins = new CopyOnWriteArrayList<>();

  /// Sessions by the process that serves them in PostgreSQL.
  final Map<Integer, Session> sessions = new ConcurrentHashMap<>();

  /// Counts committed changes of the catalog.
  final AtomicLong catalog = new AtomicLong();

  /// Held while a transaction is run again to be committed.
  final ReentrantLock commit = new ReentrantLock();

  private final Supplier<SSLContext> newContext;
  private volatile SSLContext context;

  /// Where PostgreSQL is, and what is demanded of clients: a server name, and whether a session
  /// whose catalog is stale meets a conflict even outside a transaction.
  public record Setting(
      int postgresPort, DataSource superuser, boolean requireSni, boolean staleCatalogs) {}

  public Cluster(
      TokenVerifier verifier, InstantSource clock, Setting setting, Supplier<SSLContext> contexts) {
    this.verifier = verifier;
    this.clock = clock;
    this.postgresPort = setting.postgresPort;
    this.requireSni = setting.requireSni;
    this.staleCatalogs = setting.staleCatalogs;
    this.observer = new Observer(setting.superuser);
    this.newContext = contexts;
    this.context = contexts.get();
    this.faults = new Faults(() -> context = newContext.get());
  }

  SSLContext context() {
    return context;
  }

  public Faults faults() {
    return faults;
  }

  public List<Login> logins() {
    return List.copyOf(logins);
  }

  public int openSessions() {
    return sessions.size();
  }

  @Override
  public void close() throws SQLException {
    observer.close();
  }
}
