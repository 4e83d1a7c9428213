package dsql.lambda;

import com.amazonaws.services.lambda.runtime.logging.LogLevel;
import dsql.action.ActionName;
import dsql.action.Failure;
import dsql.action.Faults;
import dsql.action.IdempotencyKey;
import dsql.action.Problem;
import dsql.action.Request;
import dsql.action.Result;
import dsql.codec.RequestDecoder;
import dsql.codec.ResultEncoder;
import dsql.db.Database;
import dsql.db.connect.DsqlConnectionOpener;
import dsql.db.connect.IamTokenSource;
import dsql.db.fault.Distrust;
import dsql.db.jdbc.ReplyLimit;
import dsql.db.pool.ConnectionPool;
import dsql.db.pool.Deadline;
import dsql.db.pool.Ticker;
import dsql.db.retry.Pause;
import dsql.db.retry.Retry;
import dsql.db.retry.RetryPolicy;
import dsql.json.Json;
import dsql.json.LowerCase;
import dsql.lambda.Invocation.ActionText;
import dsql.lambda.telemetry.CauseText;
import dsql.lambda.telemetry.InvocationRecord;
import dsql.lambda.telemetry.Telemetry;
import dsql.lambda.telemetry.Trace;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The function without its entry point: it decodes an event, runs the request and encodes the
/// reply. Safe for concurrent use.
final class App {

  /// The part of an invocation's time that is kept for encoding and returning the reply.
  private static final Duration RESERVE = Duration.ofMillis(500);

  private static final ReplyLimit DIRECT_LIMIT =
      new ReplyLimit(ReplyLimit.LAMBDA_REPLY_BYTES, false);

  private final Config config;
  private final Database database;
  private final Ticker ticker;
  private final Telemetry telemetry;

  App(Config config, Database database, Ticker ticker, Telemetry telemetry) {
    this.config = config;
    this.database = database;
    this.ticker = ticker;
    this.telemetry = telemetry;
  }

  /// Puts the application together without connecting to anything.
  ///
  /// @param log gets a line of JSON for each invocation and each connection opened or closed
  /// @throws InvalidConfiguration with every fault
  static App start(Map<String, String> environment, PrintStream log) {
    return start(Config.from(environment), log, Clock.systemUTC(), Ticker.SYSTEM, Thread::sleep);
  }

  /// As above, with the given configuration, clocks and pause.
  ///
  /// @param clock measures a connection's age and gives the times in the log
  /// @param ticker measures time within an invocation
  static App start(
      Config config, PrintStream log, InstantSource clock, Ticker ticker, Pause pause) {
    return start(config, log, clock, ticker, pause, false);
  }

  /// An application that logs nothing and changes nothing in the database.
  static App rehearsal(Config config) {
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    return start(config, nowhere, Clock.systemUTC(), Ticker.SYSTEM, Thread::sleep, true);
  }

  private static App start(
      Config config,
      PrintStream log,
      InstantSource clock,
      Ticker ticker,
      Pause pause,
      boolean rehearsal) {
    Telemetry telemetry = new Telemetry(log, clock, config.logLevel(), config.functionName());
    // Faster ones would be seeded before a snapshot, alike for all environments restored from it.
    SecureRandom random = new SecureRandom();
    Config.Cluster cluster = config.cluster();
    IamTokenSource tokens = new IamTokenSource(cluster.host(), cluster.region(), cluster.isAdmin());
    DsqlConnectionOpener opener =
        new DsqlConnectionOpener(
            cluster.host(), cluster.port(), cluster.user(), config.connectTimeout(), tokens);
    ConnectionPool pool = new ConnectionPool(config.pool(), opener, clock, random, telemetry);
    Retry retry = new Retry(pool, RetryPolicy.of(config.retryMaxAttempts()), random, pause);
    Database database =
        rehearsal
            ? Database.rehearsal(pool, retry)
            : Database.of(pool, retry, cluster.schema(), config.ledgerTtl());
    return new App(config, database, ticker, telemetry);
  }

  /// Runs one event.
  ///
  /// @throws FunctionError when the direct or the schedule door fails
  Reply handle(Event event, InvocationContext context) {
    Call call = new Call(event, context);
    try {
      return call.reply(event.invocation());
    } finally {
      call.end();
    }
  }

  /// Reads the shapes of the schema's tables for this application, on a connection of another one.
  void readShapes(App other, Duration limit) {
    database.readShapes(other.database.begin(Deadline.in(limit, ticker)));
  }

  /// Closes the connections.
  void close() {
    database.close();
  }

  /// The run of one invocation. Confined to it.
  private final class Call {
    private final InvocationContext context;
    private final InvocationRecord record;
    private final Door door;
    private final Trace trace;
    private @Nullable ActionName action;

    /// The request, once it has been handed to the database.
    private @Nullable Request running;

    /// Whether the request was carried out, so that only the reply is missing.
    private boolean done;

    private Call(Event event, InvocationContext context) {
      this.context = context;
      this.record = new InvocationRecord(ticker, event.took());
      this.door = Door.of(event.invocation());
      this.trace = event.trace();
    }

