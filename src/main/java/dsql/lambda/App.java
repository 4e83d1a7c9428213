package dsql.lambda;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.logging.LogLevel;
import dsql.action.ActionName;
import dsql.action.Failure;
import dsql.action.Faults;
import dsql.action.IdempotencyKey;
import dsql.action.Problem;
import dsql.action.Request;
import dsql.action.Result;
import dsql.db.Database;
import dsql.db.PageLimit;
import dsql.db.fault.Distrust;
import dsql.db.pool.ConnectionPool;
import dsql.db.pool.Deadline;
import dsql.db.pool.DsqlConnectionOpener;
import dsql.db.pool.IamTokenSource;
import dsql.db.pool.Ticker;
import dsql.db.retry.Pause;
import dsql.db.retry.Retry;
import dsql.db.retry.RetryPolicy;
import dsql.json.Json;
import dsql.json.RequestDecoder;
import dsql.json.ResultEncoder;
import dsql.json.Words;
import dsql.lambda.Invocation.ActionText;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The function without its entry point: decodes an event, runs its request, encodes the reply.
/// Safe for concurrent use.
final class App {

  /// Kept back from the time an invocation has, for encoding the reply and handing it over.
  private static final Duration RESERVE = Duration.ofMillis(500);

  private static final PageLimit DIRECT_LIMIT = new PageLimit(PageLimit.LAMBDA_REPLY_BYTES, false);

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

  /// Puts the application together. Nothing is connected yet.
  ///
  /// @param log gets the lines of JSON of each invocation and each connection opened or closed
  /// @throws InvalidConfiguration with every fault
  static App start(Map<String, String> environment, PrintStream log) {
    return start(environment, log, Clock.systemUTC(), Ticker.SYSTEM, Thread::sleep);
  }

  /// The same, by clocks and with pauses that are given.
  ///
  /// @param clock for what outlasts an invocation: the age of a connection, and times that are told
  /// @param ticker for the rest
  static App start(
      Map<String, String> environment,
      PrintStream log,
      InstantSource clock,
      Ticker ticker,
      Pause pause) {
    return start(Config.from(environment), log, clock, ticker, pause);
  }

  /// The same, by a configuration that was read before.
  static App start(
      Config config, PrintStream log, InstantSource clock, Ticker ticker, Pause pause) {
    return start(config, log, clock, ticker, pause, false);
  }

  /// An application for going through the code before a snapshot: nothing of it is written down, it
  /// changes nothing in the database, and every door may do everything.
  static App rehearsal(Map<String, String> environment) {
    Map<String, String> open = new HashMap<>(environment);
    for (Door door : Door.values()) {
      open.remove(door.actionsVariable());
    }
    return start(
        Config.from(open),
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
        Clock.systemUTC(),
        Ticker.SYSTEM,
        Thread::sleep,
        true);
  }

  private static App start(
      Config config,
      PrintStream log,
      InstantSource clock,
      Ticker ticker,
      Pause pause,
      boolean rehearsal) {
    Telemetry telemetry = new Telemetry(log, clock, config.logLevel(), config.functionName());
    // Not seeded before a snapshot, as the faster ones are.
    SecureRandom random = new SecureRandom();
    IamTokenSource tokens = new IamTokenSource(config.host(), config.region(), config.isAdmin());
    ConnectionPool pool =
        new ConnectionPool(
            new ConnectionPool.Limits(
                config.poolMax(), config.poolMaxLifetime(), config.poolMaxIdle()),
            new DsqlConnectionOpener(
                config.host(), config.port(), config.user(), config.connectTimeout(), tokens),
            clock,
            random,
            telemetry);
    Retry retry = new Retry(pool, RetryPolicy.of(config.retryMaxAttempts()), random, pause);
    Database database =
        rehearsal
            ? Database.rehearsal(pool, retry)
            : new Database(pool, retry, config.schema(), config.ledgerTtl());
    return new App(config, database, ticker, telemetry);
  }

  /// Runs one event.
  ///
  /// @throws FunctionError when the direct or the schedule door fails
  Reply handle(Received received, Context context) {
    Call call = new Call(received, context);
    try {
      if (received.event() instanceof Invocation.Http http) {
        return call.http(http);
      }
      return new Reply.Direct(call.orThrow(received.event()));
    } finally {
      call.end();
    }
  }

  /// Closes the connections.
  void close() {
    database.close();
  }

  /// One invocation. Confined to it.
  private final class Call {
    private final Context context;
    private final Tally tally;
    private final Duration remaining;
    private final Door door;
    private final Trace trace;
    private @Nullable ActionName action;

    /// What was handed to the database, once something was.
    private @Nullable Request running;

    /// Whether it was carried out, so that only the reply is missing.
    private boolean done;

    private Call(Received received, Context context) {
      this.context = context;
      this.tally = new Tally(ticker, received.took());
      this.remaining = Duration.ofMillis(context.getRemainingTimeInMillis());
      this.door = Door.of(received.event());
      this.trace = received.trace();
    }

