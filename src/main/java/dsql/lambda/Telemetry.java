package dsql.lambda;

import dsql.action.ActionName;
import dsql.action.Problem;
import dsql.db.pool.CloseReason;
import dsql.db.pool.PoolListener;
import dsql.db.retry.Retry;
import dsql.json.JsonWriter;
import dsql.json.Words;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Writes a line of JSON for each invocation and for each connection opened or closed: never
/// values, tokens or SQL. Safe for concurrent use.
final class Telemetry implements PoolListener {

  private final PrintStream out;

  Telemetry(PrintStream out) {
    this.out = out;
  }

  @Override
  public void opened(Duration took) {
    write(line("connection_opened").name("milliseconds").value(took.toMillis()));
  }

  @Override
  public void closed(CloseReason reason, Duration age, @Nullable Throwable cause) {
    JsonWriter line = line("connection_closed").name("reason").value(Words.of(reason));
    line.name("ageSeconds").value(age.toSeconds());
    if (cause != null) {
      // Its class alone: a message may hold values.
      line.name("cause").value(cause.getClass().getName());
    }
    write(line);
  }

  /// An invocation ended.
  ///
  /// @param action empty where it is not known
  /// @param problem what the caller was told; empty for a success
  /// @param session what ran in the database; empty when nothing did
  void ended(
      String requestId,
      Door door,
      Optional<ActionName> action,
      Optional<Problem> problem,
      Optional<Retry.Session> session,
      Duration took) {
    JsonWriter line = line("invocation").name("requestId").value(requestId);
    line.name("door").value(Words.of(door));
    action.ifPresent(known -> line.name("action").value(known.text()));
    line.name("outcome").value(problem.map(p -> Words.of(p.outcome())).orElse("ok"));
    problem.ifPresent(p -> line.name("code").value(Words.of(p.code())));
    line.name("attempts").value(session.map(Retry.Session::attempts).orElse(0));
    line.name("waitedMilliseconds")
        .value(session.map(Retry.Session::waited).orElse(Duration.ZERO).toMillis());
    write(line.name("milliseconds").value(took.toMillis()));
  }

  private static JsonWriter line(String event) {
    return new JsonWriter().beginObject().name("level").value("INFO").name("event").value(event);
  }

  private void write(JsonWriter line) {
    out.println(line.endObject());
  }
}
