package dsql.fleet;

import dsql.db.pool.Deadline;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.SequencedSet;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/// A model of the cluster: its limits on connections, its times, its conflicts and its absences.
class ModelCluster extends Cluster {

  /// The limits of a cluster.
  ///
  /// @param perSecond the rate of new connections
  /// @param burst how many of them the cluster saves up
  /// @param total the connections at a time
  /// @param named whether failed connects come with SQLSTATEs of their own
  record Rules(int perSecond, int burst, int total, boolean named) {
    static final Rules DSQL = new Rules(100, 1_000, 10_000, true);

    /// The same cluster, for a function that counts and paces failed connects as it does any other
    /// failure that may pass, because it cannot tell them apart.
    Rules unnamed() {
      return new Rules(perSecond, burst, total, false);
    }
  }

  /// An SQLSTATE that is tried again and says nothing of connections.
  private static final String OTHER = "26000";

  static final Duration CUT = Duration.ofMinutes(60);

  private final Rules rules;
  private final RandomGenerator random;
  private final SequencedSet<Session> open = new LinkedHashSet<>();
  private double tokens;
  private long filledAt;
  private boolean gone;
  private boolean hotRow;
  private double writeMillis = 20;
  private long wakesAt;
  private long version;
  int conflicts;

  ModelCluster(Rules rules, VirtualTime time, RandomGenerator random) {
    super(time);
    this.rules = rules;
    this.random = random;
    this.tokens = rules.burst();
  }

  /// Has a write take that time at the median.
  void writesTake(double millis) {
    writeMillis = millis;
  }

  /// Has every write be one of the same row: it commits if no other did so since it began.
  void hotRow() {
    hotRow = true;
  }

  /// Has the endpoint go away, with all connections, or come back.
  void gone(boolean gone) {
    this.gone = gone;
    if (gone) {
      open.forEach(session -> session.lost = true);
      open.clear();
    }
  }

  /// Has the cluster's burst be used up by others.
  void spent() {
    tokens = 0;
  }

  /// Has the cluster refuse connections for that time, as one that sleeps does.
  void asleepFor(Duration wakeUp) {
    wakesAt = time.nanos() + wakeUp.toNanos();
  }

  @Override
  Connection connect(Deadline deadline) throws SQLException {
    if (gone) {
      time.pause(Duration.ofMillis(2));
      failed++;
      throw refusal("08001", "connection refused");
    }
    Duration half = logNormal(15.5, 0.88).dividedBy(2);
    time.pause(half);
    Connection connection = grant(deadline);
    time.pause(half);
    return connection;
  }

  /// A connection, if the cluster's limits allow one more.
  Connection grant(Deadline deadline) throws SQLException {
    admit();
    Session session = new Session(time.nanos());
    open.add(session);
    return (Connection)
        Proxy.newProxyInstance(
            ModelCluster.class.getClassLoader(),
            new Class<?>[] {BaseConnection.class},
            session::answer);
  }

  private void admit() throws SQLException {
    if (time.nanos() < wakesAt) {
      failed++;
      throw refusal("08006", "unable to accept connection, waking up cluster");
    }
    long cut = time.nanos() - CUT.toNanos();
    while (!open.isEmpty() && open.getFirst().since < cut) {
      open.removeFirst();
    }
    tokens = Math.min(rules.burst(), tokens + rules.perSecond() * (time.nanos() - filledAt) / 1e9);
    filledAt = time.nanos();
    if (tokens < 1) {
      refusedByRate++;
      throw refusal("53400", "Unable to accept connection, rate exceeded.");
    }
    tokens--;
    if (open.size() >= rules.total()) {
      refusedByTotal++;
      throw refusal("53300", "Unable to accept connection, too many open connections.");
    }
  }

  private PSQLException refusal(String state, String message) {
    return failure(rules.named() ? state : OTHER, message);
  }

  private static PSQLException failure(String state, String message) {
    return new PSQLException(
        new ServerErrorMessage("SFATAL\0C" + state + "\0M" + message + "\0\0"));
  }

  @Override
  void write(Connection connection) throws SQLException {
    long seen = version;
    check(connection);
    time.pause(logNormal(writeMillis, 0.34));
    check(connection);
    if (hotRow && version != seen) {
      conflicts++;
      throw failure("40001", "change conflicts with another transaction (OC000)");
    }
    version++;
  }

  private static void check(Connection connection) throws SQLException {
    if (connection.isClosed()) {
      throw new SQLException("An I/O error occurred.", "08006");
    }
  }

  /// A time of that median; a greater spread has a longer tail.
  private Duration logNormal(double medianMillis, double spread) {
    return Duration.ofNanos(
        (long) (medianMillis * 1e6 * StrictMath.exp(spread * random.nextGaussian())));
  }

  /// A connection as the pool and the lease use it.
  private final class Session {
    private final long since;
    private boolean lost;

    Session(long since) {
      this.since = since;
    }

    private boolean isDead() {
      return lost || time.nanos() - since >= CUT.toNanos();
    }

    @Nullable Object answer(Object proxy, Method method, Object @Nullable [] arguments) {
      return switch (method.getName()) {
        case "setNetworkTimeout" -> null;
        case "getAutoCommit" -> true;
        case "isClosed" -> isDead();
        case "isValid" -> !isDead();
        case "unwrap" -> proxy;
        case "getTransactionState" -> TransactionState.IDLE;
        case "hashCode" -> System.identityHashCode(this);
        case "toString" -> "session since " + since;
        case "close" -> {
          lost = true;
          open.remove(this);
          yield null;
        }
        default -> throw new UnsupportedOperationException(method.getName());
      };
    }
  }
}
