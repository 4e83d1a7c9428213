package dsql.fleet;

import java.time.Duration;

/// What happens to fleets.
final class Runs {

  private static final long SEED = 1;

  private Runs() {}

  static Fleet<ModelCluster> deploy(Fleet.Settings settings, int count, boolean spent) {
    Fleet<ModelCluster> fleet = Fleet.model(settings, SEED);
    if (spent) {
      fleet.cluster.spent();
    }
    fleet.deploy(count);
    fleet.time.run();
    return fleet;
  }

  /// A fleet that serves for as long as its connections live, and then opens them anew.
  ///
  /// @param recycled whether Lambda replaces each environment after half an hour to two hours
  static Fleet<ModelCluster> hourAfter(Fleet.Settings settings, int count, boolean recycled) {
    Fleet<ModelCluster> fleet = Fleet.model(settings, SEED);
    fleet.deploy(count);
    for (Fleet<ModelCluster>.Environment environment : fleet.environments()) {
      fleet.time.in(Duration.ofSeconds(100), () -> lives(fleet, environment, recycled));
    }
    fleet.time.run();
    return fleet;
  }

  private static void lives(
      Fleet<ModelCluster> fleet, Fleet<ModelCluster>.Environment first, boolean recycled) {
    Fleet<ModelCluster>.Environment environment = first;
    while (fleet.time.seconds() < 4_500) {
      double life = recycled ? 1_800 + 5_400 * fleet.random.nextDouble() : 4_500;
      environment.requests(Duration.ofMinutes(2), Math.min(4_500, fleet.time.seconds() + life));
      environment.end();
      environment = fleet.environment();
    }
  }

  /// A fleet whose endpoint is away from the 200th second to the 260th.
  static Fleet<ModelCluster> outage(Fleet.Settings settings, int count, Duration apart) {
    Fleet<ModelCluster> fleet = Fleet.model(settings, SEED);
    fleet.deploy(count);
    for (Fleet<ModelCluster>.Environment environment : fleet.environments()) {
      fleet.time.in(Duration.ofSeconds(100), () -> environment.requests(apart, 400));
    }
    fleet.time.in(Duration.ofSeconds(200), () -> fleet.cluster.gone(true));
    fleet.time.in(Duration.ofSeconds(260), () -> fleet.cluster.gone(false));
    fleet.time.run();
    return fleet;
  }

  /// Senders that write one row without pause for a minute.
  static Fleet<ModelCluster> hotRow(Fleet.Settings settings, int senders) {
    Fleet<ModelCluster> fleet = Fleet.model(settings, SEED);
    fleet.cluster.hotRow();
    for (int i = 0; i < senders; i++) {
      Fleet<ModelCluster>.Environment environment = fleet.environment();
      fleet.time.in(Duration.ZERO, () -> environment.requests(Duration.ofNanos(1), 60));
    }
    fleet.time.run();
    return fleet;
  }

  /// Environments that get a request each in the same second, an hour after they were started.
  static Fleet<ModelCluster> onTheHour(Fleet.Settings settings, int count) {
    Fleet<ModelCluster> fleet = Fleet.model(settings, SEED);
    fleet.deploy(count);
    for (Fleet<ModelCluster>.Environment environment : fleet.environments()) {
      long late = fleet.random.nextLong(1_000_000_000);
      fleet.time.in(Duration.ofHours(1).plusNanos(late), environment::request);
    }
    fleet.time.run();
    return fleet;
  }

  /// A new version whose environments start while those of the old one still hold their
  /// connections, for five to ten minutes.
  static Fleet<ModelCluster> renewed(Fleet.Settings settings, int count) {
    Fleet<ModelCluster> fleet = Fleet.model(settings, SEED);
    fleet.deploy(count);
    Duration begin = Duration.ofSeconds(200);
    for (Fleet<ModelCluster>.Environment old : fleet.environments()) {
      Duration lasts = Duration.ofMillis(fleet.random.nextLong(300_000, 600_000));
      fleet.time.in(begin.plus(lasts), old::end);
    }
    fleet.time.in(begin, () -> fleet.deploy(count));
    fleet.time.run();
    return fleet;
  }

  /// Requests that all arrive in one second, where no environment is.
  static Fleet<ModelCluster> spike(Fleet.Settings settings, int requests, int reserved) {
    Fleet<ModelCluster> fleet = Fleet.model(settings, SEED);
    for (int i = 0; i < requests; i++) {
      Duration late = Duration.ofNanos(fleet.random.nextLong(1_000_000_000));
      fleet.time.in(late, () -> fleet.send(reserved));
    }
    fleet.time.run();
    return fleet;
  }

  /// Requests at random moments of a minute, at that rate and as long at the median, where no
  /// environment is.
  static Fleet<ModelCluster> steady(
      Fleet.Settings settings, int perSecond, int millis, int reserved) {
    Fleet<ModelCluster> fleet = Fleet.model(settings, SEED);
    fleet.cluster.writesTake(millis);
    double at = 0;
    while (at < 60) {
      at -= StrictMath.log(1 - fleet.random.nextDouble()) / perSecond;
      fleet.time.in(Duration.ofNanos((long) (at * 1e9)), () -> fleet.send(reserved));
    }
    fleet.time.run();
    return fleet;
  }

  /// A deployment onto a cluster that is asleep.
  static Fleet<ModelCluster> wakeUp(Fleet.Settings settings, int count, Duration takes) {
    Fleet<ModelCluster> fleet = Fleet.model(settings, SEED);
    fleet.cluster.asleepFor(takes);
    fleet.deploy(count);
    fleet.time.run();
    return fleet;
  }
}
