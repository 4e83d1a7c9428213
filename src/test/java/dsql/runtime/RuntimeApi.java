package dsql.runtime;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dsql.runtime.Reply.FunctionError;
import dsql.runtime.Reply.Success;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Lambda's Runtime API on the loopback interface, for one process. Safe for concurrent use.
///
/// As in Lambda an invocation's deadline is counted from the moment that the runtime takes it.
final class RuntimeApi implements AutoCloseable {
  private static final String ROOT = "/2018-06-01/runtime/";
  private static final String INVOCATION = ROOT + "invocation/";

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final BlockingQueue<Invocation> waiting = new LinkedBlockingQueue<>();
  private final Map<String, Invocation> running = new ConcurrentHashMap<>();

  private final CompletableFuture<Optional<FunctionError>> initialized = new CompletableFuture<>();
  private final CompletableFuture<String> ended = new CompletableFuture<>();
  private final CompletableFuture<Boolean> checkpoint = new CompletableFuture<>();
  private final CompletableFuture<Boolean> restore = new CompletableFuture<>();
  private final CompletableFuture<Optional<FunctionError>> restored = new CompletableFuture<>();

  private static final class Invocation {
    final String id = UUID.randomUUID().toString();
    final byte[] event;
    final Duration deadline;
    final CompletableFuture<Boolean> taken = new CompletableFuture<>();
    final CompletableFuture<Reply> reply = new CompletableFuture<>();

    Invocation(byte[] event, Duration deadline) {
      this.event = event;
      this.deadline = deadline;
    }
  }

  RuntimeApi() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  /// Host and port, as the variable AWS_LAMBDA_RUNTIME_API has them.
  String address() {
    return "127.0.0.1:" + port();
  }

  int port() {
    return server.getAddress().getPort();
  }

  Reply invoke(byte[] event, Duration deadline, Duration startLimit) {
    Invocation invocation = new Invocation(event, deadline);
    waiting.add(invocation);
    await(invocation.taken, startLimit, "to take an invocation");
    return await(invocation.reply, deadline, "to reply");
  }

  /// Empty once the runtime asks for an invocation or a restore.
  Optional<FunctionError> initError(Duration limit) {
    return await(initialized, limit, "to start");
  }

  void awaitCheckpoint(Duration limit) {
    await(checkpoint, limit, "to come to its checkpoint");
  }

  /// Empty once the restored runtime asks for an invocation.
  Optional<FunctionError> restore(Duration limit) {
    restore.complete(true);
    return await(restored, limit, "to come back from its checkpoint");
  }

  int inFlight() {
    return running.size();
  }

  /// The process is no more: nobody needs to wait for it any longer.
  void processEnded(String how) {
    ended.complete(how);
  }

  private <T> T await(CompletableFuture<T> event, Duration limit, String what) {
    try {
      CompletableFuture.anyOf(event, ended).get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException _) {
      throw new NoReply("The runtime had " + limit + " " + what + " and did not.");
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new NoReply("Interrupted while waiting for the runtime " + what + ".");
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
    // What the process did before it ended counts.
    if (event.isDone()) {
      return event.join();
    }
    throw new NoReply("The runtime was " + what + " but ended: " + ended.join());
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      switch (exchange.getRequestMethod() + " " + path) {
        case "GET " + INVOCATION + "next" -> next(exchange);
        case "POST " + ROOT + "init/error" -> {
          initialized.complete(Optional.of(error(exchange)));
          answer(exchange, 202, "{\"status\":\"OK\"}");
        }
        case "GET " + ROOT + "restore/next" -> {
          initialized.complete(Optional.empty());
          checkpoint.complete(true);
          restore.join();
          answer(exchange, 200, "");
        }
        case "POST " + ROOT + "restore/error" -> {
          restored.complete(Optional.of(error(exchange)));
          answer(exchange, 202, "{\"status\":\"OK\"}");
        }
        default -> reply(exchange, path);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void next(HttpExchange exchange) throws IOException, InterruptedException {
    initialized.complete(Optional.empty());
    restored.complete(Optional.empty());
    Invocation invocation = waiting.take();
    running.put(invocation.id, invocation);
    var headers = exchange.getResponseHeaders();
    headers.set("Lambda-Runtime-Aws-Request-Id", invocation.id);
    headers.set(
        "Lambda-Runtime-Deadline-Ms",
        Long.toString(System.currentTimeMillis() + invocation.deadline.toMillis()));
    headers.set(
        "Lambda-Runtime-Invoked-Function-Arn",
        "arn:aws:lambda:us-east-1:123456789012:function:dsql:live");
    headers.set(
        "Lambda-Runtime-Trace-Id",
        "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1");
    // Without it the client's native half crashes.
    headers.set("Content-Type", "application/json");
    invocation.taken.complete(true);
    exchange.sendResponseHeaders(200, invocation.event.length == 0 ? -1 : invocation.event.length);
    exchange.getResponseBody().write(invocation.event);
  }

  private void reply(HttpExchange exchange, String path) throws IOException {
    String[] idAndKind =
        path.startsWith(INVOCATION)
            ? path.substring(INVOCATION.length()).split("/", 2)
            : new String[0];
    Invocation invocation = idAndKind.length == 2 ? running.remove(idAndKind[0]) : null;
    if (invocation == null || !exchange.getRequestMethod().equals("POST")) {
      answer(exchange, 404, "{\"errorType\":\"UnknownPath\",\"errorMessage\":\"" + path + "\"}");
      return;
    }
    invocation.reply.complete(
        idAndKind[1].equals("response") ? new Success(text(exchange)) : error(exchange));
    answer(exchange, 202, "{\"status\":\"OK\"}");
  }

  private static FunctionError error(HttpExchange exchange) throws IOException {
    String prefix = "Lambda-Runtime-Function-";
    return FunctionError.parse(
        text(exchange),
        header(exchange, prefix + "Error-Type"),
        header(exchange, prefix + "XRay-Error-Cause"));
  }

  private static String header(HttpExchange exchange, String name) {
    String value = exchange.getRequestHeaders().getFirst(name);
    return value == null ? "" : value;
  }

  private static String text(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
    } catch (CharacterCodingException e) {
      throw new IOException("The runtime posted what is not UTF-8.", e);
    }
  }

  private static void answer(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    // A checkpoint that nobody restored from.
    restore.complete(false);
    server.stop(0);
    threads.shutdownNow();
  }
}
