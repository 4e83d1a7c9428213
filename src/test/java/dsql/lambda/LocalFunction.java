package dsql.lambda;

import dsql.LocalContext;
import dsql.TestClock;
import dsql.db.pool.Ticker;
import dsql.db.retry.Pause;
import dsql.local.LocalDsql;
import dsql.local.auth.Credentials;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;

/// The handler in this JVM, between its serializer's bytes and a local endpoint, with nothing but
/// configuration to tell it from the one in Lambda. Safe for concurrent use.
public final class LocalFunction implements AutoCloseable {

  private static final InvocationSerializer SERIALIZER = new InvocationSerializer();

  /// Sees what goes in and what comes out. An error it throws goes to whoever sent the event.
  public interface Observer {
    void answered(String event, String reply);

    void failed(String event, FunctionError error);
  }

  private static final Observer NOBODY =
      new Observer() {
        @Override
        public void answered(String event, String reply) {}

        @Override
        public void failed(String event, FunctionError error) {}
      };

  private static volatile Observer observer = NOBODY;

  /// Shows all events and replies from now on, of every function of this JVM.
  public static void observe(Observer observer) {
    LocalFunction.observer = observer;
  }

  private final App app;
  private final Handler handler;

  /// @param more variables besides the endpoint's and the region's
  public LocalFunction(LocalDsql dsql, Map<String, String> more) {
    this(dsql, more, OutputStream.nullOutputStream());
  }

  /// @param log where the function's own lines go
  public LocalFunction(LocalDsql dsql, Map<String, String> more, OutputStream log) {
    trust(dsql);
    app = App.start(environment(dsql, more), new PrintStream(log, true, StandardCharsets.UTF_8));
    handler = new Handler(app);
  }

  /// A function that is told everything by its variables and by this JVM's properties.
  public LocalFunction(Map<String, String> environment) {
    app =
        App.start(
            environment,
            new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8));
    handler = new Handler(app);
  }

  /// @param clock what the pool and the deadlines are read by; pauses move it on, and take no time
  public LocalFunction(LocalDsql dsql, Map<String, String> more, TestClock clock) {
    this(dsql, more, clock, clock::advance);
  }

  /// @param clock what the pool and the deadlines are read by
  /// @param pause what is done where the function would wait
  public LocalFunction(LocalDsql dsql, Map<String, String> more, TestClock clock, Pause pause) {
    this(dsql, more, OutputStream.nullOutputStream(), clock, clock, pause);
  }

  public LocalFunction(
      LocalDsql dsql,
      Map<String, String> more,
      OutputStream log,
      InstantSource clock,
      Ticker ticker,
      Pause pause) {
    this(dsql, Config.from(environment(dsql, more)), log, clock, ticker, pause);
  }

  /// A function that keeps keys for so long, which its variable may not allow.
  public static LocalFunction keepingKeysFor(
      Duration ttl, LocalDsql dsql, Map<String, String> more, TestClock clock) {
    Config config = Config.from(environment(dsql, more));
    return new LocalFunction(
        dsql,
        new Config(
            config.cluster(),
            config.pool(),
            config.connectTimeout(),
            config.retryMaxAttempts(),
            ttl,
            config.actions(),
            config.scheduledAction(),
            config.functionName(),
            config.logLevel()),
        OutputStream.nullOutputStream(),
        clock,
        clock,
        clock::advance);
  }

  private LocalFunction(
      LocalDsql dsql,
      Config config,
      OutputStream log,
      InstantSource clock,
      Ticker ticker,
      Pause pause) {
    trust(dsql);
    // As the runtime's own standard output: not flushed by itself.
    PrintStream out = new PrintStream(log, false, StandardCharsets.UTF_8);
    app = App.start(config, out, clock, ticker, pause);
    handler = new Handler(app);
  }

  /// The variables that point a function at the endpoint.
  public static Map<String, String> environment(LocalDsql dsql, Map<String, String> more) {
    Map<String, String> environment = new HashMap<>();
    environment.put("CLUSTER_ENDPOINT", dsql.endpoint());
    environment.put("CLUSTER_USER", "admin");
    environment.put("AWS_REGION", dsql.region());
    environment.putAll(more);
    return environment;
  }

  /// Has this JVM trust the endpoint's authority and sign with its credentials. The JVM reads the
  /// trust store at its first TLS connection, so this comes before.
  public static void trust(LocalDsql dsql) {
    System.setProperty("javax.net.ssl.trustStore", dsql.trustStore().toString());
    System.setProperty("javax.net.ssl.trustStorePassword", dsql.trustStorePassword());
    Credentials credentials = dsql.credentials();
    System.setProperty("aws.accessKeyId", credentials.accessKeyId());
    System.setProperty("aws.secretAccessKey", credentials.secretAccessKey());
    System.setProperty("aws.sessionToken", credentials.sessionToken());
  }

  /// The reply's text.
  ///
  /// @throws FunctionError as the runtime would see it
  public String invoke(String event) {
    return invoke(event, Duration.ofSeconds(29));
  }

  /// The reply's text to an event with that much time.
  ///
  /// @throws FunctionError as the runtime would see it
  public String invoke(String event, Duration remaining) {
    return invoke(event, LocalContext.of(remaining));
  }

  /// The same, with what the function logs of failures printed.
  ///
  /// @throws FunctionError as the runtime would see it
  public String invoke(String event, Duration remaining, PrintStream log) {
    LocalContext context = LocalContext.of(remaining);
    try {
      return invoke(event, context);
    } finally {
      context.log().forEach(log::println);
    }
  }

  /// The reply to an event in a context of the test's own.
  ///
  /// @throws FunctionError as the runtime would see it
  public String invoke(String event, LocalContext context) {
    String reply;
    try {
      reply =
          new String(run(event.getBytes(StandardCharsets.UTF_8), context), StandardCharsets.UTF_8);
    } catch (FunctionError e) {
      observer.failed(event, e);
      throw e;
    }
    observer.answered(event, reply);
    return reply;
  }

  /// The reply's bytes to an event's, unobserved.
  ///
  /// @throws FunctionError as the runtime would see it
  public byte[] invoke(byte[] event) {
    return run(event, LocalContext.of(Duration.ofSeconds(29)));
  }

  /// The same for an event that is read from a stream, which may fail.
  ///
  /// @throws FunctionError as the runtime would see it
  public byte[] invoke(InputStream event) {
    return run(event, LocalContext.of(Duration.ofSeconds(29)));
  }

  private byte[] run(byte[] event, LocalContext context) {
    return run(new ByteArrayInputStream(event), context);
  }

  private byte[] run(InputStream event, LocalContext context) {
    Event read = SERIALIZER.fromJson(event, Event.class);
    ByteArrayOutputStream reply = new ByteArrayOutputStream();
    SERIALIZER.toJson(handler.handleRequest(read, context), reply, Reply.class);
    return reply.toByteArray();
  }

  @Override
  public void close() {
    app.close();
  }
}
