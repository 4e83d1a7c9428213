package dsql.fleet;

import dsql.db.pool.ConnectionOpener;
import dsql.db.pool.Deadline;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

/// A model of the cluster: its limits on connections, its times, its conflicts and its absences.
final class Service implements ConnectionOpener {

  /// The limits of a cluster.
  ///
  /// @param perSecond the rate of new connections
  /// @param burst how many of them the cluster saves up
  /// @param total the connections at a time
  /// @param rateState the SQLSTATE of a refusal by rate
  record Rules(int perSecond, int burst, int total, String rateState) {
    static final Rules DSQL = new Rules(100, 1_000, 10_000, "53400");

    /// The same cluster, for a function that does not tell refusals by rate from other absences, as
    /// it did not before they had a pause of their own.
    Rules unnamed() {
      return new Rules(perSecond, burst, total, "53000");
    }
  }

  static final Duration CUT = Duration.ofMinutes(60);

  private final Rules rules;
  private final VirtualTime time;
  private final RandomGenerator random;
  private final Set<Session> open = new HashSet<>();
  private final List<Integer> attemptsBySecond = new ArrayList<>();
  private double tokens;
  private long filledAt;
  private boolean gone;
  private long wakesAt;
  private long version;
  int attempts;
  int refusedByRate;
  int refusedByTotal;
  int failed;
  int opened;
  int conflicts;
  int mostOpen;

  Service(Rules rules, VirtualTime time, RandomGenerator random) {
    this.rules = rules;
    this.time = time;
    this.random = random;
    this.tokens = rules.burst();
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

  /// The connection attempts in each second.
  List<Integer> attemptsBySecond() {
    return attemptsBySecond;
  }

  @Override
  public Connection open(Deadline deadline) throws SQLException {
    count();
    if (gone) {
      time.pause(Duration.ofMillis(2));
      failed++;
      throw new SQLException("connection refused", "08001");
    }
    Duration half = logNormal(15.5, 0.88).dividedBy(2);
    time.pause(half);
    admit();
    Session session = new Session(time.nanos());
    open.add(session);
    opened++;
    mostOpen = Math.max(mostOpen, open.size());
    time.pause(half);
    return (Connection)
        Proxy.newProxyInstance(
            Service.class.getClassLoader(), new Class<?>[] {BaseConnection.class}, session::answer);
  }

  private void count() {
    attempts++;
    int second = (int) time.seconds();
    while (attemptsBySecond.size() <= second) {
      attemptsBySecond.add(0);
    }
    attemptsBySecond.set(second, attemptsBySecond.get(second) + 1);
  }

  private void admit() throws SQLException {
    if (time.nanos() < wakesAt) {
      failed++;
      throw new SQLException("unable to accept connection, waking up cluster", "57P03");
    }
    long cut = time.nanos() - CUT.toNanos();
    open.removeIf(session -> session.since < cut);
    tokens = Math.min(rules.burst(), tokens + rules.perSecond() * (time.nanos() - filledAt) / 1e9);
    filledAt = time.nanos();
    if (tokens < 1) {
      refusedByRate++;
      throw new SQLException("Unable to accept connection, rate exceeded.", rules.rateState());
    }
    tokens--;
    if (open.size() >= rules.total()) {
      refusedByTotal++;
      throw new SQLException("too many open connections", "53300");
    }
  }

  /// A write of a row that nobody else writes.
  void write(Connection connection) throws SQLException {
    check(connection);
    time.pause(logNormal(20, 0.34));
    check(connection);
  }

  /// A write of the one row that everybody writes: it commits if no other did so since it began.
  void writeHot(Connection connection) throws SQLException {
    long seen = version;
    write(connection);
    if (version != seen) {
      conflicts++;
      throw new SQLException("change conflicts with another transaction (OC000)", "40001");
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
    return Duration.ofNanos((long) (medianMillis * 1e6 * Math.exp(spread * random.nextGaussian())));
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
