package dsql.lambda;

import com.amazonaws.services.lambda.runtime.LambdaLogger;
import dsql.action.Failure;
import dsql.codec.ResultEncoder;
import dsql.db.connect.Tls;
import dsql.json.JsonWriter;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.crac.Context;
import org.crac.Core;
import org.crac.Resource;

/// Runs before a snapshot what the first invocation would run, so that its classes are loaded,
/// linked and partly compiled when an environment is restored.
///
/// It uses applications of its own, which are thrown away with their connections and credentials.
/// The application that serves invocations only gets the shapes of the schema's tables, which each
/// statement proves. So the environments restored from one snapshot share nothing that they rely
/// on, and nothing has to be renewed afterwards.
///
/// It works without a database, and before the database knows the function's user; one line in the
/// log says what could not be done. Only the runtime calls it, on one thread.
final class SnapStart implements Resource {

  /// Limit on the applications, and so the connections, that are used one after the other. Three
  /// are not enough for the JVM's compilers; see docs/benchmarks-log.md.
  private static final int ROUNDS = 30;

  /// The number of times that one application gets each event.
  private static final int REPEATS = 5;

  /// Limit on the rehearsal's time: then no round starts, and pending database calls are cut off.
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private static final String INSERT =
      """
      {"action":"insert","table":"rehearsal","rows":[{"name":"John Doe","city":"Anytown"}],\
      "returning":["name","city"],"idempotencyKey":"rehearsal"}\
      """;

  /// A query of the system's catalog, whose tables are those of a rehearsal.
  private static final String QUERY =
      """
      {"action":"query","table":"pg_namespace","select":["nspname"],"where":{"nspname":"public"},\
      "orderBy":[{"column":"nspname"}],"limit":1}\
      """;

  /// Events that reach the database, as a first invocation might.
  private static final List<String> EVENTS =
      List.of(INSERT, QUERY, http(INSERT), http(QUERY), scheduled(QUERY));

  /// Events that are refused before they reach the database.
  private static final List<String> REFUSED =
      List.of(
          """
          {"action":"create","table":"rehearsal","columns":[{"name":"id","type":"uuid",\
          "default":"gen_random_uuid()"},{"name":"n","type":"none"}],"primaryKey":["id"]}\
          """,
          http("{\"action\":\"insert\",\"table\":\"rehearsal\",\"rows\":[]}"));

  private final App served;
  private final Map<String, String> environment;
  private final PrintStream log;
  private final InvocationSerializer serializer = new InvocationSerializer();

  SnapStart(App served, Map<String, String> environment, PrintStream log) {
    this.served = served;
    this.environment = environment;
    this.log = log;
  }

  /// Registers the hooks with the runtime.
  ///
  /// @param environment the function's variables, which have been checked
  /// @param log gets one line
  /// @return the hooks, which the caller must keep, because the runtime only holds them weakly
  static SnapStart register(App served, Map<String, String> environment, PrintStream log) {
    // The SDK fetches credentials by the JDK's HTTP client, which would keep that connection open
    // for a while, and so into the snapshot. It reads this property once, when it is loaded.
    System.setProperty("http.keepAlive", "false");
    SnapStart hooks = new SnapStart(served, environment, log);
    Core.getGlobalContext().register(hooks);
    return hooks;
  }

  @Override
  public void beforeCheckpoint(Context<? extends Resource> context) {
    long begun = System.nanoTime();
    JsonWriter line = new JsonWriter().beginObject();
    // A hook that throws fails the deployment, although the function works without a rehearsal.
    try {
      Optional<String> problem = rehearse(begun + LIMIT.toNanos());
      line.name("level").value(problem.isEmpty() ? "INFO" : "WARN").name("event").value("primed");
      problem.ifPresent(json -> line.name("problem").json(json));
    } catch (Throwable e) {
      line.name("level").value("WARN").name("event").value("primed");
      line.name("cause").value(e.getClass().getName());
    }
    // Without a timestamp Lambda would take any line for one of level INFO.
    line.name("timestamp").value(Instant.now().truncatedTo(ChronoUnit.MILLIS).toString());
    Duration took = Duration.ofNanos(System.nanoTime() - begun);
    log.println(line.name("milliseconds").value(took.toMillis()).endObject());
  }

