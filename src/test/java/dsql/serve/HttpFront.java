package dsql.serve;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// An HTTP API with the one route of the template, `ANY /`, on this machine's loopback address.
/// Requests need no signature. Safe for concurrent use.
public final class HttpFront implements AutoCloseable {

  /// Takes an event, gives a reply.
  public interface Function {
    /// The reply to an event.
    ///
    /// @throws Exception where the function fails
    String invoke(String event) throws Exception;
  }

  /// Bytes of a body that API Gateway takes at most.
  static final int BODY_BYTES = 10 * 1024 * 1024;

  /// Bytes of an event or a reply that Lambda takes at most.
  static final int LAMBDA_BYTES = 6_291_556;

  /// How long API Gateway waits.
  static final Duration TIMEOUT = Duration.ofSeconds(30);

  /// What is read and dropped of a body that is too large: a client that is still sending when the
  /// connection closes does not see the response.
  private static final long DROPPED_BYTES = 256L * 1024 * 1024;

  private static final SecureRandom RANDOM = new SecureRandom();

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Duration timeout;
  private final PrintStream out;
  private final PrintStream err;

  private HttpFront(HttpServer server, Duration timeout, PrintStream out, PrintStream err) {
    this.server = server;
    this.timeout = timeout;
    this.out = out;
    this.err = err;
  }

  /// Takes the port; requests wait until [#serve(Function)].
  ///
  /// @param port 0 for any that is free
  /// @param out gets a line for each request
  /// @param err gets what the function throws
  /// @throws java.net.BindException when the port is taken
  public static HttpFront bind(int port, PrintStream out, PrintStream err) throws IOException {
    return bind(port, TIMEOUT, out, err);
  }

  static HttpFront bind(int port, Duration timeout, PrintStream out, PrintStream err)
      throws IOException {
    // Otherwise a small reply waits for the client's delayed acknowledgement of its header.
    System.setProperty("sun.net.httpserver.nodelay", "true");
    InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    return new HttpFront(
        HttpServer.create(new InetSocketAddress(loopback, port), 0), timeout, out, err);
  }

  public int port() {
    return server.getAddress().getPort();
  }

  /// Where to send requests.
  public URI uri() {
    return URI.create("http://127.0.0.1:" + port() + "/");
  }

  /// Begins to answer.
  public void serve(Function function) {
    serve(function, new Journal());
  }

  /// The same, with what happens written down.
  public void serve(Function function, Journal journal) {
    server.setExecutor(threads);
    server.createContext("/", exchange -> handle(exchange, function, journal));
    server.start();
  }

  /// Has what is no part of the API answer below a path; [#serve(Function)] comes after.
  void add(String path, HttpHandler handler) {
    server.createContext(path, handler);
  }

  private void handle(HttpExchange exchange, Function function, Journal journal)
      throws IOException {
    long begun = System.nanoTime();
    Journal.Entry entry = new Journal.Entry(requestId(), Instant.now(), exchange);
    try (exchange) {
      Answer answer =
          answer(exchange, entry.requestId(), event -> entry.call(() -> function.invoke(event)));
      journal.add(entry.answered(answer, Duration.ofNanos(System.nanoTime() - begun)));
      answer.headers().forEach(h -> exchange.getResponseHeaders().add(h.getKey(), h.getValue()));
      exchange.getResponseHeaders().set("apigw-requestid", entry.requestId());
      int bytes = answer.body().length;
      boolean head = exchange.getRequestMethod().equals("HEAD");
      // Here, -1 is no body; 0 would be one in chunks.
      exchange.sendResponseHeaders(answer.status(), head || bytes == 0 ? -1 : bytes);
      if (!head && bytes > 0) {
        exchange.getResponseBody().write(answer.body());
      }
      out.printf(
          "%s %s %d %d ms %d bytes%n",
          exchange.getRequestMethod(),
          exchange.getRequestURI(),
          answer.status(),
          TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun),
          head ? 0 : bytes);
    } catch (IOException e) {
      err.println("a client went away: " + e.getMessage());
      throw e;
    }
  }

  private Answer answer(HttpExchange exchange, String requestId, Function function)
      throws IOException {
    URI uri = exchange.getRequestURI();
    byte[] body = exchange.getRequestBody().readNBytes(BODY_BYTES + 1);
    if (body.length > BODY_BYTES) {
      drop(exchange.getRequestBody());
    }
    if (!"/".equals(uri.getRawPath())) {
      return Answer.NOT_FOUND;
    }
    if (body.length > BODY_BYTES) {
      return Answer.TOO_LARGE;
    }
    Call call =
        new Call(
            exchange.getRequestMethod(),
            uri.getRawPath(),
            uri.getRawQuery(),
            exchange.getProtocol(),
            exchange.getRemoteAddress().getAddress().getHostAddress(),
            port(),
            exchange.getRequestHeaders());
    String event = call.event(body, requestId, Instant.now());
    return isTooLarge(event) ? Answer.TOO_LARGE : invoke(function, event);
  }

  private Answer invoke(Function function, String event) {
    Future<String> reply = threads.submit(() -> function.invoke(event));
    try {
      String text = reply.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
      return isTooLarge(text) ? Answer.INTERNAL_SERVER_ERROR : Answer.of(text);
    } catch (ExecutionException e) {
      err.println("the function failed: " + e.getCause());
      return Answer.INTERNAL_SERVER_ERROR;
    } catch (TimeoutException e) {
      reply.cancel(true);
      return Answer.SERVICE_UNAVAILABLE;
    } catch (InterruptedException e) {
      // The front is closing.
      reply.cancel(true);
      Thread.currentThread().interrupt();
      return Answer.SERVICE_UNAVAILABLE;
    }
  }

  private static boolean isTooLarge(String json) {
    return json.length() > LAMBDA_BYTES
        || json.getBytes(StandardCharsets.UTF_8).length > LAMBDA_BYTES;
  }

  private static void drop(InputStream body) throws IOException {
    byte[] buffer = new byte[64 * 1024];
    long dropped = 0;
    for (int read = 0; read >= 0 && dropped < DROPPED_BYTES; dropped += read) {
      read = body.read(buffer);
    }
  }

  /// Eleven random bytes in base64, which is what API Gateway's look like.
  private static String requestId() {
    byte[] bytes = new byte[11];
    RANDOM.nextBytes(bytes);
    return Base64.getEncoder().encodeToString(bytes);
  }

  /// Gives requests under way a second, and the port back.
  @Override
  public void close() {
    server.stop(1);
    threads.shutdownNow();
  }
}
