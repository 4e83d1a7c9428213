package dsql.lambda.telemetry;

import dsql.db.retry.Work;
import dsql.json.JsonWriter;
import java.time.Duration;
import java.time.Instant;

/// Writes the members of a metrics line in CloudWatch's [embedded metric
/// format](https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).
/// Safe for concurrent use.
final class Metrics {

  private static final String NAMESPACE = "DsqlFunction";

  private static final Metric[] ALL = Metric.values();

  private final String functionName;

  /// The directives for an invocation whose action is known, and for any other.
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
    for (Metric metric : ALL) {
      out.beginObject().name("Name").value(metric.text());
      out.name("Unit").value(metric.unit()).endObject();
    }
    return out.endArray().endObject().endArray().toByteArray();
  }

  /// Writes what an invocation adds to the metrics when it has ended.
  void write(
      JsonWriter out,
      InvocationRecord record,
      Work work,
      boolean cold,
      Instant end,
      Duration took) {
    String action = record.action();
    out.name("_aws").beginObject().name("Timestamp").value(end.toEpochMilli());
    out.name("CloudWatchMetrics").json(action != null ? byAction : byFunction);
    out.endObject().name("FunctionName").value(functionName);
    if (action != null) {
      out.name("Action").value(action);
    }
    for (Metric metric : ALL) {
      out.name(metric.text());
      switch (metric) {
        case INVOCATIONS -> out.value(1);
        case LATENCY -> out.thousandths(Telemetry.micros(took));
        case ATTEMPTS -> out.value(work.attempts());
        case RETRIES -> out.value(work.retries());
        case CONFLICTS -> out.value(work.conflicts());
        case CONNECTIONS_OPENED -> out.value(work.opened());
        case REPLAYS -> out.value(record.replayed() ? 1 : 0);
        case OUTCOME_UNKNOWN -> out.value(record.isOutcomeUnknown() ? 1 : 0);
        case ROWS -> out.value(record.rows());
        case COLD_START -> out.value(cold ? 1 : 0);
        case PROBLEMS -> out.value(record.isProblem() ? 1 : 0);
        case BYTES -> out.value(record.bytes());
      }
    }
  }
}
