package dsql.bench;

import dsql.bench.Measure.Absolute;
import dsql.local.LocalDsql;
import java.util.ArrayList;
import java.util.List;

/// From the start of the process to the first reply, an insert over TLS with `returning`, under the
/// real runtime client; each side as a build lays it out.
final class ColdStarts implements Part {

  private static final String TABLE = "bench_cold";

  @Override
  public List<Row> run(Settings settings) throws Exception {
    try (LocalDsql dsql = LocalDsql.builder().rsa().start();
        Artefact ours = Artefact.ours();
        Artefact usual = Artefact.usual()) {
      People.create(dsql, TABLE);
      int runs = settings.pick(21, 3);
      List<Row> rows = new ArrayList<>();
      Found all = compare(dsql, runs, ours, usual, List.of());
      rows.add(
          new Row(
              "cold start, all cores",
              "usual stack",
              Samples.ratio("ms", all.ours.time, all.usual.time),
              Goal.atMost(0.50)));
      rows.add(
          new Row(
              "its processor time",
              "usual stack",
              Samples.ratio("ms", all.ours.cpu, all.usual.cpu),
              Goal.atMost(0.57)));
      rows.add(
          new Row(
              "its memory at the peak",
              "usual stack",
              Samples.ratio("MB", all.ours.memory, all.usual.memory),
              Goal.NONE));
      rows.add(
          new Row(
              "its memory at the peak",
              "",
              new Absolute("MB", all.ours.memory.median()),
              Goal.atMost(75)));
      Found one = compare(dsql, runs, ours, usual, Children.onOneCpu());
      rows.add(
          new Row(
              "cold start, one core",
              "usual stack",
              Samples.ratio("ms", one.ours.time, one.usual.time),
              Goal.atMost(0.55)));
      return rows;
    }
  }

  private record Found(Taken ours, Taken usual) {}

  /// What was taken of one side.
  private static final class Taken {
    final Samples time = new Samples();
    final Samples cpu = new Samples();
    final Samples memory = new Samples();

    void add(Side.Start start) {
      time.add(start.milliseconds());
      cpu.add(start.cpu());
      memory.add(start.memory());
    }
  }

  private static Found compare(
      LocalDsql dsql, int runs, Artefact ours, Artefact usual, List<String> program)
      throws Exception {
    Side here = Side.ours(ours, program, dsql);
    Side peer = Side.usual(usual, program, dsql);
    // Files into the page cache.
    here.cold(dsql, TABLE);
    peer.cold(dsql, TABLE);
    Found found = new Found(new Taken(), new Taken());
    for (int i = 0; i < runs; i++) {
      if (i % 2 == 0) {
        found.ours.add(here.cold(dsql, TABLE));
        found.usual.add(peer.cold(dsql, TABLE));
      } else {
        found.usual.add(peer.cold(dsql, TABLE));
        found.ours.add(here.cold(dsql, TABLE));
      }
    }
    return found;
  }
}
