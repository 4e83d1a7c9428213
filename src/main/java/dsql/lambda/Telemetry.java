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
final class Telemetry implements PoolListener {

  private static final byte[] MILLISECONDS = JsonWriter.encodedName("milliseconds");
  private static final byte[] REASON = JsonWriter.encodedName("reason");
  private static final byte[] AGE_SECONDS = JsonWriter.encodedName("ageSeconds");
  private static final byte[] CAUSE = JsonWriter.encodedName("cause");
  private static final byte[] REQUEST_ID = JsonWriter.encodedName("requestId");
  private static final byte[] DOOR = JsonWriter.encodedName("door");
  private static final byte[] COLD = JsonWriter.encodedName("cold");
  private static final byte[] DECODE = JsonWriter.encodedName("decode");
  private static final byte[] BORROW = JsonWriter.encodedName("borrow");
  private static final byte[] DATABASE = JsonWriter.encodedName("database");
  private static final byte[] WAITED = JsonWriter.encodedName("waited");
  private static final byte[] ENCODE = JsonWriter.encodedName("encode");
  private static final byte[] TOTAL = JsonWriter.encodedName("total");
  private static final byte[] OUTCOME = JsonWriter.encodedName("outcome");
  private static final byte[] CODE = JsonWriter.encodedName("code");
  private static final byte[] REPLAYED = JsonWriter.encodedName("replayed");
  private static final byte[] ROWS = JsonWriter.encodedName("rows");
  private static final byte[] BYTES = JsonWriter.encodedName("bytes");
  private static final byte[] ATTEMPTS = JsonWriter.encodedName("attempts");
  private static final byte[] RETRIES = JsonWriter.encodedName("retries");
  private static final byte[] CONFLICTS = JsonWriter.encodedName("conflicts");
  private static final byte[] CONNECTIONS_OPENED = JsonWriter.encodedName("connectionsOpened");
  private static final byte[] CONNECTION_AGE_SECONDS =
      JsonWriter.encodedName("connectionAgeSeconds");
  private static final byte[] TIMESTAMP = JsonWriter.encodedName("timestamp");
  private static final byte[] LEVEL = JsonWriter.encodedName("level");
  private static final byte[] EVENT = JsonWriter.encodedName("event");
  private static final byte[] TRACE = JsonWriter.encodedName("trace");
  private static final byte[] CALLER_TRACE = JsonWriter.encodedName("callerTrace");
  private static final byte[] TRACEPARENT = JsonWriter.encodedName("traceparent");
  private static final byte[] ACTION = JsonWriter.encodedName("action");
  private static final byte[] TABLE = JsonWriter.encodedName("table");
  private static final byte[] SQLSTATE = JsonWriter.encodedName("sqlstate");

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
      JsonWriter line = begin(LogLevel.INFO, "connection_opened");
      write(line.name(MILLISECONDS).thousandths(micros(took)).endObject().endLine());
    }
  }

  @Override
  public void closed(CloseReason reason, Duration age, @Nullable Throwable cause) {
    if (!writes(LogLevel.INFO)) {
      return;
    }
    JsonWriter line = begin(LogLevel.INFO, "connection_closed");
    line.name(REASON).value(Words.of(reason)).name(AGE_SECONDS).value(age.toSeconds());
    if (cause != null) {
      // Its class alone: a message may hold values.
      line.name(CAUSE).value(cause.getClass().getName());
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
    long end = tally.now();
    Duration took = tally.total(end);
    Instant moment = clock.instant();
    LogLevel level = tally.level();
    Work work = tally.work();
    JsonWriter lines = new JsonWriter(CAPACITY);
    byte[] now = timestamp(moment);
    if (writes(level)) {
      begin(lines, level, "invocation", now).name(REQUEST_ID).value(requestId);
      lines.name(DOOR).value(Words.of(door));
      outcome(lines, tally);
      work(lines, work);
      lines.name(COLD).value(cold).name(MILLISECONDS).beginObject();
      lines.name(DECODE).thousandths(micros(tally.decoding()));
      lines.name(BORROW).thousandths(micros(work.borrowing()));
      lines.name(DATABASE).thousandths(micros(work.working()));
      lines.name(WAITED).thousandths(micros(work.waited()));
      lines.name(ENCODE).thousandths(micros(tally.encoding(end)));
      lines.name(TOTAL).thousandths(micros(took)).endObject();
      text(lines, TRACE, Trace.xrayFields(runtimeTrace));
      text(lines, CALLER_TRACE, caller.xray());
      text(lines, TRACEPARENT, caller.traceparent());
      lines.endObject().endLine();
    }
    begin(lines, metricsLevel, "metrics", now).name(REQUEST_ID).value(requestId);
    metrics.write(lines, tally, work, cold, moment, took);
    write(lines.endObject().endLine());
  }

  private static void outcome(JsonWriter line, Tally tally) {
    Identifier table = tally.table();
    Problem problem = tally.problem();
    text(line, ACTION, tally.action());
    text(line, TABLE, table == null ? null : table.name());
    line.name(OUTCOME).value(tally.outcome());
    if (problem != null) {
      line.name(CODE).value(Words.of(problem.code()));
      text(line, SQLSTATE, problem.sqlState().orElse(null));
    }
    line.name(REPLAYED).value(tally.replayed()).name(ROWS).value(tally.rows());
    line.name(BYTES).value(tally.bytes());
  }

  private static void work(JsonWriter line, Work work) {
    line.name(ATTEMPTS).value(work.attempts()).name(RETRIES).value(work.retries());
    line.name(CONFLICTS).value(work.conflicts());
    line.name(CONNECTIONS_OPENED).value(work.opened());
    Duration age = work.connectionAge();
    if (age != null) {
      line.name(CONNECTION_AGE_SECONDS).value(age.toSeconds());
    }
  }

  private static void text(JsonWriter line, byte[] name, @Nullable String value) {
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
    out.beginObject().name(TIMESTAMP).json(now);
    return out.name(LEVEL).value(level.name()).name(EVENT).value(event);
  }

  /// In one call, so that lines of parallel invocations do not mix.
  private void write(JsonWriter lines) {
    byte[] bytes = lines.toByteArray();
    out.write(bytes, 0, bytes.length);
    out.flush();
  }

  /// Whole microseconds. A clock that was set back makes none negative.
  static long micros(Duration time) {
    return Math.max(0, time.toNanos() / 1000);
  }

  /// RFC 3339 in UTC, to the millisecond, in quotes; by hand, for a formatter's classes cost a cold
  /// start.
  static byte[] timestamp(Instant instant) {
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
