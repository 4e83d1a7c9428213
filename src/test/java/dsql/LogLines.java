package dsql;

import com.google.gson.JsonObject;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// The function's standard output, line by line. Safe for concurrent use.
public final class LogLines extends ByteArrayOutputStream {

  public String text() {
    return toString(StandardCharsets.UTF_8);
  }

  /// Every line of that event, in order; a line that is no JSON object fails.
  public List<JsonObject> of(String event) {
    return text()
        .lines()
        .map(JsonAssert::object)
        .filter(line -> line.get("event").getAsString().equals(event))
        .toList();
  }

  /// The last invocation's own line.
  public JsonObject invocation() {
    return of("invocation").getLast();
  }

  /// The last invocation's metrics.
  public JsonObject metrics() {
    JsonObject metrics = of("metrics").getLast();
    EmbeddedMetrics.check(metrics);
    return metrics;
  }
}
