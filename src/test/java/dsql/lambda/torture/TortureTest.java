package dsql.lambda.torture;

import dsql.SharedDsql;
import dsql.Tables;
import dsql.local.LocalDsql;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Threads send events while the network and the server fail at random, at any byte and in the
/// middle of commits, sessions are killed, keys expire, and others change the tables. Nothing may
/// be lost or doubled, and no reply false:
///
/// - [TortureStorm]: inserts of several senders, with keys and without;
/// - [TortureShapes]: queries, inserts and replays on tables that change;
/// - [TortureChunks]: chunked inserts of two senders, with bad rows and expiring keys.
///
/// `-Dtorture.invocations` makes it longer, `-Dtorture.seed` repeats one; both are printed.
@Tag("slow")
@ExtendWith(SharedDsql.class)
final class TortureTest {

  private static final int INVOCATIONS = Integer.getInteger("torture.invocations", 600);
  private static final long SEED = Long.getLong("torture.seed", System.nanoTime());

  // Of a hundred invocations, so many are of one thread of a kind.
  private static final int STORM = 15;
  private static final int STORM_THREADS = 4;
  private static final int SHAPES = 19;
  private static final int CHUNKS = 2;

  private final LocalDsql dsql;

  TortureTest(LocalDsql dsql) {
    this.dsql = dsql;
  }

  @Test
  void nothingLostNothingTwiceNoReplyFalse() throws Exception {
    System.out.println("torture: " + INVOCATIONS + " invocations, seed " + SEED);
    SplittableRandom random = new SplittableRandom(SEED);
    Tables.drop(dsql, "dsql_ledger");
    try (TortureStorm storm = new TortureStorm(dsql);
        TortureShapes one = new TortureShapes(dsql, "torture_one", random.split());
        TortureShapes two = new TortureShapes(dsql, "torture_two", random.split());
        TortureChunks chunks = new TortureChunks(dsql, random.split());
        ExecutorService threads = Executors.newCachedThreadPool()) {
      List<Future<?>> senders = new ArrayList<>();
      for (int thread = 0; thread < STORM_THREADS; thread++) {
        int name = thread;
        SplittableRandom own = random.split();
        senders.add(threads.submit(() -> storm.run(share(STORM), name, own)));
      }
      for (TortureShapes shapes : List.of(one, two)) {
        senders.add(
            threads.submit(() -> {
              shapes.run(share(SHAPES));
              return shapes;
            }));
      }
      senders.add(
          threads.submit(() -> {
            chunks.run(share(CHUNKS));
            return chunks;
          }));
      for (Future<?> sender : senders) {
        sender.get();
      }
      dsql.faults().clear();
      storm.check();
      one.check();
      two.check();
      chunks.check();
    } finally {
      dsql.faults().clear();
    }
    Tables.awaitNoSessions(dsql);
  }

  private static int share(int hundredths) {
    return INVOCATIONS * hundredths / 100;
  }
}
