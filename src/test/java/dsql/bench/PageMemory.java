package dsql.bench;

import dsql.Tables;
import dsql.bench.Measure.Absolute;
import dsql.lambda.LocalFunction;
import dsql.local.LocalDsql;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// The heap that a page at the byte limit takes over idle, in a JVM with the heap of a Lambda of
/// 256 MB: the most that was in use after a collection, while collections followed one another.
final class PageMemory implements Part {

  private static final String TABLE = "bench_wide";
  private static final String RESULT = "peak\t";

  @Override
  public List<Row> run(Settings settings) throws Exception {
    try (LocalDsql dsql = LocalDsql.start()) {
      Tables.fresh(dsql, TABLE, "id integer PRIMARY KEY, t text");
      Tables.run(
          dsql,
          "INSERT INTO public."
              + TABLE
              + " SELECT i, repeat('x', 1000) FROM generate_series(1, 10000) i");
      List<Row> rows = new ArrayList<>();
      for (String door : List.of("direct", "HTTP")) {
        rows.add(
            new Row(
                "heap over idle of a page at the byte limit, " + door,
                "",
                new Absolute("MB", peak(dsql, door, settings.pick(5, 1))),
                Goal.atMost(40)));
      }
      return rows;
    }
  }

  private static double peak(LocalDsql dsql, String door, int pages) throws Exception {
    List<String> flags =
        List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx220m",
            "-Djavax.net.ssl.trustStore=" + dsql.trustStore(),
            "-Djavax.net.ssl.trustStorePassword=" + dsql.trustStorePassword(),
            "-Daws.accessKeyId=" + dsql.credentials().accessKeyId(),
            "-Daws.secretAccessKey=" + dsql.credentials().secretAccessKey(),
            "-Daws.sessionToken=" + dsql.credentials().sessionToken());
    for (String line :
        Children.run(
            List.of(),
            flags,
            PageMemory.class,
            List.of(dsql.endpoint(), dsql.region(), door, Integer.toString(pages)))) {
      if (line.startsWith(RESULT)) {
        return Double.parseDouble(line.substring(RESULT.length()));
      }
    }
    throw new IllegalStateException("no result");
  }

  /// The JVM that is measured.
  ///
  /// @param arguments endpoint, region, door and number of pages
  public static void main(String[] arguments) throws Exception {
    String query = "{\"action\":\"query\",\"table\":\"" + TABLE + "\",\"limit\":10000}";
    boolean http = arguments[2].equals("HTTP");
    byte[] event = People.utf8(http ? People.overHttp(query) : query);
    try (LocalFunction function =
        new LocalFunction(
            Map.of(
                "CLUSTER_ENDPOINT", arguments[0],
                "CLUSTER_USER", "admin",
                "AWS_REGION", arguments[1]))) {
      check(function, event);
      MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
      memory.gc();
      long idle = memory.getHeapMemoryUsage().getUsed();
      AtomicLong peak = new AtomicLong();
      AtomicBoolean end = new AtomicBoolean();
      Thread sampler =
          Thread.ofPlatform()
              .start(() -> {
                while (!end.get()) {
                  // Without a pause the page would hardly get on.
                  LockSupport.parkNanos(1_000_000);
                  memory.gc();
                  peak.accumulateAndGet(memory.getHeapMemoryUsage().getUsed(), Math::max);
                }
              });
      for (int i = 0; i < Integer.parseInt(arguments[3]); i++) {
        check(function, event);
      }
      end.set(true);
      sampler.join();
      System.out.println(RESULT + (peak.get() - idle) / 1e6);
    }
  }

  private static void check(LocalFunction function, byte[] event) throws Exception {
    byte[] reply = function.invoke(event);
    if (reply.length < 6_200_000 || reply.length > 6_291_556) {
      throw new Replies.WrongReply("a page of " + reply.length + " bytes");
    }
    Replies.having("truncatedBy").check(reply);
  }
}