    private Reply reply(Invocation invocation) {
      try {
        return switch (invocation) {
          case Invocation.Http http -> {
            ActionText body = HttpDoor.action(http);
            Result result = run(body.action(), HttpDoor.key(http), body.faults());
            yield HttpDoor.reply(result, encode(result));
          }
          case Invocation.Direct(Json action, Faults faults) ->
              new Reply.Direct(encode(run(action, Optional.empty(), faults)));
          case Invocation.Scheduled scheduled -> new Reply.Direct(encode(scheduled(scheduled)));
          case Invocation.Unreadable unreadable -> throw new Failure(unreadable.problem());
          case Invocation.Failed failed -> throw failed.cause();
        };
      } catch (RuntimeException | Error e) {
        // This includes errors, because the runtime would end the process for some of them.
        return refusal(invocation, problem(e));
      }
    }

    private Reply refusal(Invocation invocation, Problem problem) {
      byte[] json = encode(problem);
      return switch (invocation) {
        case Invocation.Http _ -> HttpDoor.reply(problem, json);
        case Invocation.Unreadable(_, UnknownEvent.Form form)
            when form != UnknownEvent.Form.THROWN ->
            new Reply.Direct(UnknownEvent.response(form, json));
        case Invocation.Direct _,
            Invocation.Scheduled _,
            Invocation.Unreadable _,
            Invocation.Failed _ ->
            throw FunctionError.of(
                problem.code().category(), new String(json, StandardCharsets.UTF_8));
      };
    }

    private Result scheduled(Invocation.Scheduled scheduled) {
      if (scheduled.action().isPresent()) {
        ActionText text = scheduled.action().get();
        return run(text.action(), key(scheduled, text.action()), text.faults());
      }
      if (config.scheduledAction().isPresent()) {
        Json action = config.scheduledAction().get();
        return run(action, key(scheduled, action), new Faults());
      }
      record.tickStarted();
      return database.tick(begin());
    }

    /// The event's id, which is the same in every delivery of the event, as a key.
    ///
    /// @throws Failure when the action is an insert that needs the id as its key and the id is not
    ///   a valid key
    private static Optional<IdempotencyKey> key(Invocation.Scheduled scheduled, Json action) {
      Optional<String> id = scheduled.id().filter(text -> !text.isBlank());
      Optional<String> fault = id.flatMap(IdempotencyKey::fault);
      if (fault.isEmpty()) {
        return id.map(IdempotencyKey::new);
      }
      if (RequestDecoder.isUnkeyedInsert(action)) {
        throw new Failure(
            Problem.Code.INVALID_REQUEST,
            "The event's id is the key of its insert: " + fault.get() + ".");
      }
      return Optional.empty();
    }

    private Result run(Json json, Optional<IdempotencyKey> key, Faults faults) {
      ActionName named = RequestDecoder.action(json, faults);
      requireAllowed(named);
      Request request = RequestDecoder.decode(json, named, key, faults);
      record.requestDecoded(request.table());
      running = request;
      Result result =
          database.run(request, begin(), door == Door.HTTP ? HttpDoor.LIMIT : DIRECT_LIMIT);
      done = true;
      return result;
    }

    /// Records the action.
    ///
    /// @throws Failure when the door may not run it
    private void requireAllowed(ActionName named) {
      action = named;
      record.action(named);
      Set<ActionName> allowed = config.actions().getOrDefault(door, Set.of());
      if (!allowed.contains(named)) {
        throw new Failure(
            Problem.Code.ACTION_NOT_ALLOWED,
            "The function's " + door.actionsVariable() + " does not list " + named.text() + ".");
      }
    }

    private Retry.Session begin() {
      Duration remaining = context.remaining();
      Duration allowed =
          door.limit().filter(limit -> limit.compareTo(remaining) < 0).orElse(remaining);
      Retry.Session session =
          database.begin(Deadline.after(record.begun(), allowed.minus(RESERVE), ticker));
      record.sessionStarted(session);
      return session;
    }

    /// Writes the telemetry; if that fails, the caller still gets the reply.
    private void end() {
      try {
        telemetry.ended(context.requestId(), LowerCase.of(door), context.trace(), trace, record);
      } catch (RuntimeException | Error e) {
        context.log().log("The telemetry could not be written: " + CauseText.of(e), LogLevel.ERROR);
      }
    }

    private Problem problem(Throwable failure) {
      Problem problem = Problems.of(failure);
      if (problem.code() == Problem.Code.INTERNAL && running != null) {
        problem = Problems.ofWork(failure, running, done);
      }
      if (problem.code().status() >= 500) {
        log(problem, failure);
      }
      return problem;
    }

    /// Logs the cause, which callers must not see.
    private void log(Problem problem, Throwable failure) {
      StringBuilder text = new StringBuilder("door=").append(LowerCase.of(door));
      text.append(" code=").append(LowerCase.of(problem.code()));
      problem.sqlState().ifPresent(state -> text.append(" sqlstate=").append(state));
      if (problem.code() == Problem.Code.CERTIFICATE_UNTRUSTED) {
        Distrust.of(failure)
            .ifPresent(reason -> text.append(" reason=").append(LowerCase.of(reason)));
      }
      text.append(": ").append(CauseText.of(failure));
      context.log().log(text.toString(), LogLevel.ERROR);
    }

    private byte[] encode(Result result) {
      record.succeeded(result);
      return encoded(ResultEncoder.encode(result));
    }

    private byte[] encode(Problem problem) {
      record.failed(problem);
      int attempts = record.work().attempts();
      return encoded(ResultEncoder.encode(problem, action, attempts, context.requestId()));
    }

    private byte[] encoded(byte[] json) {
      record.encoded(json.length);
      return json;
    }
  }
}
