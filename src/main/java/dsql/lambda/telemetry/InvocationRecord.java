package dsql.lambda.telemetry;

import com.amazonaws.services.lambda.runtime.logging.LogLevel;
import dsql.action.ActionName;
import dsql.action.Identifier;
import dsql.action.Problem;
import dsql.action.Result;
import dsql.action.Result.Created;
import dsql.action.Result.Inserted;
import dsql.action.Result.Queried;
import dsql.action.Result.Ticked;
import dsql.db.pool.Ticker;
import dsql.db.retry.Retry;
import dsql.db.retry.Work;
import dsql.json.LowerCase;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What the log and the metrics say of one invocation. Confined to it.
public final class InvocationRecord {

  private final Ticker ticker;
  private final long begun;
  private final Duration reading;
  private @Nullable Long decoded;
  private @Nullable Long worked;

  private @Nullable String action;
  private @Nullable Identifier table;
  private Retry.@Nullable Session session;
  private @Nullable Problem problem;
  private String outcome = "failed";
  private boolean failed = true;
  private int rows;
  private boolean replayed;
  private int bytes;

  /// @param reading how long it took to read the event before the handler was called
  public InvocationRecord(Ticker ticker, Duration reading) {
    this.ticker = ticker;
    this.begun = ticker.nanos();
    this.reading = reading;
  }

  /// The time at which the handler was called, by the ticker.
  public long begun() {
    return begun;
  }

  public void action(ActionName name) {
    action = name.text();
  }

  /// Records the decoded request.
  public void requestDecoded(Identifier table) {
    this.table = table;
    decoded = ticker.nanos();
  }

  /// Records that the invocation is a tick.
  public void tickStarted() {
    action = "tick";
    decoded = ticker.nanos();
  }

  /// Records what the invocation runs in.
  public void sessionStarted(Retry.Session session) {
    this.session = session;
  }

  /// Records a success; encoding the reply follows.
  public void succeeded(Result result) {
    worked = ticker.nanos();
    failed = false;
    outcome = result.outcome();
    switch (result) {
      case Inserted inserted -> {
        replayed = inserted.replayed();
        rows = replayed ? 0 : inserted.written();
        problem =
            inserted.chunks().isEmpty() ? null : inserted.chunks().getLast().problem().orElse(null);
      }
      case Queried queried -> rows = queried.rows().count();
      case Created _, Ticked _ -> {}
    }
  }

  /// Records a failure; encoding the problem follows.
  public void failed(Problem problem) {
    worked = ticker.nanos();
    failed = true;
    this.problem = problem;
    outcome = LowerCase.of(problem.outcome());
    rows = 0;
    replayed = false;
  }

  /// Records the encoded reply.
  ///
  /// @param bytes of its result or problem object
  public void encoded(int bytes) {
    this.bytes = bytes;
  }

  /// The action or `tick`; null where it was not known.
  @Nullable String action() {
    return action;
  }

  /// The table; null where it was not known.
  @Nullable Identifier table() {
    return table;
  }

  /// What the invocation did in the database.
  public Work work() {
    return session == null ? Work.NONE : session.work();
  }

  /// The problem that the caller was told, or what stopped a partial insert; null without one.
  @Nullable Problem problem() {
    return problem;
  }

  /// The outcome of the result or the problem; `failed` where the caller was told neither.
  String outcome() {
    return outcome;
  }

  /// Whether the caller was told a problem, or nothing at all.
  boolean isProblem() {
    return failed || problem != null;
  }

  boolean isOutcomeUnknown() {
    return problem != null && problem.code() == Problem.Code.OUTCOME_UNKNOWN;
  }

  /// The level of the line: WARN where the caller can correct or repeat the request, ERROR for any
  /// other failure.
  LogLevel level() {
    if (problem == null) {
      return failed ? LogLevel.ERROR : LogLevel.INFO;
    }
    return failed && problem.code().status() >= 500 ? LogLevel.ERROR : LogLevel.WARN;
  }

  /// The rows that this request wrote or read; zero for a replay.
  int rows() {
    return rows;
  }

  boolean replayed() {
    return replayed;
  }

  int bytes() {
    return bytes;
  }

  /// The time now, by the ticker.
  long now() {
    return ticker.nanos();
  }

  /// The time from the event's first byte to the request, or to the problem where it had none.
  Duration decoding() {
    return reading.plus(between(begun, decoded != null ? decoded : working()));
  }

  /// The time from the result or problem to the reply.
  Duration encoding(long end) {
    return between(worked != null ? worked : end, end);
  }

  private long working() {
    return worked != null ? worked : begun;
  }

  /// The time from the event's first byte to the reply.
  Duration total(long end) {
    return reading.plus(between(begun, end));
  }

  private static Duration between(long from, long to) {
    return Duration.ofNanos(to - from);
  }
}
