package dsql.bench;

import dsql.lambda.LocalFunction;
import dsql.local.LocalDsql;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Eight threads through one handler with eight connections.
final class Concurrency implements Forked.Inner {

  private static final String TABLE = "bench_concurrency";
  private static final int THREADS = 8;

  @Override
  public List<Row> run(Settings settings, LocalDsql dsql) throws Exception {
    People.create(dsql, TABLE);
    byte[] event = People.utf8(People.insert(TABLE));
    Contestant.Check written = Replies.having("\"written\":1", "\"rows\":[{\"id\":\"");
    Samples here = new Samples();
    Samples peer = new Samples();
    try (LocalFunction ours = new LocalFunction(dsql, Map.of("POOL_MAX", THREADS + ""));
        Usual usual = new Usual(dsql, THREADS, false);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      Contestant function = new Contestant(_ -> event, ours::invoke, written);
      Contestant stack = new Contestant(_ -> event, usual::invoke, written);
      perSecond(threads, function, settings.pick(2_000, 200));
      perSecond(threads, stack, settings.pick(2_000, 200));
      for (int block = 0; block < settings.pick(20, 4); block++) {
        int each = settings.pick(250, 100);
        if (block % 2 == 0) {
          here.add(perSecond(threads, function, each));
          peer.add(perSecond(threads, stack, each));
        } else {
          peer.add(perSecond(threads, stack, each));
          here.add(perSecond(threads, function, each));
        }
      }
    }
    return List.of(
        new Row(
            "throughput of inserts, 8 threads",
            "usual stack, pool of 8",
            Samples.ratio("/s", here, peer),
            Goal.atLeast(1)));
  }

  /// @param each invocations of each thread
  private static double perSecond(ExecutorService threads, Contestant contestant, int each)
      throws Exception {
    List<Future<?>> running = new ArrayList<>();
    long start = System.nanoTime();
    for (int t = 0; t < THREADS; t++) {
      running.add(
          threads.submit(() -> {
            for (int i = 0; i < each; i++) {
              contestant.time(i);
            }
            return null;
          }));
    }
    for (Future<?> thread : running) {
      thread.get();
    }
    return THREADS * each / ((System.nanoTime() - start) / 1e9);
  }
}