    private byte[] orThrow(Invocation event) {
      Problem problem;
      if (event instanceof Invocation.Unreadable(Problem unreadable, UnknownEvent.Form form)) {
        problem = unreadable;
        if (form != UnknownEvent.Form.THROWN) {
          return UnknownEvent.response(form, encode(problem));
        }
      } else if (event instanceof Invocation.Failed(Error cause)) {
        problem = problem(cause);
      } else {
        try {
          return encode(
              event instanceof Invocation.Direct(Json action, Faults faults)
                  ? run(action, Optional.empty(), faults)
                  : scheduled((Invocation.Scheduled) event));
        } catch (RuntimeException | Error e) {
          // An Error as well: at some the runtime would end the process.
          problem = problem(e);
        }
      }
      throw FunctionError.of(
          problem.code().category(), new String(encode(problem), StandardCharsets.UTF_8));
    }

    private Reply http(Invocation.Http http) {
      try {
        ActionText body = HttpDoor.action(http);
        Result result = run(body.action(), HttpDoor.key(http), body.faults());
        return HttpDoor.reply(result, encode(result));
      } catch (RuntimeException | Error e) {
        Problem problem = problem(e);
        return HttpDoor.reply(problem, encode(problem));
      }
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
      tally.ticks();
      return database.tick(begin());
    }

    /// Deliveries repeat, and all of one event have its id.
    ///
    /// @throws Failure when the action would have it as its key, and it cannot be one
    private static Optional<IdempotencyKey> key(Invocation.Scheduled scheduled, Json action) {
      Optional<String> id = scheduled.id().filter(text -> !text.isBlank());
      Optional<String> fault = id.flatMap(IdempotencyKey::fault);
      if (fault.isEmpty()) {
        return id.map(IdempotencyKey::new);
      }
      if (RequestDecoder.isUnkeyedInsert(action)) {
        throw new Failure(
            Problem.of(
                Problem.Code.INVALID_REQUEST,
                "The event's id is the key of its insert: " + fault.get() + "."));
      }
      return Optional.empty();
    }

    private Result run(Json json, Optional<IdempotencyKey> key, Faults faults) {
      ActionName named = RequestDecoder.action(json, faults);
      known(named);
      return run(RequestDecoder.decode(json, named, key, faults));
    }

    private Result run(Request request) {
      tally.decoded(request.table());
      running = request;
      Result result =
          database.run(request, begin(), door == Door.HTTP ? HttpDoor.LIMIT : DIRECT_LIMIT);
      done = true;
      return result;
    }

    private void known(ActionName wanted) {
      action = wanted;
      tally.action(wanted);
      Set<ActionName> allowed = config.actions().getOrDefault(door, Set.of());
      if (!allowed.contains(wanted)) {
        throw new Failure(
            Problem.of(
                Problem.Code.ACTION_NOT_ALLOWED,
                "The function's "
                    + door.actionsVariable()
                    + " does not list "
                    + wanted.text()
                    + "."));
      }
    }

    private Retry.Session begin() {
      Duration allowed =
          door.limit().filter(limit -> limit.compareTo(remaining) < 0).orElse(remaining);
      Retry.Session session =
          database.begin(Deadline.after(tally.begun(), allowed.minus(RESERVE), ticker));
      tally.runs(session);
      return session;
    }

    /// A reply is not lost for want of its telemetry.
    private void end() {
      try {
        telemetry.ended(context.getAwsRequestId(), door, context.getXrayTraceId(), trace, tally);
      } catch (RuntimeException | Error e) {
        context.getLogger().log("telemetry failed: " + CauseText.of(e), LogLevel.ERROR);
      }
    }

    private Problem problem(Throwable failure) {
      Problem problem = Problems.of(failure);
      if (problem.code() == Problem.Code.INTERNAL && running != null) {
        problem = Problems.ofWork(failure, running, done);
      }
      if (action != null) {
        problem = problem.in(action);
      }
      if (problem.code().status() >= 500) {
        log(problem, failure);
      }
      return problem;
    }

    /// The cause is for the operator's eyes only.
    private void log(Problem problem, Throwable failure) {
      StringBuilder text = new StringBuilder("door=").append(Words.of(door));
      text.append(" code=").append(Words.of(problem.code()));
      problem.sqlState().ifPresent(state -> text.append(" sqlstate=").append(state));
      if (problem.code() == Problem.Code.CERTIFICATE_UNTRUSTED) {
        Distrust.of(failure).ifPresent(reason -> text.append(" reason=").append(Words.of(reason)));
      }
      text.append(": ").append(CauseText.of(failure));
      context.getLogger().log(text.toString(), LogLevel.ERROR);
    }

    private byte[] encode(Result result) {
      tally.done(result);
      return encoded(ResultEncoder.encode(result));
    }

    private byte[] encode(Problem problem) {
      tally.failed(problem);
      return encoded(ResultEncoder.encode(problem, context.getAwsRequestId()));
    }

    private byte[] encoded(byte[] json) {
      tally.encoded(json.length);
      return json;
    }
  }
}
