package dsql.serve;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A page for a browser, beside the API and no part of it: the API's description with a form for
/// each action, and the last requests. The page is Swagger UI's, from its webjar.
///
/// Only what is listed here is served, by its exact name.
final class Console implements HttpHandler {

  /// Where it is. API Gateway has nothing there: its one route is `/`.
  static final String PATH = "/_console/";

  private static final String WEBJAR = "META-INF/maven/org.webjars/swagger-ui/pom.properties";

  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html;charset=utf-8",
          "css", "text/css;charset=utf-8",
          "js", "text/javascript;charset=utf-8",
          "json", "application/json",
          "png", "image/png");

  /// The page loads nothing from elsewhere and is shown nowhere else. Swagger UI's style sheet has
  /// its icons in it.
  private static final String POLICY =
      "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none';"
          + " form-action 'none'; frame-ancestors 'none'";

  private final Map<String, byte[]> files = new HashMap<>();
  private final Set<String> hosts;
  private final Journal journal;

  /// @param port the front's, which a browser names in each request
  Console(int port, Journal journal) throws IOException {
    this.journal = journal;
    hosts = Set.of("127.0.0.1:" + port, "localhost:" + port);
    for (String name : List.of("index.html", "console.css", "console.js")) {
      files.put(name, resource("dsql/serve/" + name));
    }
    for (String name : List.of("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")) {
      files.put(
          name, resource("META-INF/resources/webjars/swagger-ui/" + webjarVersion() + '/' + name));
    }
    files.put("openapi.json", Description.json(Path.of("")));
  }

  private static String webjarVersion() throws IOException {
    Properties properties = new Properties();
    properties.load(new StringReader(new String(resource(WEBJAR), UTF_8)));
    return properties.getProperty("version");
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = Console.class.getClassLoader().getResourceAsStream(name)) {
      if (in == null) {
        throw new FileNotFoundException(name + " is not on the class path");
      }
      return in.readAllBytes();
    }
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getRawPath().substring(PATH.length());
      String name = path.isEmpty() ? "index.html" : path;
      byte @Nullable [] body =
          name.equals("requests.json") ? journal.json().getBytes(UTF_8) : files.get(name);
      // Another name than this machine's is that of a page which has it point here, to read along.
      boolean known = hosts.contains(String.valueOf(exchange.getRequestHeaders().getFirst("Host")));
      if (!exchange.getRequestMethod().equals("GET") || !known || body == null) {
        send(exchange, 404, "text/plain;charset=utf-8", "Not Found".getBytes(UTF_8));
      } else {
        String extension = name.substring(name.lastIndexOf('.') + 1);
        send(exchange, 200, TYPES.getOrDefault(extension, ""), body);
      }
    }
  }

  private static void send(HttpExchange exchange, int status, String type, byte[] body)
      throws IOException {
    Headers headers = exchange.getResponseHeaders();
    headers.set("content-type", type);
    headers.set("content-security-policy", POLICY);
    headers.set("x-content-type-options", "nosniff");
    headers.set("referrer-policy", "no-referrer");
    headers.set("cache-control", "no-store");
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, head ? -1 : body.length);
    if (!head) {
      exchange.getResponseBody().write(body);
    }
  }
}
