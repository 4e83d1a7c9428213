package dsql.lambda.telemetry;

import static dsql.JsonAssert.at;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.amazonaws.services.lambda.runtime.logging.LogLevel;
import com.google.gson.JsonObject;
import dsql.LogLines;
import dsql.action.ActionName;
import dsql.action.Identifier;
import dsql.action.Problem;
import dsql.action.Result;
import dsql.action.Result.Chunk;
import dsql.action.Result.ChunkOutcome;
import dsql.db.pool.CloseReason;
import dsql.docs.MarkdownPage;
import dsql.json.JsonWriter;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The lines themselves.
@Tag("unit")
class TelemetryTest {

  private static final String ROOT = "Root=1-5759e988-bd862e3fe1be46a994272793";
  private static final Identifier TABLE = new Identifier("owner");

  private final LogLines log = new LogLines();
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-23T07:05:09.012345Z"));
  private final InstantSource clock = now::get;

  private Telemetry telemetry(LogLevel least) {
    PrintStream out = new PrintStream(log, false, StandardCharsets.UTF_8);
    return new Telemetry(out, clock, least, "writer");
  }

  private long nanos() {
    return Duration.between(Instant.EPOCH, now.get()).toNanos();
  }

  private void pass(Duration time) {
    now.updateAndGet(before -> before.plus(time));
  }

  private static Result.Inserted inserted(boolean replayed, int handled, List<Chunk> chunks) {
    return new Result.Inserted(TABLE, replayed, 1, 0, 3, handled, 2, Optional.empty(), chunks);
  }

