package dsql.lambda;

import dsql.action.Problem;
import dsql.db.retry.Work;
import dsql.json.JsonWriter;
import java.time.Duration;
import java.time.Instant;

/// Writes the members of a metrics line in CloudWatch's [embedded metric
/// format](https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).
/// Safe for concurrent use.
final class Metrics {

  private static final byte[] AWS = JsonWriter.encodedName("_aws");
  private static final byte[] TIMESTAMP = JsonWriter.encodedName("Timestamp");
  private static final byte[] CLOUD_WATCH_METRICS = JsonWriter.encodedName("CloudWatchMetrics");
  private static final byte[] FUNCTION_NAME = JsonWriter.encodedName("FunctionName");
  private static final byte[] ACTION = JsonWriter.encodedName("Action");
  private static final byte[] INVOCATIONS = JsonWriter.encodedName("Invocations");
  private static final byte[] LATENCY = JsonWriter.encodedName("Latency");
  private static final byte[] ATTEMPTS = JsonWriter.encodedName("Attempts");
  private static final byte[] RETRIES = JsonWriter.encodedName("Retries");
  private static final byte[] CONFLICTS = JsonWriter.encodedName("Conflicts");
  private static final byte[] CONNECTIONS_OPENED = JsonWriter.encodedName("ConnectionsOpened");
  private static final byte[] REPLAYS = JsonWriter.encodedName("Replays");
  private static final byte[] OUTCOME_UNKNOWN = JsonWriter.encodedName("OutcomeUnknown");
  private static final byte[] ROWS = JsonWriter.encodedName("Rows");
  private static final byte[] COLD_START = JsonWriter.encodedName("ColdStart");
  private static final byte[] PROBLEMS = JsonWriter.encodedName("Problems");
  private static final byte[] BYTES = JsonWriter.encodedName("Bytes");

  static final String NAMESPACE = "DsqlFunction";

  private static final String COUNT = "Count";

  private final String functionName;

  /// What the metrics are, for an invocation whose action is known and for another.
  private final byte[] byAction;

  private final byte[] byFunction;

  Metrics(String functionName) {
    this.functionName = functionName;
    this.byAction = directives(true);
    this.byFunction = directives(false);
  }

  private static byte[] directives(boolean action) {
    JsonWriter out = new JsonWriter().beginArray().beginObject();
    out.name("Namespace").value(NAMESPACE).name("Dimensions").beginArray();
    out.beginArray().value("FunctionName").endArray();
    if (action) {
      out.beginArray().value("FunctionName").value("Action").endArray();
    }
    out.endArray().name("Metrics").beginArray();
    metric(out, "Invocations", COUNT);
    metric(out, "Latency", "Milliseconds");
    metric(out, "Attempts", COUNT);
    metric(out, "Retries", COUNT);
    metric(out, "Conflicts", COUNT);
    metric(out, "ConnectionsOpened", COUNT);
    metric(out, "Replays", COUNT);
    metric(out, "OutcomeUnknown", COUNT);
    metric(out, "Rows", COUNT);
    metric(out, "ColdStart", COUNT);
    metric(out, "Problems", COUNT);
    metric(out, "Bytes", "Bytes");
    return out.endArray().endObject().endArray().toByteArray();
  }

  private static void metric(JsonWriter out, String name, String unit) {
    out.beginObject().name("Name").value(name).name("Unit").value(unit).endObject();
  }

  /// Writes what an invocation that ended then adds to the metrics.
  void write(JsonWriter out, Tally tally, Work work, boolean cold, Instant end, Duration took) {
    String action = tally.action();
    Problem problem = tally.problem();
    out.name(AWS).beginObject().name(TIMESTAMP).value(end.toEpochMilli());
    out.name(CLOUD_WATCH_METRICS).json(action != null ? byAction : byFunction);
    out.endObject().name(FUNCTION_NAME).value(functionName);
    if (action != null) {
      out.name(ACTION).value(action);
    }
    out.name(INVOCATIONS).value(1);
    out.name(LATENCY).thousandths(Telemetry.micros(took));
    out.name(ATTEMPTS).value(work.attempts());
    out.name(RETRIES).value(work.retries());
    out.name(CONFLICTS).value(work.conflicts());
    out.name(CONNECTIONS_OPENED).value(work.opened());
    out.name(REPLAYS).value(tally.replayed() ? 1 : 0);
    boolean unknown = problem != null && problem.code() == Problem.Code.OUTCOME_UNKNOWN;
    out.name(OUTCOME_UNKNOWN).value(unknown ? 1 : 0);
    out.name(ROWS).value(tally.rows());
    out.name(COLD_START).value(cold ? 1 : 0);
    out.name(PROBLEMS).value(tally.isProblem() ? 1 : 0);
    out.name(BYTES).value(tally.bytes());
  }
}
