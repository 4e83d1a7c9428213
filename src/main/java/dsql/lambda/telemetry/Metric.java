package dsql.lambda.telemetry;

/// The metrics that each invocation adds to, in the order of its line. The checks of the template
/// and of the documents read this list.
public enum Metric {
  INVOCATIONS("Invocations", "Count"),
  LATENCY("Latency", "Milliseconds"),
  ATTEMPTS("Attempts", "Count"),
  RETRIES("Retries", "Count"),
  CONFLICTS("Conflicts", "Count"),
  CONNECTIONS_OPENED("ConnectionsOpened", "Count"),
  REPLAYS("Replays", "Count"),
  OUTCOME_UNKNOWN("OutcomeUnknown", "Count"),
  ROWS("Rows", "Count"),
  COLD_START("ColdStart", "Count"),
  PROBLEMS("Problems", "Count"),
  BYTES("Bytes", "Bytes");

  private final String text;
  private final String unit;

  Metric(String text, String unit) {
    this.text = text;
    this.unit = unit;
  }

  /// The name that CloudWatch knows it by.
  public String text() {
    return text;
  }

  /// One of CloudWatch's units.
  public String unit() {
    return unit;
  }
}
