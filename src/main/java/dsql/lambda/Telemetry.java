package dsql.lambda;

import com.amazonaws.services.lambda.runtime.logging.LogLevel;
import dsql.action.Identifier;
import dsql.action.Problem;
import dsql.db.pool.CloseReason;
import dsql.db.pool.PoolListener;
import dsql.db.retry.Work;
import dsql.json.JsonWriter;
import dsql.json.Words;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
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
    Work work = tally.work();
    JsonWriter lines = new JsonWriter(CAPACITY);
    if (writes(level)) {
      begin(lines, level, "invocation", end).name("requestId").value(requestId);
      lines.name("door").value(Words.of(door));
      outcome(lines, tally);
      work(lines, work);
      lines.name("cold").value(cold).name("milliseconds").beginObject();
      lines.name("decode").literal(millis(tally.decoding()));
      lines.name("borrow").literal(millis(work.borrowing()));
      lines.name("database").literal(millis(work.working()));
      lines.name("waited").literal(millis(work.waited()));
      lines.name("encode").literal(millis(tally.encoding(end)));
      lines.name("total").literal(millis(took)).endObject();
      text(lines, "trace", Trace.xrayFields(runtimeTrace));
      text(lines, "callerTrace", caller.xray());
      text(lines, "traceparent", caller.traceparent());
      lines.endObject().endLine();
    }
    begin(lines, metricsLevel, "metrics", end).name("requestId").value(requestId);
    metrics.write(lines, tally, work, cold, end, took);
    write(lines.endObject().endLine());
  }

  private static void outcome(JsonWriter line, Tally tally) {
    Identifier table = tally.table();
    Problem problem = tally.problem();
    text(line, "action", tally.action());
    text(line, "table", table == null ? null : table.name());
    line.name("outcome").value(tally.outcome());
    if (problem != null) {
      line.name("code").value(Words.of(problem.code()));
      text(line, "sqlstate", problem.sqlState().orElse(null));
    }
    line.name("replayed").value(tally.replayed()).name("rows").value(tally.rows());
    line.name("bytes").value(tally.bytes());
  }

  private static void work(JsonWriter line, Work work) {
    line.name("attempts").value(work.attempts()).name("retries").value(work.retries());
    line.name("conflicts").value(work.conflicts());
    line.name("connectionsOpened").value(work.opened());
    Duration age = work.connectionAge();
    if (age != null) {
      line.name("connectionAgeSeconds").value(age.toSeconds());
    }
  }

  private static void text(JsonWriter line, String name, @Nullable String value) {
    if (value != null) {
      line.name(name).value(value);
    }
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
