package dsql.fleet;

import dsql.db.fault.AmbiguousCommit;
import dsql.db.pool.ConnectionPool;
import dsql.db.pool.Deadline;
import dsql.db.pool.DeadlineExceeded;
import dsql.db.pool.Lease;
import dsql.db.pool.SilentListener;
import dsql.db.retry.Retry;
import dsql.db.retry.RetryPolicy;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Environments of the function with a service: each has the function's own pool and retry, and a
/// sender that sends again what was answered with a retryable failure.
final class Fleet<C extends Cluster> {

  /// How a run differs from the function as it is deployed.
  ///
  /// @param jitter the part of the pool's age jitter that is drawn; 1 for all of it
  record Settings(ModelCluster.Rules rules, int attempts, Duration budget, double jitter) {
    /// What the template's time-out of 29 s leaves for a request.
    static final Duration BUDGET = Duration.ofMillis(28_500);

    static final Settings DEPLOYED = new Settings(ModelCluster.Rules.DSQL, 5, BUDGET, 1);

    /// As the function was: refusals by rate counted and paced like others, a tenth of jitter.
    Settings before() {
      return new Settings(rules.unnamed(), attempts, budget, 0.2);
    }

    Settings with(int attempts, Duration budget) {
      return new Settings(rules, attempts, budget, jitter);
    }
  }

  /// The most that Lambda starts at once, and then in ten seconds.
  static final int SCALING = 1_000;

  /// From a snapshot to a handler.
  private static final Duration RESTORE = Duration.ofMillis(500);

  final VirtualTime time;
  final C cluster;
  final Settings settings;
  final SplittableRandom random;
  private final List<Environment> environments = new ArrayList<>();
  private final Deque<Environment> idle = new ArrayDeque<>();
  private int busy;
  private double startable = SCALING;
  private double countedAt;

  /// The requests answered with success, with a failure to send again, and never served.
  int served;

  int refused;
  int lost;
  int throttled;
  int mostBusy;
  double lastServed;

  /// When the last of the requests was served that had failed before.
  double lastFailed;

  Fleet(Settings settings, long seed, C cluster) {
    this.settings = settings;
    this.random = new SplittableRandom(seed);
    this.time = cluster.time;
    this.cluster = cluster;
  }

  /// A fleet before the model of a cluster.
  static Fleet<ModelCluster> model(Settings settings, long seed) {
    SplittableRandom random = new SplittableRandom(seed + 1_000);
    return new Fleet<>(
        settings, seed, new ModelCluster(settings.rules(), new VirtualTime(), random));
  }

  /// Starts that many environments as Lambda does, each with a first request.
  void deploy(int count) {
    for (int i = 0; i < count; i++) {
      Environment environment = environment();
      long start = Math.max(0, i + 1 - SCALING) * 10_000_000_000L / SCALING;
      time.in(Duration.ofNanos(start).plus(environment.restore()), environment::request);
    }
  }

  Environment environment() {
    Environment environment = new Environment(random.split());
    environments.add(environment);
    return environment;
  }

  List<Environment> environments() {
    return environments;
  }

  /// A request that an idle environment serves, or a new one if Lambda may start it. Otherwise it
  /// is throttled, and its sender sends it again.
  void send(int reserved) {
    Sender sender = new Sender(random.split());
    while (true) {
      @Nullable Environment environment = idle.poll();
      if (environment == null && environments.size() < reserved && mayStart()) {
        environment = environment();
        time.pause(environment.restore());
      }
      if (environment == null) {
        throttled++;
      } else {
        busy++;
        mostBusy = Math.max(mostBusy, busy);
        boolean done = environment.once();
        busy--;
        idle.push(environment);
        if (done) {
          sender.served();
          return;
        }
        refused++;
      }
      if (!sender.waits()) {
        return;
      }
    }
  }

  private boolean mayStart() {
    startable = Math.min(SCALING, startable + (time.seconds() - countedAt) * SCALING / 10);
    countedAt = time.seconds();
    boolean may = startable >= 1;
    startable -= may ? 1 : 0;
    return may;
  }

  /// Sends a request again after a failure, for five minutes.
  private final class Sender {
    private final SplittableRandom dice;
    private final Deadline patience = Deadline.in(Duration.ofMinutes(5), time);
    private Duration between = Duration.ofSeconds(1);
    private boolean failed;

    private Sender(SplittableRandom dice) {
      this.dice = dice;
    }

    private void served() {
      served++;
      lastServed = time.seconds();
      lastFailed = failed ? lastServed : lastFailed;
    }

    /// Waits before the request is sent again.
    ///
    /// @return whether it is
    private boolean waits() {
      failed = true;
      if (patience.passed()) {
        lost++;
        return false;
      }
      time.pause(between.plusNanos(dice.nextLong(1_000_000_000)));
      between = Duration.ofSeconds(Math.min(20, 2 * between.toSeconds()));
      return true;
    }
  }

  /// One environment: one request at a time, one connection.
  final class Environment {
    private final ConnectionPool pool;
    private final Retry retry;
    private final SplittableRandom dice;
    private boolean serving;

    private Environment(SplittableRandom dice) {
      this.dice = dice;
      RandomGenerator ages =
          new RandomGenerator() {
            @Override
            public long nextLong() {
              return dice.nextLong();
            }

            @Override
            public double nextDouble() {
              return settings.jitter() * dice.nextDouble();
            }
          };
      ConnectionPool.Limits limits =
          new ConnectionPool.Limits(1, Duration.ofMinutes(50), Duration.ofSeconds(10));
      pool = new ConnectionPool(limits, cluster, time, ages, new SilentListener());
      retry = new Retry(pool, RetryPolicy.of(settings.attempts()), dice, time);
    }

    /// A request whose sender sends it again after a failure.
    void request() {
      Sender sender = new Sender(dice.split());
      while (!once()) {
        refused++;
        if (!sender.waits()) {
          return;
        }
      }
      sender.served();
    }

    /// From a snapshot to a handler. Of a thousand that are started at once, none is exactly as
    /// fast as the next.
    private Duration restore() {
      return Duration.ofNanos((long) (RESTORE.toNanos() * (1 + 0.2 * dice.nextDouble())));
    }

    /// Ends, as Lambda ends an environment, with its connection.
    void end() {
      pool.close();
    }

    /// Requests at random moments, on average that far apart.
    void requests(Duration apart, double until) {
      while (true) {
        double wait = -StrictMath.log(1 - dice.nextDouble()) * apart.toNanos();
        time.pause(Duration.ofNanos((long) wait));
        if (time.seconds() > until) {
          return;
        }
        request();
      }
    }

    /// Whether an invocation succeeded.
    private boolean once() {
      if (serving) {
        throw new IllegalStateException("an environment serves one request at a time");
      }
      serving = true;
      Retry.Session session = retry.begin(Deadline.in(settings.budget(), time));
      try {
        return session.run(Retry.Repeat.IDEMPOTENT, this::transaction);
      } catch (SQLException | DeadlineExceeded e) {
        return false;
      } catch (AmbiguousCommit e) {
        throw new IllegalStateException("the model loses no commit", e);
      } finally {
        serving = false;
      }
    }

    private boolean transaction(Lease lease) throws SQLException {
      cluster.write(lease.timed());
      return true;
    }
  }
}
