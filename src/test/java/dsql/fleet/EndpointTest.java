package dsql.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.SharedDsql;
import dsql.Tables;
import dsql.local.LocalDsql;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The model of a cluster against the local endpoint: forty environments, with the cluster's limits
/// scaled down.
@Tag("slow")
@ExtendWith(SharedDsql.class)
final class EndpointTest {

  private static final int ENVIRONMENTS = 40;

  private final LocalDsql dsql;

  EndpointTest(LocalDsql dsql) {
    this.dsql = dsql;
  }

  @BeforeEach
  void alone() {
    Tables.awaitNoSessions(dsql);
  }

  @AfterEach
  void unlimited() {
    dsql.faults().clear();
    Tables.awaitNoSessions(dsql);
  }

  @Test
  void aRateIsRefusedAlike() {
    List<Integer> counts =
        alike(new ModelCluster.Rules(2, 10, 100, true), fleet -> fleet.deploy(ENVIRONMENTS));
    assertTrue(counts.get(1) > 20, "the rate is felt: " + counts);
  }

  @Test
  void aTotalIsRefusedAlike() {
    List<Integer> counts =
        alike(new ModelCluster.Rules(20, 60, 30, true), fleet -> fleet.deploy(ENVIRONMENTS));
    assertTrue(counts.get(2) > 20, "the total is felt: " + counts);
  }

  @Test
  void aSleepingClusterRefusesAlike() {
    List<Integer> counts =
        alike(
            new ModelCluster.Rules(20, 60, 100, true),
            fleet -> {
              fleet.cluster.asleepFor(Duration.ofSeconds(4));
              fleet.deploy(ENVIRONMENTS);
            });
    assertTrue(counts.get(3) > 100, "the sleep is felt: " + counts);
  }

  @Test
  void connectionsAreOpenedAnewAlike() {
    List<Integer> counts =
        alike(
            new ModelCluster.Rules(2, 10, 100, true),
            fleet -> {
              fleet.deploy(ENVIRONMENTS);
              fleet
                  .environments()
                  .forEach(one ->
                      fleet.time.in(
                          Duration.ofSeconds(100),
                          () -> one.requests(Duration.ofMinutes(5), 3_500)));
            });
    assertTrue(counts.get(0) > 2 * ENVIRONMENTS, "connections are opened anew: " + counts);
  }

  /// Runs a scenario against both.
  ///
  /// @return the model's counts: attempts, refusals by rate, by the total, other failures, failed
  ///   replies, served requests and lost ones
  private List<Integer> alike(ModelCluster.Rules rules, Consumer<Fleet<ModelCluster>> scenario) {
    VirtualTime time = new VirtualTime();
    List<Integer> modelled = counts(new ModelCluster(rules, time, random()), scenario);
    VirtualTime other = new VirtualTime();
    List<Integer> real = counts(new EndpointCluster(dsql, rules, other, random()), scenario);
    assertEquals(modelled, real);
    return modelled;
  }

  private static SplittableRandom random() {
    return new SplittableRandom(7);
  }

  private static List<Integer> counts(
      ModelCluster cluster, Consumer<Fleet<ModelCluster>> scenario) {
    Fleet.Settings settings = Fleet.Settings.DEPLOYED;
    Fleet<ModelCluster> fleet = new Fleet<>(settings, 1, cluster);
    scenario.accept(fleet);
    fleet.time.run();
    fleet.environments().forEach(Fleet.Environment::end);
    return List.of(
        cluster.attempts,
        cluster.refusedByRate,
        cluster.refusedByTotal,
        cluster.failed,
        fleet.refused,
        fleet.served,
        fleet.lost);
  }
}
