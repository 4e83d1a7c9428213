package dsql.db.insert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dsql.SharedDsql;
import dsql.Tables;
import dsql.action.IdempotencyKey;
import dsql.action.Identifier;
import dsql.action.Insert;
import dsql.action.Insert.Atomicity;
import dsql.action.Query;
import dsql.action.Result;
import dsql.action.Row;
import dsql.action.Value;
import dsql.db.Database;
import dsql.db.LocalDatabase;
import dsql.db.jdbc.ReplyLimit;
import dsql.db.pool.Deadline;
import dsql.db.pool.Ticker;
import dsql.local.LocalDsql;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Senders of one key that split its rows differently.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class ChunkSplitsTest {

  private static final int ROWS = 5000;

  private final LocalDsql dsql;

  ChunkSplitsTest(LocalDsql dsql) {
    this.dsql = dsql;
  }

  @Test
  void sendersWithDifferentSplitsNeverOverlap() throws Exception {
    Tables.fresh(dsql, "split", "n integer");
    Tables.drop(dsql, "dsql_ledger");
    List<Integer> splits = List.of(Inserts.MAX_CHUNK_ROWS, 700, 433);
    CyclicBarrier together = new CyclicBarrier(splits.size());
    try (ExecutorService threads = Executors.newFixedThreadPool(splits.size())) {
      List<Future<Result>> results = new ArrayList<>();
      for (int chunkRows : splits) {
        results.add(
            threads.submit(() -> {
              // With pauses of no length the senders meet at every chunk.
              try (Database database = LocalDatabase.of(dsql, chunkRows, Query.MAX_LIMIT)) {
                together.await();
                return insert(database);
              }
            }));
      }
      for (Future<Result> result : results) {
        Result.Inserted inserted = assertInstanceOf(Result.Inserted.class, result.get());
        assertEquals(ROWS, inserted.written());
        int next = 0;
        for (Result.Chunk chunk : inserted.chunks()) {
          assertEquals(next, chunk.first(), inserted.chunks()::toString);
          assertEquals(Result.ChunkOutcome.COMMITTED, chunk.outcome());
          next = chunk.last() + 1;
        }
        assertEquals(ROWS, next);
      }
    }
    // No unique key: a row that went in twice would stand twice.
    assertEquals(
        ROWS + " " + ROWS,
        Tables.value(dsql, "SELECT count(*) || ' ' || count(DISTINCT n) FROM public.split"));
  }

  private static Result insert(Database database) {
    List<Row> rows =
        IntStream.range(0, ROWS)
            .mapToObj(n ->
                new Row(
                    List.of(new Identifier("n")),
                    List.<Value>of(new Value.Num(Integer.toString(n)))))
            .toList();
    Insert insert =
        new Insert(
            new Identifier("split"),
            rows,
            List.of(),
            Optional.empty(),
            Optional.of(new IdempotencyKey("k")),
            Atomicity.CHUNK);
    return database.run(
        insert,
        database.begin(Deadline.in(Duration.ofSeconds(30), Ticker.SYSTEM)),
        new ReplyLimit(ReplyLimit.LAMBDA_REPLY_BYTES, false));
  }
}