  @Test
  void anInvocationWritesItsLineAndItsMetrics() {
    InvocationRecord record = new InvocationRecord(this::nanos, Duration.ofNanos(1_500_000));
    record.action(ActionName.INSERT);
    pass(Duration.ofNanos(250_000));
    record.requestDecoded(TABLE);
    pass(Duration.ofMillis(12));
    record.succeeded(inserted(false, 3, List.of()));
    pass(Duration.ofNanos(40_900));
    record.encoded(117);
    telemetry(LogLevel.INFO)
        .ended(
            "r-1",
            "http",
            ROOT,
            new Trace(
                "Self=1-67891233-abcdef012345678912345678",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
            record);
    assertEquals(
        """
        {"timestamp":"2026-11-23T07:05:09.024Z","level":"INFO","event":"invocation",\
        "requestId":"r-1","door":"http","action":"insert","table":"owner","outcome":"committed",\
        "replayed":false,"rows":2,"bytes":117,"attempts":0,"retries":0,"conflicts":0,\
        "connectionsOpened":0,"version":"0.2.0","cold":true,\
        "milliseconds":{"decode":1.750,"borrow":0.000,"database":0.000,"waited":0.000,\
        "encode":0.040,"total":13.790},\
        "trace":"Root=1-5759e988-bd862e3fe1be46a994272793",\
        "callerTrace":"Self=1-67891233-abcdef012345678912345678",\
        "traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}
        {"timestamp":"2026-11-23T07:05:09.024Z","level":"INFO","event":"metrics","requestId":"r-1",\
        "_aws":{"Timestamp":1795417509024,"CloudWatchMetrics":[{"Namespace":"DsqlFunction",\
        "Dimensions":[["FunctionName"],["FunctionName","Action"]],"Metrics":[\
        {"Name":"Invocations","Unit":"Count"},{"Name":"Latency","Unit":"Milliseconds"},\
        {"Name":"Attempts","Unit":"Count"},{"Name":"Retries","Unit":"Count"},\
        {"Name":"Conflicts","Unit":"Count"},{"Name":"ConnectionsOpened","Unit":"Count"},\
        {"Name":"Replays","Unit":"Count"},{"Name":"OutcomeUnknown","Unit":"Count"},\
        {"Name":"Rows","Unit":"Count"},{"Name":"ColdStart","Unit":"Count"},\
        {"Name":"Problems","Unit":"Count"},{"Name":"Bytes","Unit":"Bytes"}]}]},\
        "FunctionName":"writer","Action":"insert","Invocations":1,"Latency":13.790,"Attempts":0,\
        "Retries":0,"Conflicts":0,"ConnectionsOpened":0,"Replays":0,"OutcomeUnknown":0,"Rows":2,\
        "ColdStart":1,"Problems":0,"Bytes":117}
        """,
        log.text());
    log.metrics();
  }

  /// An invocation with all that may be known of it, on a connection of some age.
  @Test
  void thePageDefinesEveryField() throws IOException {
    InvocationRecord record = new InvocationRecord(this::nanos, Duration.ZERO);
    record.action(ActionName.INSERT);
    record.requestDecoded(TABLE);
    record.failed(Problem.of(Problem.Code.UNIQUE_VIOLATION, "").withSqlState(Optional.of("23505")));
    Trace trace = new Trace(ROOT, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    telemetry(LogLevel.INFO).ended("r", "http", ROOT, trace, record);
    JsonObject line = log.invocation();
    MarkdownPage page = MarkdownPage.read("docs/reference/telemetry.md");
    Set<String> fields = new TreeSet<>(line.keySet());
    // Of a borrowed connection alone; TelemetryEndToEndTest has one.
    fields.add("connectionAgeSeconds");
    assertEquals(fields, page.table("The line of an invocation", 0).keySet());
    assertEquals(
        line.getAsJsonObject("milliseconds").keySet(), page.table("Milliseconds", 0).keySet());
  }

  @Test
  void anInvocationOfNoKnownActionHasNoDimensionOfIt() {
    InvocationRecord record = new InvocationRecord(this::nanos, Duration.ZERO);
    record.failed(Problem.of(Problem.Code.UNKNOWN_EVENT, ""));
    telemetry(LogLevel.INFO).ended("r", "direct", null, Trace.NONE, record);
    JsonObject metrics = log.metrics();
    assertEquals("[[\"FunctionName\"]]", at(metrics, "_aws/CloudWatchMetrics/0/Dimensions"));
    assertEquals(false, metrics.has("Action"));
    assertEquals(
        List.of(false, false, false),
        List.of(
            log.invocation().has("action"),
            log.invocation().has("table"),
            log.invocation().has("trace")));
  }

  @Test
  void theFirstInvocationAloneIsCold() {
    Telemetry telemetry = telemetry(LogLevel.ERROR);
    for (String cold : List.of("1", "0", "0")) {
      telemetry.ended(
          "r", "direct", null, Trace.NONE, new InvocationRecord(this::nanos, Duration.ZERO));
      assertEquals(cold, at(log.metrics(), "ColdStart"));
    }
  }

  @Test
  void whatEndsWithoutResultOrProblemFailed() {
    telemetry(LogLevel.INFO)
        .ended("r", "direct", null, Trace.NONE, new InvocationRecord(this::nanos, Duration.ZERO));
    assertEquals(
        "ERROR failed", at(log.invocation(), "level") + " " + at(log.invocation(), "outcome"));
    assertEquals("1", at(log.metrics(), "Problems"));
  }

  @ParameterizedTest
  @EnumSource(Problem.Code.class)
  void aProblemIsLoudEnough(Problem.Code code) {
    InvocationRecord record = new InvocationRecord(this::nanos, Duration.ZERO);
    record.failed(Problem.of(code, "a value").withSqlState(Optional.of("40001")));
    telemetry(LogLevel.WARN).ended("r", "direct", null, Trace.NONE, record);
    JsonObject line = log.invocation();
    assertEquals(code.status() < 500 ? "WARN" : "ERROR", at(line, "level"));
    assertEquals(code.name().toLowerCase(java.util.Locale.ROOT), at(line, "code"));
    assertEquals("40001", at(line, "sqlstate"));
    assertEquals(false, log.text().contains("a value"));
    assertEquals("1", at(log.metrics(), "Problems"));
    assertEquals(
        code == Problem.Code.OUTCOME_UNKNOWN ? "1" : "0", at(log.metrics(), "OutcomeUnknown"));
  }

  @Test
  void aPartialInsertWarnsOfWhatStoppedIt() {
    InvocationRecord record = new InvocationRecord(this::nanos, Duration.ZERO);
    Problem lost = Problem.of(Problem.Code.OUTCOME_UNKNOWN, "");
    record.succeeded(
        inserted(
            false,
            2,
            List.of(
                new Chunk(0, 1, ChunkOutcome.COMMITTED, Optional.empty()),
                new Chunk(2, 2, ChunkOutcome.UNKNOWN, Optional.of(lost)))));
    telemetry(LogLevel.INFO).ended("r", "direct", null, Trace.NONE, record);
    JsonObject line = log.invocation();
    assertEquals(
        "WARN partial outcome_unknown",
        at(line, "level") + " " + at(line, "outcome") + " " + at(line, "code"));
    assertEquals("1", at(log.metrics(), "OutcomeUnknown"));
    assertEquals("1", at(log.metrics(), "Problems"));
  }

  @Test
  void aReplayWroteNothing() {
    InvocationRecord record = new InvocationRecord(this::nanos, Duration.ZERO);
    record.succeeded(inserted(true, 3, List.of()));
    telemetry(LogLevel.INFO).ended("r", "direct", null, Trace.NONE, record);
    assertEquals("true 0", at(log.invocation(), "replayed") + " " + at(log.invocation(), "rows"));
    assertEquals("1 0", at(log.metrics(), "Replays") + " " + at(log.metrics(), "Rows"));
  }

  /// Which of INFO, WARN and ERROR are written, and what the metrics' level is.
  @ParameterizedTest
  @CsvSource({
    "TRACE, INFO WARN ERROR, INFO",
    "DEBUG, INFO WARN ERROR, INFO",
    "INFO, INFO WARN ERROR, INFO",
    "WARN, WARN ERROR, WARN",
    "ERROR, ERROR, ERROR",
    "FATAL, '', FATAL"
  })
  void theLevelDecidesWhatIsWritten(LogLevel least, String written, String metrics) {
    Telemetry telemetry = telemetry(least);
    telemetry.opened(Duration.ofMillis(7));
    telemetry.closed(
        CloseReason.BROKEN, Duration.ofMinutes(1), new IllegalStateException("a value"));
    InvocationRecord fine = new InvocationRecord(this::nanos, Duration.ZERO);
    fine.succeeded(inserted(false, 3, List.of()));
    InvocationRecord rejected = new InvocationRecord(this::nanos, Duration.ZERO);
    rejected.failed(Problem.of(Problem.Code.INVALID_REQUEST, ""));
    InvocationRecord failed = new InvocationRecord(this::nanos, Duration.ZERO);
    failed.failed(Problem.of(Problem.Code.INTERNAL, ""));
    for (InvocationRecord record : List.of(fine, rejected, failed)) {
      telemetry.ended("r", "direct", null, Trace.NONE, record);
    }
    assertEquals(
        written,
        String.join(" ", log.of("invocation").stream().map(line -> at(line, "level")).toList()));
    int connections = written.startsWith("INFO") ? 1 : 0;
    assertEquals(connections, log.of("connection_opened").size());
    assertEquals(connections, log.of("connection_closed").size());
    assertEquals(false, log.text().contains("a value"));
    assertEquals(
        List.of(metrics, metrics, metrics),
        log.of("metrics").stream().map(line -> at(line, "level")).toList());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-11-23T00:00:00.000Z",
        "2028-02-29T23:59:59.999Z",
        "2027-01-01T10:20:30.040Z",
        "1999-12-31T01:02:03.004Z"
      })
  void aTimestampHasMillisecondsInUtc(String text) {
    assertEquals(
        '"' + text + '"',
        new String(Telemetry.timestamp(Instant.parse(text)), StandardCharsets.US_ASCII));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0.000",
    "999, 0.000",
    "1000, 0.001",
    "999999, 0.999",
    "60000050000, 60000.050",
    "-5, 0.000"
  })
  void aDurationIsWrittenInMillisecondsWithThreeDecimals(long nanos, String text) {
    long micros = Telemetry.micros(Duration.ofNanos(nanos));
    assertEquals(text, new JsonWriter().thousandths(micros).toString());
  }
}
