package dsql.lambda;

import com.amazonaws.services.lambda.runtime.logging.LogLevel;
import dsql.action.Problem;
import dsql.db.pool.CloseReason;
import dsql.db.pool.PoolListener;
import dsql.db.retry.Retry;
import dsql.json.JsonWriter;
import dsql.json.Words;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// Writes a line of JSON and one of metrics for each invocation, and a line of JSON for each
/// connection opened or closed: never values, tokens, hosts, users or SQL. Safe for concurrent use.
///
/// Lambda drops what is below the function's log level, and takes a line for INFO that lacks a
/// level or a timestamp. So each line has both; those below the level are not even written; and the
/// line of metrics, which is worth nothing if it is dropped, has at least the function's own.
final class Telemetry implements PoolListener {

  /// An invocation's two lines are a little shorter.
  private static final int CAPACITY = 2048;

  private final PrintStream out;
  private final InstantSource clock;
  private final LogLevel least;
  private final LogLevel metricsLevel;
  private final Metrics metrics;
  private final AtomicBoolean warm = new AtomicBoolean();

  /// @param least the function's log level
  Telemetry(PrintStream out, InstantSource clock, LogLevel least, String functionName) {
    this.out = out;
    this.clock = clock;
    this.least = least;
    this.metricsLevel = least.compareTo(LogLevel.INFO) > 0 ? least : LogLevel.INFO;
    this.metrics = new Metrics(functionName);
  }

  @Override
  public void opened(Duration took) {
    if (writes(LogLevel.INFO)) {
      JsonWriter line =
          begin(new JsonWriter(), LogLevel.INFO, "connection_opened", clock.instant());
      write(line.name("milliseconds").literal(millis(took)).endObject().endLine());
    }
  }

  @Override
  public void closed(CloseReason reason, Duration age, @Nullable Throwable cause) {
    if (!writes(LogLevel.INFO)) {
      return;
    }
    JsonWriter line = begin(new JsonWriter(), LogLevel.INFO, "connection_closed", clock.instant());
    line.name("reason").value(Words.of(reason)).name("ageSeconds").value(age.toSeconds());
    if (cause != null) {
      // Its class alone: a message may hold values.
      line.name("cause").value(cause.getClass().getName());
    }
    write(line.endObject().endLine());
  }

  /// An invocation ended.
  ///
  /// @param runtimeTrace the trace header that the platform gave, if it did
  /// @param caller what the caller says of the trace
  void ended(
      String requestId, Door door, @Nullable String runtimeTrace, Trace caller, Tally tally) {
    boolean cold = !warm.get() && warm.compareAndSet(false, true);
    Instant end = clock.instant();
    Duration took = tally.total(end);
    LogLevel level = tally.level();
    JsonWriter lines = new JsonWriter(CAPACITY);
    if (writes(level)) {
      begin(lines, level, "invocation", end).name("requestId").value(requestId);
      lines.name("door").value(Words.of(door));
      outcome(lines, tally);
      lines.name("bytes").value(tally.bytes()).name("cold").value(cold);
      times(lines, tally, end, took);
      Trace.xrayFields(runtimeTrace).ifPresent(trace -> lines.name("trace").value(trace));
      caller.xray().ifPresent(trace -> lines.name("callerTrace").value(trace));
      caller.traceparent().ifPresent(trace -> lines.name("traceparent").value(trace));
      lines.endObject().endLine();
    }
    begin(lines, metricsLevel, "metrics", end).name("requestId").value(requestId);
    metrics.write(lines, tally, cold, end, took);
    write(lines.endObject().endLine());
  }

  private static void outcome(JsonWriter line, Tally tally) {
    tally.action().ifPresent(action -> line.name("action").value(action));
    tally.table().ifPresent(table -> line.name("table").value(table.name()));
    line.name("outcome").value(tally.outcome());
    Optional<Problem> problem = tally.problem();
    problem.ifPresent(told -> line.name("code").value(Words.of(told.code())));
    problem.flatMap(Problem::sqlState).ifPresent(state -> line.name("sqlstate").value(state));
    Optional<Retry.Session> session = tally.session();
    line.name("attempts").value(session.map(Retry.Session::attempts).orElse(0));
    line.name("retries").value(session.map(Retry.Session::retries).orElse(0));
    line.name("conflicts").value(session.map(Retry.Session::conflicts).orElse(0));
    line.name("replayed").value(tally.replayed());
    line.name("rows").value(tally.rows());
    line.name("connectionsOpened").value(session.map(Retry.Session::opened).orElse(0));
    session
        .flatMap(Retry.Session::connectionAge)
        .ifPresent(age -> line.name("connectionAgeSeconds").value(age.toSeconds()));
  }

  private static void times(JsonWriter line, Tally tally, Instant end, Duration took) {
    Optional<Retry.Session> session = tally.session();
    line.name("milliseconds").beginObject();
    line.name("decode").literal(millis(tally.decoding()));
    line.name("borrow").literal(millis(session.map(Retry.Session::borrowing)));
    line.name("database").literal(millis(session.map(Retry.Session::working)));
    line.name("waited").literal(millis(session.map(Retry.Session::waited)));
    line.name("encode").literal(millis(tally.encoding(end)));
    line.name("total").literal(millis(took)).endObject();
  }

  private boolean writes(LogLevel level) {
    return level.compareTo(least) >= 0;
  }

  private static JsonWriter begin(JsonWriter out, LogLevel level, String event, Instant now) {
    out.beginObject().name("timestamp").value(timestamp(now));
    return out.name("level").value(level.name()).name("event").value(event);
  }

  /// In one call, so that lines of parallel invocations do not mix.
  private void write(JsonWriter lines) {
    byte[] bytes = lines.toByteArray();
    out.write(bytes, 0, bytes.length);
    out.flush();
  }

  private static String millis(Optional<Duration> time) {
    return millis(time.orElse(Duration.ZERO));
  }

  /// Milliseconds to three decimals. A clock that was set back makes none negative.
  static String millis(Duration time) {
    long micros = Math.max(0, time.toNanos() / 1000);
    StringBuilder text = new StringBuilder(12).append(micros / 1000).append('.');
    return padded(text, micros % 1000, 100).toString();
  }

  /// RFC 3339 in UTC, to the millisecond; by hand, for a formatter's classes cost a cold start.
  static String timestamp(Instant instant) {
    LocalDateTime utc = LocalDateTime.ofEpochSecond(instant.getEpochSecond(), 0, ZoneOffset.UTC);
    StringBuilder text = new StringBuilder(24);
    padded(text, utc.getYear(), 1000).append('-');
    padded(text, utc.getMonthValue(), 10).append('-');
    padded(text, utc.getDayOfMonth(), 10).append('T');
    padded(text, utc.getHour(), 10).append(':');
    padded(text, utc.getMinute(), 10).append(':');
    padded(text, utc.getSecond(), 10).append('.');
    return padded(text, instant.getNano() / 1_000_000, 100).append('Z').toString();
  }

  private static StringBuilder padded(StringBuilder text, long number, int unit) {
    for (int place = unit; place > 1 && number < place; place /= 10) {
      text.append('0');
    }
    return text.append(number);
  }
}