  /// Does nothing, because nothing has to be renewed.
  @Override
  public void afterRestore(Context<? extends Resource> context) {}

  /// Returns the problem that kept the rehearsal from using the database, if there was one.
  private Optional<String> rehearse(long until) throws Exception {
    Optional<String> problem = Optional.empty();
    try {
      problem = readShapes(until);
      for (int round = 0; round < ROUNDS && problem.isEmpty() && left(until) > 0; round++) {
        problem = rehearseOnce(until);
      }
      if (problem.isPresent()) {
        // There was no handshake with a server.
        Tls.primeTlsWithoutServer();
      }
    } finally {
      // Otherwise all environments restored from the snapshot would resume the same session.
      Tls.forgetSessions();
    }
    return problem;
  }

  private Optional<String> readShapes(long until) {
    App app = rehearsal();
    try {
      served.readShapes(app, Duration.ofMillis(left(until)));
      return Optional.empty();
    } catch (Failure e) {
      byte[] problem = ResultEncoder.encode(e.problem(), null, 1, "rehearsal");
      return Optional.of(new String(problem, StandardCharsets.UTF_8));
    } finally {
      app.close();
    }
  }

  private Optional<String> rehearseOnce(long until) {
    App app = rehearsal();
    try {
      Optional<String> problem = Optional.empty();
      for (int repeat = 0; repeat < REPEATS && left(until) > 0; repeat++) {
        for (String event : EVENTS) {
          if (problem.isEmpty()) {
            problem = problem(app, event, until);
          }
        }
        for (String event : REFUSED) {
          if (problem(app, event, until).isEmpty()) {
            throw new IllegalStateException("Not refused: " + event);
          }
        }
      }
      return problem;
    } finally {
      app.close();
    }
  }

  /// An application for the rehearsal, which allows every action at every door.
  private App rehearsal() {
    Map<String, String> open = new HashMap<>(environment);
    for (Door door : Door.values()) {
      open.remove(door.actionsVariable());
    }
    return App.rehearsal(Config.from(open));
  }

  private Optional<String> problem(App app, String event, long until) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      Reply reply =
          app.handle(
              serializer.fromJson(event, Invocation.class),
              new InvocationContext(
                  "rehearsal", Duration.ofMillis(left(until)), null, new NoLog()));
      serializer.toJson(reply, out, Reply.class);
      return reply instanceof Reply.Http(var response, byte[] json)
              && response.getStatusCode() >= 400
          ? Optional.of(new String(json, StandardCharsets.UTF_8))
          : Optional.empty();
    } catch (FunctionError e) {
      return Optional.ofNullable(e.getMessage());
    }
  }

  /// The milliseconds that are left, at least zero.
  private static long left(long until) {
    return Math.max(0, Duration.ofNanos(until - System.nanoTime()).toMillis());
  }

  private static final class NoLog implements LambdaLogger {
    @Override
    public void log(String message) {}

    @Override
    public void log(byte[] message) {}
  }

  private static String http(String body) {
    JsonWriter event = new JsonWriter().beginObject().name("version").value("2.0");
    event.name("headers").beginObject().name("content-type").value("application/json").endObject();
    event.name("requestContext").beginObject().name("http").beginObject();
    event.name("method").value("POST").name("path").value("/").endObject().endObject();
    event.name("body").value(body).name("isBase64Encoded").value(false);
    return event.endObject().toString();
  }

  private static String scheduled(String action) {
    JsonWriter event = new JsonWriter().beginObject().name("detail-type").value("Scheduled Event");
    event.name("source").value("aws.scheduler").name("id").value("rehearsal");
    return event.name("detail").value(action).endObject().toString();
  }
}
