package dsql.lambda;

import dsql.db.pool.CloseReason;
import dsql.db.pool.PoolListener;
import dsql.json.JsonWriter;
import dsql.json.Words;
import java.io.PrintStream;
import java.time.Duration;

/// Writes a line of JSON for each connection opened or closed. Safe for concurrent use.
final class ConnectionLog implements PoolListener {

  private final PrintStream out;

  ConnectionLog(PrintStream out) {
    this.out = out;
  }

  @Override
  public void opened(Duration took) {
    write(line("connection_opened").name("milliseconds").value(took.toMillis()));
  }

  @Override
  public void closed(CloseReason reason, Duration age) {
    write(
        line("connection_closed")
            .name("reason")
            .value(Words.of(reason))
            .name("ageSeconds")
            .value(age.toSeconds()));
  }

  private static JsonWriter line(String event) {
    return new JsonWriter().beginObject().name("level").value("INFO").name("event").value(event);
  }

  private void write(JsonWriter line) {
    out.println(line.endObject());
  }
}
