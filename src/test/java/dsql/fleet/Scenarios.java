package dsql.fleet;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The questions that are asked of a fleet.
final class Scenarios {

  private static final long SEED = 1;

  private static final Fleet.Settings NOW = Fleet.Settings.DEPLOYED;

  private Scenarios() {}

  static List<Section> all() {
    return List.of(deploys(), spent(), hour(), total(), outage(), hotRow(), variants());
  }

  static Fleet<ModelCluster> deploy(Fleet.Settings settings, int count, boolean spent) {
    Fleet<ModelCluster> fleet = Fleet.model(settings, SEED);
    if (spent) {
      fleet.cluster.spent();
    }
    fleet.deploy(count);
    fleet.time.run();
    return fleet;
  }

  private static final List<String> DEPLOY =
      List.of(
          "environments",
          "function",
          "all served after",
          "connection attempts",
          "refused by rate",
          "refused by the total",
          "most attempts in a second",
          "failed replies",
          "lost");

  static List<String> row(String count, String which, Fleet<ModelCluster> fleet) {
    return List.of(
        count,
        which,
        number(fleet.lastServed) + " s",
        "" + fleet.cluster.attempts,
        fleet.cluster.refusedByRate + " (" + percent(fleet) + " %)",
        "" + fleet.cluster.refusedByTotal,
        "" + most(fleet.cluster.attemptsBySecond(), 0),
        "" + fleet.refused,
        "" + fleet.lost);
  }

  private static String percent(Fleet<ModelCluster> fleet) {
    return number(100.0 * fleet.cluster.refusedByRate / fleet.cluster.attempts);
  }

  private static Section deploys() {
    List<List<String>> rows = new ArrayList<>();
    Map<String, List<Integer>> lines = new LinkedHashMap<>();
    for (int count : new int[] {1_000, 10_000}) {
      rows.add(row("" + count, "before", deploy(NOW.before(), count, false)));
      Fleet<ModelCluster> fleet = deploy(NOW, count, false);
      rows.add(row("" + count, "now", fleet));
      lines.put("Connection attempts a second, " + count, fleet.cluster.attemptsBySecond());
    }
    return new Section(
        "deploy",
        "A deployment of everything at once",
        "Lambda starts 1,000 environments at once and 100 a second then, which is what a cluster"
            + " with its whole burst takes: nothing is refused, and the bound is Lambda's.",
        DEPLOY,
        rows,
        lines);
  }

  private static Section spent() {
    List<List<String>> rows = new ArrayList<>();
    Map<String, List<Integer>> lines = new LinkedHashMap<>();
    for (int count : new int[] {1_000, 10_000}) {
      Fleet<ModelCluster> before = deploy(NOW.before(), count, true);
      Fleet<ModelCluster> fleet = deploy(NOW, count, true);
      rows.add(row("" + count, "before", before));
      rows.add(row("" + count, "now", fleet));
      lines.put("Attempts a second, " + count + ", before", before.cluster.attemptsBySecond());
      lines.put("Attempts a second, " + count + ", now", fleet.cluster.attemptsBySecond());
    }
    return new Section(
        "spent",
        "The same with the burst used up",
        "Another client of the cluster has just taken its 1,000 connections.",
        DEPLOY,
        rows,
        lines);
  }

  /// A fleet that serves for as long as its connections live, and then opens them anew.
  static Fleet<ModelCluster> hourAfter(Fleet.Settings settings, int count) {
    Fleet<ModelCluster> fleet = Fleet.model(settings, SEED);
    fleet.deploy(count);
    for (Fleet<ModelCluster>.Environment environment : fleet.environments()) {
      fleet.time.in(
          Duration.ofSeconds(100), () -> environment.requests(Duration.ofMinutes(2), 4_500));
    }
    fleet.time.run();
    return fleet;
  }

  private static Section hour() {
    Map<String, List<Integer>> lines = new LinkedHashMap<>();
    List<List<String>> rows = new ArrayList<>();
    for (String which : List.of("before", "now")) {
      Fleet<ModelCluster> fleet = hourAfter(which.equals("now") ? NOW : NOW.before(), 10_000);
      List<Integer> later = fleet.cluster.attemptsBySecond();
      later = later.subList(100, later.size());
      lines.put("New connections a second, " + which, later);
      rows.add(
          List.of(
              which,
              "" + later.stream().mapToInt(n -> n).sum(),
              "" + most(later, 0),
              "" + fleet.refused,
              "" + fleet.lost));
    }
    return new Section(
        "hour",
        "The hour after",
        "The 10,000 serve a request every two minutes each, until 75 minutes after the deployment.",
        List.of(
            "function", "connections opened anew", "most in a second", "failed replies", "lost"),
        rows,
        lines);
  }

