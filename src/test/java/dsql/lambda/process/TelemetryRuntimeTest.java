package dsql.lambda.process;

import static dsql.JsonAssert.at;
import static dsql.JsonAssert.object;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.google.gson.JsonObject;
import dsql.EmbeddedMetrics;
import dsql.runtime.Reply.FunctionError;
import dsql.runtime.RuntimeProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The lines on the standard output of the real runtime client, which runs several invocations at
/// once and then tells the trace header to each invocation's context alone.
@Tag("slow")
final class TelemetryRuntimeTest {

  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int INVOCATIONS = 32;

  @Test
  void linesOfParallelInvocationsReachTheOutputWholeWithTheirTrace() throws Exception {
    Map<String, String> environment =
        Map.of(
            "CLUSTER_ENDPOINT", "localhost:1",
            "CLUSTER_USER", "admin",
            "AWS_REGION", "us-east-1",
            "AWS_LAMBDA_MAX_CONCURRENCY", "8",
            "AWS_LAMBDA_FUNCTION_NAME", "writer");
    Set<String> requestIds = new HashSet<>();
    try (RuntimeProcess process =
            RuntimeProcess.start("dsql.lambda.Handler::handleRequest", environment, List.of());
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<String>> all = new ArrayList<>();
      for (int i = 0; i < INVOCATIONS; i++) {
        all.add(callers.submit(() -> rejected(process)));
      }
      for (Future<String> one : all) {
        requestIds.add(one.get());
      }
      for (String requestId : requestIds) {
        JsonObject line = line(process, requestId, "invocation");
        assertEquals("WARN malformed_json", at(line, "level") + " " + at(line, "code"));
        assertEquals(
            "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
            at(line, "trace"));
        JsonObject metrics = line(process, requestId, "metrics");
        EmbeddedMetrics.check(metrics);
        assertEquals("writer 1", at(metrics, "FunctionName") + " " + at(metrics, "Problems"));
      }
    }
    assertEquals(INVOCATIONS, requestIds.size());
  }

  private static String rejected(RuntimeProcess process) {
    FunctionError error =
        assertInstanceOf(FunctionError.class, process.invoke("{\"action\":", LIMIT));
    return at(error.errorMessage(), "requestId");
  }

  /// Outside of Lambda the client logs to the same output, and ends none of its texts with a line.
  private static JsonObject line(RuntimeProcess process, String requestId, String event) {
    String line =
        process.awaitOutput(
            text -> text.contains("\"event\":\"" + event + "\",\"requestId\":\"" + requestId),
            LIMIT);
    return object(line.substring(line.indexOf("{\"timestamp\":")));
  }
}
