package dsql.lambda;

import com.amazonaws.services.lambda.runtime.logging.LogLevel;
import dsql.action.ActionName;
import dsql.action.Identifier;
import dsql.action.Problem;
import dsql.action.Result;
import dsql.action.Result.Chunk;
import dsql.action.Result.Created;
import dsql.action.Result.Inserted;
import dsql.action.Result.Queried;
import dsql.db.pool.Ticker;
import dsql.db.retry.Retry;
import dsql.db.retry.Work;
import dsql.json.Words;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What there is to tell of one invocation. Confined to it.
final class Tally {

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

  /// @param reading how long it took to read the event, before
  Tally(Ticker ticker, Duration reading) {
    this.ticker = ticker;
    this.begun = ticker.nanos();
    this.reading = reading;
  }

  /// When the handler was called, by the ticker.
  long begun() {
    return begun;
  }

  void action(ActionName name) {
    action = name.text();
  }

  /// It is known what to do.
  void decoded(Identifier table) {
    this.table = table;
    decoded = ticker.nanos();
  }

  /// It is a tick.
  void ticks() {
    action = "tick";
    decoded = ticker.nanos();
  }

  void runs(Retry.Session session) {
    this.session = session;
  }

  /// It did what it should; the reply is to be encoded.
  void done(Result result) {
    worked = ticker.nanos();
    failed = false;
    if (result instanceof Inserted inserted) {
      outcome = inserted.partial() ? "partial" : "committed";
      replayed = inserted.replayed();
      rows = replayed ? 0 : inserted.written();
      problem = inserted.chunks().isEmpty() ? null : problem(inserted.chunks().getLast());
    } else if (result instanceof Queried queried) {
      outcome = "ok";
      rows = queried.rows().count();
    } else if (result instanceof Created created) {
      outcome = created.created() ? "created" : "unchanged";
    } else {
      outcome = "alive";
    }
  }

  private static @Nullable Problem problem(Chunk chunk) {
    return chunk.problem().orElse(null);
  }

  /// It failed; the problem is to be encoded.
  void failed(Problem problem) {
    worked = ticker.nanos();
    failed = true;
    this.problem = problem;
    outcome = Words.of(problem.outcome());
    rows = 0;
    replayed = false;
  }

  /// The reply is encoded.
  ///
  /// @param bytes of its result or problem object
  void encoded(int bytes) {
    this.bytes = bytes;
  }

  /// Null where it was not known; `tick` is one.
  @Nullable String action() {
    return action;
  }

  /// Null where none was known to be meant.
  @Nullable Identifier table() {
    return table;
  }

  /// What ran in the database.
  Work work() {
    return session == null ? Work.NONE : session.work();
  }

  /// What the caller was told to be wrong; of a partial insert, what stopped it. Null when nothing
  /// was.
  @Nullable Problem problem() {
    return problem;
  }

  /// The result's or the problem's; `failed` where not even a problem could be told.
  String outcome() {
    return outcome;
  }

  /// Whether the caller was told of a problem, or of nothing at all.
  boolean isProblem() {
    return failed || problem != null;
  }

  /// How loud the line is: WARN for what the caller may mend or send again, ERROR for what else
  /// failed.
  LogLevel level() {
    if (problem == null) {
      return failed ? LogLevel.ERROR : LogLevel.INFO;
    }
    return failed && problem.code().status() >= 500 ? LogLevel.ERROR : LogLevel.WARN;
  }

  /// Rows written by this request's key or this request, or read; of a replay none.
  int rows() {
    return rows;
  }

  boolean replayed() {
    return replayed;
  }

  int bytes() {
    return bytes;
  }

  /// The present, by the ticker.
  long now() {
    return ticker.nanos();
  }

  /// From the event's first byte to the request; to the problem where none came of it.
  Duration decoding() {
    return reading.plus(between(begun, decoded != null ? decoded : working()));
  }

  /// From the result or problem to the reply.
  Duration encoding(long end) {
    return between(worked != null ? worked : end, end);
  }

  private long working() {
    return worked != null ? worked : begun;
  }

  /// From the event's first byte to the reply.
  Duration total(long end) {
    return reading.plus(between(begun, end));
  }

  private static Duration between(long from, long to) {
    return Duration.ofNanos(to - from);
  }
}
