package dsql.bench;

import dsql.bench.Measure.Absolute;
import dsql.local.LocalDsql;
import dsql.local.auth.Credentials;
import dsql.runtime.ContainerCredentials;
import dsql.runtime.Reply;
import dsql.runtime.RuntimeProcess;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A rehearsal of SnapStart: from the restore to the first reply, with the function's hooks and
/// without. The process stands still at its checkpoint; no image of it is taken.
final class Restores implements Part {

  private static final String TABLE = "bench_restore";

  /// Under SnapStart the JVM has all its compilers; of two such flags the last counts.
  private static final String SNAP_START = "-XX:TieredStopAtLevel=4";

  /// Binds org.crac's hooks to nothing; the process binds them to the runtime's by default.
  private static final String NO_HOOKS = "-Dorg.crac.Core.Compat=none";

  @Override
  public List<Row> run(Settings settings) throws Exception {
    try (LocalDsql dsql = LocalDsql.builder().rsa().start();
        Artefact ours = Artefact.ours()) {
      People.create(dsql, TABLE);
      Side side = Side.ours(ours, List.of(), dsql);
      Samples primed = new Samples();
      Samples unprimed = new Samples();
      for (int i = 0; i < settings.pick(15, 2); i++) {
        primed.add(restored(dsql, side, List.of(SNAP_START)));
        unprimed.add(restored(dsql, side, List.of(SNAP_START, NO_HOOKS)));
      }
      return List.of(
          new Row(
              "restored to first reply",
              "the same without hooks",
              Samples.ratio("ms", primed, unprimed),
              Goal.atMost(0.06)),
          new Row(
              "restored to first reply", "", new Absolute("ms", primed.median()), Goal.atMost(50)));
    }
  }

  private static double restored(LocalDsql dsql, Side side, List<String> flags) throws Exception {
    Credentials credentials = dsql.credentials();
    try (ContainerCredentials container =
        new ContainerCredentials(
            new ContainerCredentials.Credentials(
                credentials.accessKeyId(),
                credentials.secretAccessKey(),
                credentials.sessionToken(),
                Instant.now().plus(Duration.ofHours(6))))) {
      Map<String, String> environment = new HashMap<>(container.environment());
      environment.put("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start");
      try (RuntimeProcess process = side.start(dsql, environment, flags)) {
        process.awaitCheckpoint();
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
