package dsql.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.BindException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The front, over HTTP, before functions that are made up.
class FrontTest {

  private static final String OK = "{\"statusCode\":200,\"body\":\"fine\"}";

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void aRequestGoesThroughAndIsPrinted() throws Exception {
    AtomicReference<String> event = new AtomicReference<>();
    Front.Function function =
        text -> {
          event.set(text);
          return OK;
        };
    try (Front front = front(function, Front.TIMEOUT)) {
      HttpResponse<String> response = post(front, BodyPublishers.ofString("{}"));
      assertEquals("200 fine", response.statusCode() + " " + response.body());
      assertEquals("text/plain;charset=UTF-8", header(response, "content-type"));
      String requestId = header(response, "apigw-requestid");
      assertTrue(requestId.matches("[A-Za-z0-9+/]{15}="), requestId);
      assertTrue(event.get().contains("\"requestId\":\"" + requestId + '"'), event::get);
      assertTrue(event.get().contains("\"content-type\":\"application/json\""), event::get);
      assertTrue(event.get().contains("\"body\":\"{}\""), event::get);
    }
    String line = out.toString(StandardCharsets.UTF_8);
    assertTrue(line.matches("POST / 200 \\d+ ms 4 bytes\\R"), line);
  }

  @ParameterizedTest
  @CsvSource({"GET,''", "PUT,''", "OPTIONS,''", "POST,other", "GET,?a=1"})
  void anotherRouteIsNotFound(String method, String rest) throws Exception {
    try (Front front = front(_ -> OK, Front.TIMEOUT)) {
      HttpResponse<String> response =
          send(
              HttpRequest.newBuilder(URI.create(front.uri() + rest))
                  .method(method, BodyPublishers.noBody()));
      assertEquals(
          "404 {\"message\":\"Not Found\"}", response.statusCode() + " " + response.body());
      assertEquals("application/json", header(response, "content-type"));
    }
  }

  @Test
  void aQueryStringIsNoOtherRoute() throws Exception {
    try (Front front = front(_ -> OK, Front.TIMEOUT)) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create(front.uri() + "?a=1")).POST(BodyPublishers.noBody());
      assertEquals(200, send(request).statusCode());
    }
  }

  @Test
  void whatIsTooLargeNeverReachesTheFunction() throws Exception {
    Front.Function never =
        _ -> {
          throw new AssertionError("reached");
        };
    String tooLarge = "413 {\"message\":\"Request Entity Too Large\"}";
    try (Front front = front(never, Front.TIMEOUT)) {
      for (byte[] body :
          new byte[][] {new byte[Front.BODY_BYTES + 1], new byte[Front.LAMBDA_BYTES]}) {
        HttpResponse<String> response = post(front, BodyPublishers.ofByteArray(body));
        assertEquals(tooLarge, response.statusCode() + " " + response.body());
      }
      // Each quote is two bytes of the event.
      String quotes = "\"".repeat(Front.LAMBDA_BYTES / 2);
      HttpResponse<String> response = post(front, BodyPublishers.ofString(quotes));
      assertEquals(tooLarge, response.statusCode() + " " + response.body());
    }
    assertEquals("", err.toString(StandardCharsets.UTF_8));
    try (Front front = front(_ -> OK, Front.TIMEOUT)) {
      String fits = "x".repeat(Front.LAMBDA_BYTES - 1000);
      assertEquals(200, post(front, BodyPublishers.ofString(fits)).statusCode());
    }
  }

  @Test
  void aFunctionThatFailsIsAnInternalServerError() throws Exception {
    Front.Function failing =
        _ -> {
          throw new IOException("the reason");
        };
    Front.Function tooMuch =
        _ -> "{\"statusCode\":200,\"body\":\"" + "x".repeat(Front.LAMBDA_BYTES) + "\"}";
    for (Front.Function function : new Front.Function[] {failing, tooMuch, _ -> "garbage"}) {
      try (Front front = front(function, Front.TIMEOUT)) {
        HttpResponse<String> response = post(front, BodyPublishers.ofString("{}"));
        assertEquals(
            "500 {\"message\":\"Internal Server Error\"}",
            response.statusCode() + " " + response.body());
      }
    }
    assertTrue(err.toString(StandardCharsets.UTF_8).contains("the reason"));
  }

  @Test
  void aFunctionThatTakesTooLongIsUnavailable() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    Front.Function slow =
        _ -> {
          never.await();
          return OK;
        };
    try (Front front = front(slow, Duration.ofMillis(20))) {
      HttpResponse<String> response = post(front, BodyPublishers.ofString("{}"));
      assertEquals(
          "503 {\"message\":\"Service Unavailable\"}",
          response.statusCode() + " " + response.body());
    }
  }

  @Test
  void thePortIsTakenUntilItIsClosed() throws Exception {
    Front front = front(_ -> OK, Front.TIMEOUT);
    int port = front.port();
    assertThrows(BindException.class, () -> Front.bind(port, print(out), print(err)));
    front.close();
    assertThrows(ConnectException.class, () -> post(front, BodyPublishers.ofString("{}")));
    Front.bind(port, print(out), print(err)).close();
  }

  private Front front(Front.Function function, Duration timeout) throws IOException {
    Front front = Front.bind(0, timeout, print(out), print(err));
    front.serve(function);
    return front;
  }

  private static PrintStream print(ByteArrayOutputStream to) {
    return new PrintStream(to, true, StandardCharsets.UTF_8);
  }

  private static HttpResponse<String> post(Front front, BodyPublisher body) throws Exception {
    return send(
        HttpRequest.newBuilder(front.uri()).header("Content-Type", "application/json").POST(body));
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request.build(), BodyHandlers.ofString());
    }
  }

  private static String header(HttpResponse<String> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }
}
