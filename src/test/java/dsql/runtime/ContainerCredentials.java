package dsql.runtime;

import com.google.gson.JsonObject;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

/// The endpoint that gives a function restored from a snapshot its credentials, in place of key
/// variables. Safe for concurrent use.
public final class ContainerCredentials implements AutoCloseable {
  private static final String PATH = "/2021-08-23/credentials";

  private final HttpServer server;
  private final String authorization = UUID.randomUUID().toString();
  private final AtomicInteger served = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();
  private volatile Optional<Credentials> current;

  /// One set of temporary credentials.
  ///
  /// @param expiration under two minutes ahead, the SDK asks again at every use; over 15, it keeps
  ///   them
  public record Credentials(
      String accessKeyId, String secretAccessKey, String sessionToken, Instant expiration) {

    @Override
    public String toString() {
      return accessKeyId + " until " + expiration;
    }
  }

  public ContainerCredentials(Credentials first) throws IOException {
    current = Optional.of(first);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(PATH, this::handle);
    server.start();
  }

  /// The two variables that make the SDK's default chain come here.
  public Map<String, String> environment() {
    return Map.of(
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "http://127.0.0.1:" + server.getAddress().getPort() + PATH,
        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        authorization);
  }

  /// Gives these from now on.
  public void rotate(Credentials next) {
    current = Optional.of(next);
  }

  /// Gives none until the next are known.
  public void withhold() {
    current = Optional.empty();
  }

  /// How many times credentials were given.
  public int served() {
    return served.get();
  }

  /// How many times they were refused for want of the right Authorization header.
  public int refused() {
    return refused.get();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      JsonObject answer = new JsonObject();
      int status;
      if (authorization.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
        Optional<Credentials> credentials = current;
        credentials.ifPresent(given -> {
          answer.addProperty("AccessKeyId", given.accessKeyId);
          answer.addProperty("SecretAccessKey", given.secretAccessKey);
          answer.addProperty("Token", given.sessionToken);
          answer.addProperty("Expiration", given.expiration.toString());
          served.incrementAndGet();
        });
        status = credentials.isPresent() ? 200 : 404;
      } else {
        answer.addProperty("message", "Unauthorized");
        status = 401;
        refused.incrementAndGet();
      }
      byte[] body = answer.toString().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
