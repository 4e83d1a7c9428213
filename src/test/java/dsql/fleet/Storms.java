package dsql.fleet;

import static dsql.fleet.Sections.NOW;
import static dsql.fleet.Sections.most;
import static dsql.fleet.Sections.number;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What is asked of many environments that connect at once.
final class Storms {

  private Storms() {}

  static final List<String> HEAD =
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

  static Section deploys() {
    List<List<String>> rows = new ArrayList<>();
    Map<String, List<Integer>> lines = new LinkedHashMap<>();
    for (int count : new int[] {1_000, 10_000}) {
      rows.add(row("" + count, "before", Runs.deploy(NOW.before(), count, false)));
      Fleet<ModelCluster> fleet = Runs.deploy(NOW, count, false);
      rows.add(row("" + count, "now", fleet));
      lines.put("Connection attempts a second, " + count, fleet.cluster.attemptsBySecond());
    }
    return new Section(
        "deploy",
        "A deployment of everything at once",
        "Lambda starts 1,000 environments at once and 100 a second then, which is what a cluster"
            + " with its whole burst takes: nothing is refused, and the bound is Lambda's.",
        HEAD,
        rows,
        lines);
  }

  static Section spent() {
    List<List<String>> rows = new ArrayList<>();
    Map<String, List<Integer>> lines = new LinkedHashMap<>();
    for (int count : new int[] {1_000, 10_000}) {
      Fleet<ModelCluster> before = Runs.deploy(NOW.before(), count, true);
      Fleet<ModelCluster> fleet = Runs.deploy(NOW, count, true);
      rows.add(row("" + count, "before", before));
      rows.add(row("" + count, "now", fleet));
      lines.put("Attempts a second, " + count + ", before", before.cluster.attemptsBySecond());
      lines.put("Attempts a second, " + count + ", now", fleet.cluster.attemptsBySecond());
    }
    return new Section(
        "spent",
        "The same with the burst used up",
        "Another client of the cluster has just taken its 1,000 connections.",
        HEAD,
        rows,
        lines);
  }

  static Section onTheHour() {
    List<List<String>> rows = new ArrayList<>();
    Map<String, List<Integer>> lines = new LinkedHashMap<>();
    for (int count : new int[] {1_000, 3_000, 10_000}) {
      rows.add(hourly(count, "before", Runs.onTheHour(NOW.before(), count)));
      Fleet<ModelCluster> fleet = Runs.onTheHour(NOW, count);
      rows.add(hourly(count, "now", fleet));
      lines.put("Attempts a second, " + count, onTheHour(fleet));
    }
    return new Section(
        "on-the-hour",
        "A schedule on the hour",
        "An hour after their start all environments get a request in the same second. All"
            + " connections are too old by then.",
        HEAD,
        rows,
        lines);
  }

  private static List<Integer> onTheHour(Fleet<ModelCluster> fleet) {
    List<Integer> attempts = fleet.cluster.attemptsBySecond();
    return attempts.subList(3_600, attempts.size());
  }

  private static List<String> hourly(int count, String which, Fleet<ModelCluster> fleet) {
    List<String> row = new ArrayList<>(row("" + count, which, fleet));
    row.set(2, number(fleet.lastServed - 3_600) + " s");
    row.set(6, "" + most(onTheHour(fleet), 0));
    return row;
  }

  static Section renewal() {
    List<List<String>> rows = new ArrayList<>();
    Map<String, List<Integer>> lines = new LinkedHashMap<>();
    for (int count : new int[] {1_000, 5_000, 6_000}) {
      Fleet<ModelCluster> fleet = Runs.renewed(NOW, count);
      List<String> row = new ArrayList<>(row("" + count, "now", fleet));
      row.set(2, number(fleet.lastServed - 200) + " s");
      rows.add(row);
      lines.put("Attempts a second, " + count, fleet.cluster.attemptsBySecond());
    }
    return new Section(
        "renewal",
        "A new version beside the old one",
        "At the 200th second as many new environments start as there are old ones, which hold"
            + " their connections for five to ten minutes more.",
        HEAD,
        rows,
        lines);
  }

  static Section total() {
    Fleet<ModelCluster> fleet = Runs.deploy(NOW, 12_000, false);
    return new Section(
        "total",
        "More environments than connections",
        "An environment keeps its connection, so those over the limit are not served while the"
            + " others live: their senders give up after five minutes. Reserved concurrency must"
            + " prevent this; no pause does.",
        HEAD,
        List.of(row("12000", "now", fleet)),
        Map.of("Connection attempts a second", fleet.cluster.attemptsBySecond()));
  }

  static Section wakeUp() {
    List<List<String>> rows = new ArrayList<>();
    Map<String, List<Integer>> lines = new LinkedHashMap<>();
    for (int seconds : new int[] {2, 10}) {
      for (int count : new int[] {1, 100, 1_000}) {
        for (String which : List.of("before", "now")) {
          Fleet.Settings settings = which.equals("now") ? NOW : NOW.before();
          Fleet<ModelCluster> fleet = Runs.wakeUp(settings, count, Duration.ofSeconds(seconds));
          List<String> row = new ArrayList<>(row("" + count, which, fleet));
          row.addFirst(seconds + " s");
          rows.add(row);
          if (count == 1_000) {
            lines.put(
                "Attempts a second, 1000, asleep for %d s, %s".formatted(seconds, which),
                fleet.cluster.attemptsBySecond());
          }
        }
      }
    }
    List<String> head = new ArrayList<>(HEAD);
    head.addFirst("asleep for");
    return new Section(
        "wake-up",
        "A cluster that wakes up",
        "The cluster refuses connections while it wakes up; how long that takes is not documented.",
        head,
        rows,
        lines);
  }
}