  private static Section total() {
    Fleet<ModelCluster> fleet = deploy(NOW, 12_000, false);
    return new Section(
        "total",
        "More environments than connections",
        "An environment keeps its connection, so those over the limit are not served while the"
            + " others live: their senders give up after five minutes. Reserved concurrency must"
            + " prevent this; no pause does.",
        DEPLOY,
        List.of(row("12000", "now", fleet)),
        Map.of("Connection attempts a second", fleet.cluster.attemptsBySecond()));
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

  private static Section outage() {
    Map<String, List<Integer>> lines = new LinkedHashMap<>();
    List<List<String>> rows = new ArrayList<>();
    for (int count : new int[] {1_000, 10_000}) {
      Duration apart = Duration.ofSeconds(count == 1_000 ? 15 : 150);
      for (String which : List.of("before", "now")) {
        Fleet<ModelCluster> fleet = outage(which.equals("now") ? NOW : NOW.before(), count, apart);
        List<Integer> attempts = fleet.cluster.attemptsBySecond();
        lines.put("Connection attempts a second, " + count + ", " + which, attempts);
        rows.add(
            List.of(
                "" + count,
                which,
                "" + apart.toSeconds() + " s",
                "" + most(attempts.subList(0, 260), 200),
                "" + most(attempts, 260),
                number(fleet.lastFailed - 260) + " s",
                "" + fleet.refused,
                "" + fleet.lost));
      }
    }
    return new Section(
        "outage",
        "The endpoint is away for a minute",
        "All connections are lost at the 200th second; connects are refused until the 260th. The"
            + " senders wait 1 to 2 s before they send again, then twice that, up to 20 to 21 s.",
        List.of(
            "environments",
            "function",
            "a request each",
            "most attempts in a second, away",
            "most in a second, back",
            "last failed request served, after the return",
            "failed replies",
            "lost"),
        rows,
        lines);
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

  private static Section hotRow() {
    List<List<String>> rows = new ArrayList<>();
    List<Integer> throughput = new ArrayList<>();
    for (int senders : new int[] {1, 2, 4, 8, 16, 32, 64}) {
      Fleet<ModelCluster> fleet = hotRow(NOW, senders);
      throughput.add((int) Math.round(fleet.served / 60.0));
      rows.add(hot(List.of("" + senders), fleet));
    }
    return new Section(
        "hot-row",
        "One hot row",
        "Senders that write one row, each again as soon as it is answered, for a minute.",
        List.of("senders", "commits a second", "runs a commit", "failed replies a commit"),
        rows,
        Map.of("Commits a second with 1, 2, 4, 8, 16, 32 and 64 senders", throughput));
  }

  private static List<String> hot(List<String> begin, Fleet<ModelCluster> fleet) {
    List<String> row = new ArrayList<>(begin);
    row.add(number(fleet.served / 60.0));
    row.add(number(1 + 1.0 * fleet.cluster.conflicts / fleet.served));
    row.add(String.format(Locale.ROOT, "%.2f", 1.0 * fleet.refused / fleet.served));
    return row;
  }

  private static Section variants() {
    List<List<String>> rows = new ArrayList<>();
    Map<String, List<Integer>> lines = new LinkedHashMap<>();
    for (int attempts : new int[] {3, 5, 10}) {
      for (int budget : new int[] {5, 29}) {
        Fleet.Settings settings = NOW.with(attempts, Duration.ofSeconds(budget));
        Fleet<ModelCluster> storm = deploy(settings, 10_000, true);
        List<String> row =
            new ArrayList<>(hot(List.of("" + attempts, budget + " s"), hotRow(settings, 16)));
        row.add("" + storm.refused);
        row.add(number(storm.lastServed) + " s");
        rows.add(row);
        lines.put(
            "Attempts a second, %d attempts, %d s".formatted(attempts, budget),
            storm.cluster.attemptsBySecond());
      }
    }
    return new Section(
        "variants",
        "Other budgets and attempts",
        "The hot row with 16 senders, and the deployment of 10,000 with the burst used up.",
        List.of(
            "attempts",
            "budget",
            "hot row: commits a second",
            "runs a commit",
            "failed replies a commit",
            "deployment: failed replies",
            "all served after"),
        rows,
        lines);
  }

  static int most(List<Integer> numbers, int from) {
    return numbers.stream().skip(from).mapToInt(n -> n).max().orElse(0);
  }

  static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
