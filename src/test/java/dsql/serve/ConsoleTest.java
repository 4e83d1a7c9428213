package dsql.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The console's files and the list of requests, over HTTP. In a browser, `.ci/check_console.py`
/// uses the page.
@Tag("unit")
class ConsoleTest {

  private static final JsonMapper JSON = new JsonMapper();

  private final Journal journal = new Journal();
  private final PrintStream log = new PrintStream(Journal.lines(), true, UTF_8);
  private HttpFront front;

  @BeforeEach
  void serve() throws IOException {
    PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), true, UTF_8);
    front = HttpFront.bind(0, nowhere, nowhere);
    front.add(Console.PATH, new Console(front.port(), journal));
    front.serve(
        event -> {
          String body = JSON.readTree(event).path("body").asString("");
          log.println("a line of " + body);
          return "{\"statusCode\":200,\"body\":\"fine\"}";
        },
        journal);
  }

  @AfterEach
  void close() {
    front.close();
  }

  @ParameterizedTest
  @CsvSource({
    "'',text/html;charset=utf-8",
    "index.html,text/html;charset=utf-8",
    "console.css,text/css;charset=utf-8",
    "console.js,text/javascript;charset=utf-8",
    "swagger-ui.css,text/css;charset=utf-8",
    "swagger-ui-bundle.js,text/javascript;charset=utf-8",
    "favicon-32x32.png,image/png",
    "openapi.json,application/json",
    "requests.json,application/json"
  })
  void aFileHasItsTypeAndThePolicy(String name, String type) throws Exception {
    Http.Response response = get(name);
    assertEquals(200, response.status());
    assertEquals(type, response.headers().first("content-type"));
    assertTrue(
        response.headers().first("content-security-policy").startsWith("default-src 'self';"));
    assertEquals("nosniff", response.headers().first("x-content-type-options"));
  }

  @Test
  void whatThePageNamesIsThere() throws Exception {
    Matcher named = Pattern.compile("(?:href|src)=\"([^\"]*)\"").matcher(get("").body());
    int names = 0;
    for (; named.find(); names++) {
      assertEquals(200, get(named.group(1)).status(), named.group(1));
    }
    assertEquals(5, names);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nothing",
        "../pom.xml",
        "schemas/../../pom.xml",
        "schemas/..%2f..%2fpom.xml",
        "%2e%2e/pom.xml",
        "..%5cpom.xml",
        "/etc/passwd",
        "schemas/action.json",
        "swagger-ui.js"
      })
  void nothingElseIsServed(String name) throws Exception {
    assertEquals("HTTP/1.1 404 Not Found", statusLine("GET", name, "127.0.0.1:" + front.port()));
  }

  @Test
  void onlyThisMachinesNamesAndOnlyGetAreAnswered() throws Exception {
    String port = ":" + front.port();
    assertEquals("HTTP/1.1 200 OK", statusLine("GET", "requests.json", "localhost" + port));
    String notFound = "HTTP/1.1 404 Not Found";
    assertEquals(notFound, statusLine("GET", "requests.json", "rebound.example" + port));
    assertEquals(notFound, statusLine("GET", "requests.json", "127.0.0.1"));
    assertEquals(notFound, statusLine("POST", "requests.json", "127.0.0.1" + port));
    assertEquals(notFound, statusLine("HEAD", "", "127.0.0.1" + port));
  }

  @Test
  void theConsoleIsNoPartOfTheApi() throws Exception {
    URI uri = URI.create(front.uri() + "_console");
    assertEquals("404 {\"message\":\"Not Found\"}", Http.send("GET", uri, new byte[0]).toString());
    get("requests.json");
    assertEquals(1, requests().size());
  }

  @Test
  void requestsAreListedWithTheirOwnLinesTheLastFirst() throws Exception {
    Http.post(front.uri(), "one");
    Http.Response two = Http.post(URI.create(front.uri() + "?q=1"), "two");
    List<JsonNode> requests = requests();
    assertEquals(2, requests.size());
    JsonNode last = requests.getFirst();
    assertEquals(two.headers().first("apigw-requestid"), last.path("requestId").stringValue());
    assertEquals("POST", last.path("method").stringValue());
    assertEquals("/?q=1", last.path("target").stringValue());
    assertEquals(200, last.path("status").intValue());
    assertEquals(4, last.path("bytes").intValue());
    assertTrue(last.path("millis").isInt(), last::toString);
    assertEquals("[\"a line of two\"]", last.path("lines").toString());
    assertEquals("[\"a line of one\"]", requests.getLast().path("lines").toString());
  }

  @Test
  void oldRequestsAreForgottenAndLongLinesAreCut() throws Exception {
    Http.post(front.uri(), "first");
    for (int i = 0; i < Journal.KEPT; i++) {
      Http.post(front.uri(), "x".repeat(i == 0 ? 100_000 : 1));
    }
    List<JsonNode> requests = requests();
    assertEquals(Journal.KEPT, requests.size());
    assertEquals(64 * 1024, requests.getLast().at("/lines/0").stringValue().length());
  }

  @Test
  void eachActionHasAFormWithTheExamplesOfEvents() throws Exception {
    JsonNode description = JSON.readTree(get("openapi.json").body());
    List<String> forms = new ArrayList<>();
    List<JsonNode> examples = new ArrayList<>();
    for (String action : List.of("create", "insert", "query")) {
      JsonNode post = description.at("/paths/~1#" + action + "/post");
      JsonNode content = post.at("/requestBody/content/application~1json");
      assertEquals("#/components/schemas/" + action, content.at("/schema/$ref").asString(""));
      content.path("examples").forEach(example -> examples.add(example.path("value")));
      forms.add(
          action
              + ": "
              + String.join(", ", content.path("examples").propertyNames())
              + "; "
              + String.join(", ", post.path("responses").propertyNames()));
    }
    assertEquals(
        List.of(
            "create: create, create-purchase; 200, 201, default",
            "insert: insert, insert-purchase, http-insert, schedule-insert, bad-request; 200, 207, default",
            "query: query, query-purchase, http-query; 200, default"),
        forms);
    assertEquals(JSON.readTree(Files.readString(Path.of("events/create.json"))), examples.get(0));
    assertTrue(description.path("security").isMissingNode());
    assertEquals("/", description.at("/servers/0/url").asString(""));
    List<JsonNode> references = description.findValues("$ref");
    assertTrue(references.size() > 100, () -> "references: " + references.size());
    for (JsonNode reference : references) {
      String text = reference.stringValue();
      assertTrue(text.startsWith("#/") && !description.at(text.substring(1)).isMissingNode(), text);
    }
  }

  private List<JsonNode> requests() throws IOException {
    return List.copyOf(JSON.readTree(get("requests.json").body()).values());
  }

  private Http.Response get(String name) throws IOException {
    return Http.send("GET", front.uri().resolve(Console.PATH + name), new byte[0]);
  }

  /// The answer's first line to a request that no client would tidy up.
  private String statusLine(String method, String name, String host) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), front.port())) {
      String request =
          method
              + " "
              + Console.PATH
              + name
              + " HTTP/1.1\r\nHost: "
              + host
              + "\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(UTF_8));
      return new String(socket.getInputStream().readAllBytes(), UTF_8)
          .lines()
          .findFirst()
          .orElse("");
    }
  }
}
