package dsql.tools;

import dsql.Tables;
import dsql.lambda.LocalFunction;
import dsql.local.LocalDsql;
import dsql.local.auth.Credentials;
import dsql.runtime.ContainerCredentials;
import dsql.runtime.Reply;
import dsql.runtime.RuntimeProcess;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Measures the time from a restore to the first reply, with and without the hook before the
/// snapshot, under the real runtime client. There is no snapshot: the process waits where one would
/// be taken, so the time to load one is not in it.
final class RestoreTimes {

  private static final String QUERY =
      "{\"version\":\"2.0\",\"headers\":{\"content-type\":\"application/json\"},"
          + "\"requestContext\":{\"http\":{\"method\":\"POST\",\"path\":\"/\"}},"
          + "\"body\":\"{\\\"action\\\":\\\"query\\\",\\\"table\\\":\\\"restored\\\"}\"}";

  private RestoreTimes() {}

  /// Prints medians in milliseconds.
  ///
  /// @param arguments how many processes of each kind; 15 by default
  public static void main(String[] arguments) throws IOException, SQLException {
    int runs = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 15;
    Map<String, List<Long>> times = new HashMap<>();
    try (LocalDsql dsql = LocalDsql.start()) {
      Tables.fresh(dsql, "restored", "id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text");
      try (RuntimeProcess process = start(dsql, Map.of(), List.of())) {
        process.awaitCheckpoint();
        first(process, insert("the ledger is made here"));
      }
      List<String> unprimed = List.of("-Dorg.crac.Core.Compat=none");
      for (int run = 0; run < runs; run++) {
        for (String event : List.of("insert", "query")) {
          String text = event.equals("insert") ? insert("run " + run) : QUERY;
          measure(times, dsql, "unprimed " + event, unprimed, text);
          measure(
              times,
              dsql,
              "primed " + event,
              List.of(),
              event.equals("insert") ? insert("primed run " + run) : QUERY);
        }
      }
    }
    times.forEach((kind, all) -> System.out.println(kind + ' ' + median(all) + " of " + all));
  }

  private static void measure(
      Map<String, List<Long>> times, LocalDsql dsql, String kind, List<String> jvm, String event)
      throws IOException {
    Credentials known = dsql.credentials();
    ContainerCredentials.Credentials credentials =
        new ContainerCredentials.Credentials(
            known.accessKeyId(),
            known.secretAccessKey(),
            known.sessionToken(),
            Instant.now().plus(Duration.ofHours(6)));
    long begun = System.nanoTime();
    try (ContainerCredentials container = new ContainerCredentials(credentials);
        RuntimeProcess process = start(dsql, container.environment(), jvm)) {
      process.awaitCheckpoint();
      long checkpoint = System.nanoTime();
      times
          .computeIfAbsent("to checkpoint " + kind, _ -> new ArrayList<>())
          .add((checkpoint - begun) / 1_000_000);
      times.computeIfAbsent(kind, _ -> new ArrayList<>()).add(first(process, event));
    }
  }

  private static String insert(String key) {
    return "{\"action\":\"insert\",\"table\":\"restored\",\"rows\":[{\"name\":\"John Doe\"}],"
        + "\"returning\":[\"id\"],\"idempotencyKey\":\""
        + key
        + "\"}";
  }

  private static RuntimeProcess start(
      LocalDsql dsql, Map<String, String> credentials, List<String> jvm) {
    Map<String, String> environment = new HashMap<>(LocalFunction.environment(dsql, Map.of()));
    environment.putAll(credentials);
    if (credentials.isEmpty()) {
      environment.put("AWS_ACCESS_KEY_ID", dsql.credentials().accessKeyId());
      environment.put("AWS_SECRET_ACCESS_KEY", dsql.credentials().secretAccessKey());
      environment.put("AWS_SESSION_TOKEN", dsql.credentials().sessionToken());
    }
    environment.put("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start");
    List<String> arguments = new ArrayList<>(jvm);
    arguments.add("-Djavax.net.ssl.trustStore=" + dsql.trustStore());
    arguments.add("-Djavax.net.ssl.trustStorePassword=" + dsql.trustStorePassword());
    return RuntimeProcess.start("dsql.lambda.Handler::handleRequest", environment, arguments);
  }

  private static long first(RuntimeProcess process, String event) {
    long begun = System.nanoTime();
    process.restore();
    Reply reply = process.invoke(event, Duration.ofSeconds(20));
    long took = (System.nanoTime() - begun) / 1_000_000;
    if (!(reply instanceof Reply.Success)) {
      throw new IllegalStateException(reply.body());
    }
    return took;
  }

  private static long median(List<Long> times) {
    long[] sorted = times.stream().mapToLong(Long::longValue).toArray();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
