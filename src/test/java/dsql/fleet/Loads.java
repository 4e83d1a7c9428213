package dsql.fleet;

import static dsql.fleet.Sections.NOW;
import static dsql.fleet.Sections.most;
import static dsql.fleet.Sections.number;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What is asked of a fleet under load.
final class Loads {

  private Loads() {}

  static Section hour() {
    Map<String, List<Integer>> lines = new LinkedHashMap<>();
    List<List<String>> rows = new ArrayList<>();
    for (String which : List.of("before", "now", "now, recycled")) {
      Fleet.Settings settings = which.equals("before") ? NOW.before() : NOW;
      Fleet<ModelCluster> fleet = Runs.hourAfter(settings, 10_000, which.endsWith("recycled"));
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
        "The 10,000 serve a request every two minutes each, until 75 minutes after the deployment."
            + " *Recycled*: Lambda replaces each after half an hour to two hours.",
        List.of(
            "function", "connections opened anew", "most in a second", "failed replies", "lost"),
        rows,
        lines);
  }

  static Section outage() {
    Map<String, List<Integer>> lines = new LinkedHashMap<>();
    List<List<String>> rows = new ArrayList<>();
    for (int count : new int[] {1_000, 10_000}) {
      Duration apart = Duration.ofSeconds(count == 1_000 ? 15 : 150);
      for (String which : List.of("before", "now")) {
        Fleet<ModelCluster> fleet =
            Runs.outage(which.equals("now") ? NOW : NOW.before(), count, apart);
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
        "All connections are lost at the 200th second; connects are refused until the 260th.",
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

  static Section spike() {
    List<List<String>> rows = new ArrayList<>();
    Map<String, List<Integer>> lines = new LinkedHashMap<>();
    for (int reserved : new int[] {100, 1_000, 9_000}) {
      Fleet<ModelCluster> fleet = Runs.spike(NOW, 12_000, reserved);
      rows.add(
          List.of(
              "" + reserved,
              "" + fleet.environments().size(),
              "" + fleet.throttled,
              number(fleet.lastServed) + " s",
              "" + fleet.cluster.refusedByRate,
              "" + fleet.refused,
              "" + fleet.lost));
      lines.put("Connection attempts a second, " + reserved, fleet.cluster.attemptsBySecond());
    }
    return new Section(
        "spike",
        "A spike",
        "12,000 requests in one second, where no environment is. Lambda throttles what it has no"
            + " environment for, and the senders send it again.",
        List.of(
            "reserved concurrency",
            "environments started",
            "throttled",
            "all served after",
            "refused by rate",
            "failed replies",
            "lost"),
        rows,
        lines);
  }

  static Section sizes() {
    List<List<String>> rows = new ArrayList<>();
    Map<String, List<Integer>> lines = new LinkedHashMap<>();
    for (int perSecond : new int[] {10, 100, 1_000, 3_000}) {
      List<Integer> started = new ArrayList<>();
      for (int millis : new int[] {20, 100, 1_000}) {
        int safe = safe(perSecond, millis);
        Fleet<ModelCluster> free = Runs.steady(NOW, perSecond, millis, Integer.MAX_VALUE);
        Fleet<ModelCluster> reserved = Runs.steady(NOW, perSecond, millis, safe);
        started.add(free.environments().size());
        rows.add(
            List.of(
                "" + perSecond,
                millis + " ms",
                "" + free.environments().size(),
                "" + free.mostBusy,
                "" + safe,
                "" + reserved.throttled,
                "" + reserved.refused,
                "" + reserved.lost));
      }
      lines.put("Environments, %d a second, at 20, 100, 1000 ms".formatted(perSecond), started);
    }
    return new Section(
        "sizes",
        "A steady load that begins at once",
        "Requests at random moments of a minute, where no environment is. Until the first are"
            + " started, each request has one more started.",
        List.of(
            "requests a second",
            "each takes",
            "environments without a limit",
            "busy at most",
            "safe setting",
            "throttled with it",
            "failed replies",
            "lost"),
        rows,
        lines);
  }

  /// The environments that such a load has started: on average those that are busy or being
  /// started, and three standard deviations more.
  static int safe(int perSecond, int millis) {
    double mean = perSecond * (millis / 1e3 + 0.6);
    return (int) Math.ceil(mean + 3 * Math.sqrt(mean));
  }

  static Section hotRow() {
    List<List<String>> rows = new ArrayList<>();
    List<Integer> throughput = new ArrayList<>();
    for (int senders : new int[] {1, 2, 4, 8, 16, 32, 64}) {
      Fleet<ModelCluster> fleet = Runs.hotRow(NOW, senders);
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

  static Section variants() {
    List<List<String>> rows = new ArrayList<>();
    Map<String, List<Integer>> lines = new LinkedHashMap<>();
    for (int attempts : new int[] {3, 5, 10}) {
      for (Duration budget : List.of(Duration.ofSeconds(5), Fleet.Settings.BUDGET)) {
        Fleet.Settings settings = NOW.with(attempts, budget);
        String seconds = number(budget.toMillis() / 1e3);
        Fleet<ModelCluster> storm = Runs.deploy(settings, 10_000, true);
        List<String> row =
            new ArrayList<>(hot(List.of("" + attempts, seconds + " s"), Runs.hotRow(settings, 16)));
        row.add("" + storm.refused);
        row.add(number(storm.lastServed) + " s");
        rows.add(row);
        lines.put(
            "Attempts a second, %d attempts, %s s".formatted(attempts, seconds),
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
}
