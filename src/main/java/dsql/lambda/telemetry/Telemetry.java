package dsql.lambda.telemetry;

import com.amazonaws.services.lambda.runtime.logging.LogLevel;
import dsql.action.Identifier;
import dsql.action.Problem;
import dsql.db.pool.CloseReason;
import dsql.db.pool.PoolListener;
import dsql.db.retry.Work;
import dsql.json.JsonWriter;
import dsql.json.LowerCase;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
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
public final class Telemetry implements PoolListener {

  /// The project's version. A constant, since a file with it would be read at every cold start.
  static final String VERSION = "0.2.0";

  private static final byte[] MOMENT =
      "\"0000-00-00T00:00:00.000Z\"".getBytes(StandardCharsets.US_ASCII);

  /// An invocation's two lines are a little shorter.
  private static final int CAPACITY = 2048;

  private final PrintStream out;
  private final InstantSource clock;
  private final LogLevel least;
  private final LogLevel metricsLevel;
  private final Metrics metrics;
  private final AtomicBoolean warm = new AtomicBoolean();

  /// @param least the function's log level
  public Telemetry(PrintStream out, InstantSource clock, LogLevel least, String functionName) {
    this.out = out;
    this.clock = clock;
    this.least = least;
    this.metricsLevel = least.compareTo(LogLevel.INFO) > 0 ? least : LogLevel.INFO;
    this.metrics = new Metrics(functionName);
  }

  @Override
  public void opened(Duration took) {
    if (writes(LogLevel.INFO)) {
      JsonWriter line = begin(LogLevel.INFO, "connection_opened");
      write(line.name("milliseconds").thousandths(micros(took)).endObject().endLine());
    }
  }

  @Override
  public void closed(CloseReason reason, Duration age, @Nullable Throwable cause) {
    if (!writes(LogLevel.INFO)) {
      return;
    }
    JsonWriter line = begin(LogLevel.INFO, "connection_closed");
    line.name("reason").value(LowerCase.of(reason)).name("ageSeconds").value(age.toSeconds());
    if (cause != null) {
      // Its class alone: a message may hold values.
      line.name("cause").value(cause.getClass().getName());
    }
    write(line.endObject().endLine());
  }

  /// An invocation ended.
  ///
  /// @param door the word for the door that it came through
  /// @param runtimeTrace the trace header that the platform gave, if it did
  /// @param caller what the caller says of the trace
  public void ended(
      String requestId,
      String door,
      @Nullable String runtimeTrace,
      Trace caller,
      InvocationRecord record) {
    boolean cold = !warm.get() && warm.compareAndSet(false, true);
    long end = record.now();
    Duration took = record.total(end);
    Instant moment = clock.instant();
    LogLevel level = record.level();
    Work work = record.work();
    JsonWriter lines = new JsonWriter(CAPACITY);
    byte[] now = timestamp(moment);
    if (writes(level)) {
      begin(lines, level, "invocation", now).name("requestId").value(requestId);
      lines.name("door").value(door);
      outcome(lines, record);
      work(lines, work);
      lines.name("version").value(VERSION).name("cold").value(cold);
      lines.name("milliseconds").beginObject();
      lines.name("decode").thousandths(micros(record.decoding()));
      lines.name("borrow").thousandths(micros(work.borrowing()));
      lines.name("database").thousandths(micros(work.working()));
      lines.name("waited").thousandths(micros(work.waited()));
      lines.name("encode").thousandths(micros(record.encoding(end)));
      lines.name("total").thousandths(micros(took)).endObject();
      text(lines, "trace", Trace.xrayFields(runtimeTrace));
      text(lines, "callerTrace", caller.xray());
      text(lines, "traceparent", caller.traceparent());
      lines.endObject().endLine();
    }
    begin(lines, metricsLevel, "metrics", now).name("requestId").value(requestId);
    metrics.write(lines, record, work, cold, moment, took);
    write(lines.endObject().endLine());
  }

  private static void outcome(JsonWriter line, InvocationRecord record) {
    Identifier table = record.table();
    Problem problem = record.problem();
    text(line, "action", record.action());
    text(line, "table", table == null ? null : table.name());
    line.name("outcome").value(record.outcome());
    if (problem != null) {
      line.name("code").value(LowerCase.of(problem.code()));
      text(line, "sqlstate", problem.sqlState().orElse(null));
    }
    line.name("replayed").value(record.replayed()).name("rows").value(record.rows());
    line.name("bytes").value(record.bytes());
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

  private JsonWriter begin(LogLevel level, String event) {
    return begin(new JsonWriter(), level, event, timestamp(clock.instant()));
  }

  /// @param now a timestamp
  private static JsonWriter begin(JsonWriter out, LogLevel level, String event, byte[] now) {
    out.beginObject().name("timestamp").json(now);
    return out.name("level").value(level.name()).name("event").value(event);
  }

  /// In one call, so that lines of parallel invocations do not mix.
  private void write(JsonWriter lines) {
    byte[] bytes = lines.toByteArray();
    out.write(bytes, 0, bytes.length);
    out.flush();
  }

  /// Whole microseconds. A clock that was set back makes none negative.
  public static long micros(Duration time) {
    return Math.max(0, time.toNanos() / 1000);
  }

  /// RFC 3339 in UTC, to the millisecond, in quotes; by hand, for a formatter's classes cost a cold
  /// start.
  public static byte[] timestamp(Instant instant) {
    LocalDateTime utc = LocalDateTime.ofEpochSecond(instant.getEpochSecond(), 0, ZoneOffset.UTC);
    byte[] text = MOMENT.clone();
    digits(text, 4, utc.getYear());
    digits(text, 7, utc.getMonthValue());
    digits(text, 10, utc.getDayOfMonth());
    digits(text, 13, utc.getHour());
    digits(text, 16, utc.getMinute());
    digits(text, 19, utc.getSecond());
    digits(text, 23, instant.getNano() / 1_000_000);
    return text;
  }

  /// Writes a number over zeros.
  ///
  /// @param last where its last digit belongs
  private static void digits(byte[] text, int last, int number) {
    int at = last;
    for (int rest = number; rest > 0; rest /= 10) {
      text[at--] = (byte) ('0' + rest % 10);
    }
  }
}
