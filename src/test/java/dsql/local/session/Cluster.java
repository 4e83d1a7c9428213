package dsql.local.session;

import dsql.local.auth.Login;
import dsql.local.auth.TokenVerifier;
import dsql.local.fault.Faults;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/// What all sessions of one endpoint share. Safe for concurrent use.
public final class Cluster implements AutoCloseable {
  static final String DATABASE = "postgres";
  private static final int JOBS_TICK_MILLIS = 20;

  final TokenVerifier verifier;
  final InstantSource clock;
  final int postgresPort;
  final boolean requireSni;
  final List<String> keyGroups;
  final boolean staleCatalogs;
  final boolean serviceCatalogs;
  final Faults faults;
  final Observer observer;
  final List<Login> logins = new CopyOnWriteArrayList<>();
  final AtomicInteger arrivals = new AtomicInteger();

  /// Sessions by the process that serves them in PostgreSQL.
  final Map<Integer, Session> sessions = new ConcurrentHashMap<>();

  final CatalogChanges catalog = new CatalogChanges();

  /// Transactions that have changed data.
  final AtomicLong changes = new AtomicLong();

  /// Held while a transaction is run again to be committed.
  final ReentrantLock commit = new ReentrantLock();

  private final DataSource superuser;
  private final Supplier<SSLContext> newContext;
  private final @Nullable ScheduledExecutorService jobs;
  private volatile SSLContext context;

  /// Where PostgreSQL is; whether clients must send a server name; the groups that TLS agrees on a
  /// key by, none for the JVM's own; whether a session whose catalog is stale meets a conflict even
  /// where the change came before its transaction; whether questions about the catalog are answered
  /// as the service does; how long a job takes.
  public record Setting(
      int postgresPort,
      DataSource superuser,
      boolean requireSni,
      List<String> keyGroups,
      boolean staleCatalogs,
      boolean serviceCatalogs,
      Duration jobDelay) {}

  public Cluster(
      TokenVerifier verifier, InstantSource clock, Setting setting, Supplier<SSLContext> contexts) {
    this.verifier = verifier;
    this.clock = clock;
    this.postgresPort = setting.postgresPort;
    this.requireSni = setting.requireSni;
    this.keyGroups = List.copyOf(setting.keyGroups);
    this.staleCatalogs = setting.staleCatalogs;
    this.serviceCatalogs = setting.serviceCatalogs;
    this.superuser = setting.superuser;
    this.observer = new Observer(superuser);
    this.newContext = contexts;
    this.context = contexts.get();
    this.jobs = setting.jobDelay.isPositive() ? finishing(setting.jobDelay) : null;
    this.faults = new Faults(() -> context = newContext.get());
  }

  // An index that becomes valid is a change of the catalog like any other.
  private ScheduledExecutorService finishing(Duration delay) {
    ScheduledExecutorService executor =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("dsql-jobs").factory());
    ScheduledFuture<?> _ =
        executor.scheduleWithFixedDelay(
            () -> {
              catalog.begin();
              boolean finished = false;
              try {
                finished = observer.finishJobs(delay) > 0;
              } finally {
                catalog.end(finished);
              }
            },
            JOBS_TICK_MILLIS,
            JOBS_TICK_MILLIS,
            TimeUnit.MILLISECONDS);
    return executor;
  }

  boolean jobsTakeTime() {
    return jobs != null;
  }

  SSLContext context() {
    return context;
  }

  /// Changes the catalog as a session would that none of the faults is ordered for.
  public void change(String sql) throws SQLException {
    try (java.sql.Connection connection = superuser.getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      // Waits for the tables' users, so before the lock that they may need.
      statement.execute(sql);
      catalog.begin();
      boolean changed = false;
      try {
        connection.commit();
        changed = true;
      } finally {
        catalog.end(changed);
      }
    }
  }

  public Faults faults() {
    return faults;
  }

  public List<Login> logins() {
    return List.copyOf(logins);
  }

  /// Connections that were accepted so far, whether or not a handshake or a login came of them.
  public int arrivals() {
    return arrivals.get();
  }

  public int openSessions() {
    return sessions.size();
  }

  @Override
  public void close() throws SQLException {
    if (jobs != null) {
      jobs.close();
    }
    observer.close();
  }
}
