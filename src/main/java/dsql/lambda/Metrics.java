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
    out.name("_aws").beginObject().name("Timestamp").value(end.toEpochMilli());
    out.name("CloudWatchMetrics").json(action != null ? byAction : byFunction);
    out.endObject().name("FunctionName").value(functionName);
    if (action != null) {
      out.name("Action").value(action);
    }
    out.name("Invocations").value(1);
    out.name("Latency").literal(Telemetry.millis(took));
    out.name("Attempts").value(work.attempts());
    out.name("Retries").value(work.retries());
    out.name("Conflicts").value(work.conflicts());
    out.name("ConnectionsOpened").value(work.opened());
    out.name("Replays").value(tally.replayed() ? 1 : 0);
    boolean unknown = problem != null && problem.code() == Problem.Code.OUTCOME_UNKNOWN;
    out.name("OutcomeUnknown").value(unknown ? 1 : 0);
    out.name("Rows").value(tally.rows());
    out.name("ColdStart").value(cold ? 1 : 0);
    out.name("Problems").value(tally.isProblem() ? 1 : 0);
    out.name("Bytes").value(tally.bytes());
  }
}
