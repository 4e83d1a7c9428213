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
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The front, over HTTP, before functions that are made up.
@Tag("unit")
class HttpFrontTest {

  private static final String OK = "{\"statusCode\":200,\"body\":\"fine\"}";

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void aRequestGoesThroughAndIsPrinted() throws Exception {
    AtomicReference<String> event = new AtomicReference<>();
    HttpFront.Function function =
        text -> {
          event.set(text);
          return OK;
        };
    try (HttpFront front = front(function, HttpFront.TIMEOUT)) {
      Http.Response response = post(front, "{}");
      assertEquals("200 fine", response.toString());
      assertEquals("text/plain;charset=UTF-8", response.headers().first("content-type"));
      String requestId = response.headers().first("apigw-requestid");
      assertTrue(requestId.matches("[A-Za-z0-9+/]{15}="), requestId);
      assertTrue(event.get().contains("\"requestId\":\"" + requestId + '"'), event::get);
      assertTrue(event.get().contains("\"content-type\":\"application/json\""), event::get);
      assertTrue(event.get().contains("\"body\":\"{}\""), event::get);
    }
    String line = out.toString(StandardCharsets.UTF_8);
    assertTrue(line.matches("POST / 200 \\d+ ms 4 bytes\\R"), line);
  }

  @ParameterizedTest
  @CsvSource({"GET,other", "POST,other", "POST,other?a=1"})
  void anotherRouteIsNotFound(String method, String rest) throws Exception {
    try (HttpFront front = front(_ -> OK, HttpFront.TIMEOUT)) {
      Http.Response response = Http.send(method, URI.create(front.uri() + rest), new byte[0]);
      assertEquals("404 {\"message\":\"Not Found\"}", response.toString());
      assertEquals("application/json", response.headers().first("content-type"));
    }
  }

  @Test
  void aQueryStringIsNoOtherRoute() throws Exception {
    try (HttpFront front = front(_ -> OK, HttpFront.TIMEOUT)) {
      URI uri = URI.create(front.uri() + "?a=1");
      assertEquals(200, Http.send("POST", uri, new byte[0]).status());
    }
  }

  @Test
  void whatIsTooLargeNeverReachesTheFunction() throws Exception {
    HttpFront.Function never =
        _ -> {
          throw new AssertionError("reached");
        };
    String tooLarge = "413 {\"message\":\"Request Entity Too Large\"}";
    try (HttpFront front = front(never, HttpFront.TIMEOUT)) {
      for (byte[] body :
          new byte[][] {new byte[HttpFront.BODY_BYTES + 1], new byte[HttpFront.LAMBDA_BYTES]}) {
        Http.Response response = Http.send("POST", front.uri(), body);
        assertEquals(tooLarge, response.toString());
      }
      // Each quote is two bytes of the event.
      String quotes = "\"".repeat(HttpFront.LAMBDA_BYTES / 2);
      Http.Response response = post(front, quotes);
      assertEquals(tooLarge, response.toString());
    }
    assertEquals("", err.toString(StandardCharsets.UTF_8));
    try (HttpFront front = front(_ -> OK, HttpFront.TIMEOUT)) {
      String fits = "x".repeat(HttpFront.LAMBDA_BYTES - 1000);
      assertEquals(200, post(front, fits).status());
    }
  }

  @Test
  void aFunctionThatFailsIsAnInternalServerError() throws Exception {
    HttpFront.Function failing =
        _ -> {
          throw new IOException("the reason");
        };
    HttpFront.Function tooMuch =
        _ -> "{\"statusCode\":200,\"body\":\"" + "x".repeat(HttpFront.LAMBDA_BYTES) + "\"}";
    for (HttpFront.Function function :
        new HttpFront.Function[] {failing, tooMuch, _ -> "garbage"}) {
      try (HttpFront front = front(function, HttpFront.TIMEOUT)) {
        Http.Response response = post(front, "{}");
        assertEquals("500 {\"message\":\"Internal Server Error\"}", response.toString());
      }
    }
    assertTrue(err.toString(StandardCharsets.UTF_8).contains("the reason"));
  }

  @Test
  void aFunctionThatTakesTooLongIsUnavailable() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    HttpFront.Function slow =
        _ -> {
          never.await();
          return OK;
        };
    try (HttpFront front = front(slow, Duration.ofMillis(20))) {
      Http.Response response = post(front, "{}");
      assertEquals("503 {\"message\":\"Service Unavailable\"}", response.toString());
    }
  }

  @Test
  void thePortIsTakenUntilItIsClosed() throws Exception {
    HttpFront front = front(_ -> OK, HttpFront.TIMEOUT);
    int port = front.port();
    assertThrows(BindException.class, () -> HttpFront.bind(port, print(out), print(err)));
    front.close();
    assertThrows(ConnectException.class, () -> post(front, "{}"));
    HttpFront.bind(port, print(out), print(err)).close();
  }

  private HttpFront front(HttpFront.Function function, Duration timeout) throws IOException {
    HttpFront front = HttpFront.bind(0, timeout, print(out), print(err));
    front.serve(function);
    return front;
  }

  private static PrintStream print(ByteArrayOutputStream to) {
    return new PrintStream(to, true, StandardCharsets.UTF_8);
  }

  private static Http.Response post(HttpFront front, String body) throws IOException {
    return Http.post(front.uri(), body);
  }
}
