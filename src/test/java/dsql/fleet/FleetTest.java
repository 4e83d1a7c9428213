package dsql.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What the page of the fleet promises.
@Tag("slow")
final class FleetTest {

  private static final Fleet.Settings NOW = Fleet.Settings.DEPLOYED;

  @Test
  void everyTableIsThePages() throws IOException {
    String page = Files.readString(Path.of("docs/scale.md"));
    for (Section section : Sections.all()) {
      assertTrue(page.contains("## " + section.title() + "\n"), section.title());
      assertTrue(page.contains(section.table()), () -> section.title() + "\n" + section.table());
    }
  }

  @Test
  void theSafeSettingsAreTheFormulas() throws IOException {
    String page = Files.readString(Path.of("docs/deploy.md"));
    for (int perSecond : new int[] {10, 100, 1_000, 3_000}) {
      String row = "| %,d |".formatted(perSecond);
      for (int millis : new int[] {20, 100, 1_000}) {
        row += " %,d |".formatted(Loads.safe(perSecond, millis));
      }
      assertTrue(page.contains("\n" + row + "\n"), row);
    }
  }

  @Test
  void aDeploymentOfTenThousandIsServedAsFastAsTheClusterAllows() {
    Fleet<ModelCluster> fleet = Runs.deploy(NOW, 10_000, false);
    assertEquals(10_000, fleet.served);
    assertTrue(fleet.lastServed < 95, fleet.lastServed + " s");
    assertTrue(fleet.cluster.refusedByRate <= 0.05 * fleet.cluster.attempts);
    assertEquals("0 0", fleet.refused + " " + fleet.lost);
  }

  @Test
  void whoIsRefusedByTheRateWaitsItsTurn() {
    Fleet<ModelCluster> fleet = Runs.deploy(NOW, 1_000, true);
    assertEquals("1000 0", fleet.served + " " + fleet.refused, "no reply tells of the rate");
    Fleet<ModelCluster> before = Runs.deploy(NOW.before(), 1_000, true);
    assertTrue(before.refused > 0);
    assertTrue(before.cluster.attempts > 4 * fleet.cluster.attempts);
  }

  @Test
  void connectionsAreOpenedAnewBelowTwentyASecond() {
    Fleet<ModelCluster> fleet = Runs.hourAfter(NOW, 10_000, true);
    assertTrue(Sections.most(fleet.cluster.attemptsBySecond(), 100) < 20);
  }

  @Test
  void anAbsentClusterIsNotHammered() {
    Fleet<ModelCluster> before = Runs.outage(NOW.before(), 10_000, Duration.ofSeconds(150));
    Fleet<ModelCluster> now = Runs.outage(NOW, 10_000, Duration.ofSeconds(150));
    assertTrue(2 * now.cluster.attempts < before.cluster.attempts);
    List<Integer> attempts = now.cluster.attemptsBySecond();
    List<Integer> earlier = before.cluster.attemptsBySecond();
    assertTrue(
        2 * Sections.most(attempts.subList(0, 260), 200)
            < Sections.most(earlier.subList(0, 260), 200),
        "away");
    assertTrue(3 * Sections.most(attempts, 260) < 2 * Sections.most(earlier, 260), "back");
    assertEquals(0, now.lost);
  }

  @Test
  void aClusterThatWakesUpInTwoSecondsFailsNoReply() {
    Fleet<ModelCluster> fleet = Runs.wakeUp(NOW, 1_000, Duration.ofSeconds(2));
    assertEquals("1000 0", fleet.served + " " + fleet.refused);
  }
}
