package dsql.bench;

import dsql.RoundTrips;
import dsql.bench.Measure.Absolute;
import dsql.local.LocalDsql;
import dsql.local.auth.Credentials;
import dsql.runtime.ContainerCredentials;
import dsql.runtime.Reply;
import dsql.runtime.RuntimeProcess;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A rehearsal of SnapStart: from the restore to the first reply, with the function's hooks and
/// without, and against the usual stack where a round trip takes a while. The process stands still
/// at its checkpoint; no image of it is taken.
final class Restores implements Part {

  private static final String TABLE = "bench_restore";

  /// Under SnapStart the JVM has all its compilers; of two such flags the last counts.
  private static final String SNAP_START = "-XX:TieredStopAtLevel=4";

  /// Binds org.crac's hooks to nothing; the process binds them to the runtime's by default.
  private static final String NO_HOOKS = "-Dorg.crac.Core.Compat=none";

  @Override
  public List<Row> run(Settings settings) throws Exception {
    try (LocalDsql dsql = LocalDsql.builder().rsa().start();
        Artefact ours = Artefact.ours();
        Artefact usual = Artefact.usual()) {
      People.create(dsql, TABLE);
      Side side = Side.ours(ours, List.of(), dsql);
      Samples primed = new Samples();
      Samples unprimed = new Samples();
      for (int i = 0; i < settings.pick(15, 2); i++) {
        primed.add(restored(dsql, side, List.of(SNAP_START), Duration.ZERO));
        unprimed.add(restored(dsql, side, List.of(SNAP_START, NO_HOOKS), Duration.ZERO));
      }
      List<Row> rows = new ArrayList<>();
      rows.add(
          new Row(
              "restored to first reply",
              "the same without hooks",
              Samples.ratio("ms", primed, unprimed),
              Goal.atMost(0.06)));
      rows.add(
          new Row(
              "restored to first reply", "", new Absolute("ms", primed.median()), Goal.atMost(50)));
      Side peer = Side.usual(usual, List.of(), dsql);
      for (int delay : List.of(1, 5)) {
        Samples here = new Samples();
        Samples there = new Samples();
        for (int i = 0; i < settings.pick(11, 2); i++) {
          here.add(restored(dsql, side, List.of(SNAP_START), Duration.ofMillis(delay)));
          there.add(restored(dsql, peer, List.of(SNAP_START), Duration.ofMillis(delay)));
        }
        rows.add(
            new Row(
                "restored to first reply, " + delay + " ms a round trip",
                "usual stack, restored",
                Samples.ratio("ms", here, there),
                delay == 5 ? Goal.atMost(0.60) : Goal.NONE));
      }
      return rows;
    }
  }

  /// @param delay what each round trip takes longer after the restore
  private static double restored(LocalDsql dsql, Side side, List<String> flags, Duration delay)
      throws Exception {
    Credentials credentials = dsql.credentials();
    try (ContainerCredentials container =
            new ContainerCredentials(
                new ContainerCredentials.Credentials(
                    credentials.accessKeyId(),
                    credentials.secretAccessKey(),
                    credentials.sessionToken(),
                    Instant.now().plus(Duration.ofHours(6))));
        RoundTrips wire = new RoundTrips(dsql.port())) {
      Map<String, String> environment = new HashMap<>(container.environment());
      environment.put("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start");
      if (delay.isPositive()) {
        environment.put("CLUSTER_ENDPOINT", "localhost:" + wire.port());
      }
      try (RuntimeProcess process = side.start(dsql, environment, flags)) {
        process.awaitCheckpoint();
        wire.delay(delay);
        long start = System.nanoTime();
        if (process.restore().isPresent()) {
          throw new IllegalStateException("not restored: " + process.output());
        }
        Reply reply = process.invoke(People.overHttp(People.insert(TABLE)), Duration.ofSeconds(29));
        long end = System.nanoTime();
        Side.check(reply);
        return (end - start) / 1e6;
      }
    }
  }
}
