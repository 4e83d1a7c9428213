package dsql.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What the page of the fleet promises.
@Tag("slow")
final class FleetTest {

  @Test
  void aDeploymentOfTenThousandIsServedAsFastAsTheClusterAllows() throws IOException {
    Fleet<ModelCluster> fleet = Scenarios.deploy(Fleet.Settings.DEPLOYED, 10_000, false);
    assertEquals(10_000, fleet.served);
    assertTrue(fleet.lastServed < 95, fleet.lastServed + " s");
    assertTrue(fleet.cluster.refusedByRate <= 0.05 * fleet.cluster.attempts);
    assertEquals("0 0", fleet.refused + " " + fleet.lost);
    assertPrinted(Scenarios.row("10000", "now", fleet));
  }

  @Test
  void whoIsRefusedByTheRateWaitsItsTurn() throws IOException {
    Fleet<ModelCluster> fleet = Scenarios.deploy(Fleet.Settings.DEPLOYED, 1_000, true);
    assertEquals("1000 0", fleet.served + " " + fleet.refused, "no reply tells of the rate");
    Fleet<ModelCluster> before = Scenarios.deploy(Fleet.Settings.DEPLOYED.before(), 1_000, true);
    assertTrue(before.refused > 0);
    assertTrue(before.cluster.attempts > 2 * fleet.cluster.attempts);
    assertPrinted(Scenarios.row("1000", "now", fleet));
    assertPrinted(Scenarios.row("1000", "before", before));
  }

  private static void assertPrinted(List<String> row) throws IOException {
    String line = "| " + String.join(" | ", row) + " |";
    assertTrue(Files.readString(Path.of("docs/scale.md")).contains(line), line);
  }
}
