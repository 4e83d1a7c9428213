package dsql.lambda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPResponse;
import dsql.action.Failure;
import dsql.action.Identifier;
import dsql.action.InvalidRequest;
import dsql.action.Problem;
import dsql.action.Problem.Code;
import dsql.action.Result;
import dsql.codec.ResultEncoder;
import dsql.json.JsonWriter;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("unit")
class HttpDoorTest {

  private static final String BODY = "{\"action\":\"query\",\"table\":\"Zoë\"}";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=utf-8",
        " application/json ",
        "application/vnd.api+json"
      })
  void takesJson(String contentType) {
    assertEquals(BODY, decoded(post(Optional.of(contentType), BODY, false)));
  }

  @Test
  void takesABodyWithoutType() {
    assertEquals(BODY, decoded(post(Optional.empty(), BODY, false)));
  }

  @Test
  void takesBase64() {
    String base64 = Base64.getEncoder().encodeToString(BODY.getBytes(StandardCharsets.UTF_8));
    assertEquals(BODY, decoded(post(Optional.empty(), base64, true)));
    assertRefused(Code.MALFORMED_JSON, post(Optional.empty(), base64, false));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/plain",
        "text/json",
        "application/x-www-form-urlencoded",
        "application/jsonx",
        "application/octet-stream;+json",
        "image/svg+json",
        ""
      })
  void refusesOtherTypes(String contentType) {
    assertRefused(Code.UNSUPPORTED_MEDIA_TYPE, post(Optional.of(contentType), BODY, false));
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "post", ""})
  void refusesOtherMethods(String method) {
    assertRefused(
        Code.METHOD_NOT_ALLOWED,
        new Invocation.Http(
            method,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of(BODY),
            false));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      textBlock =
          """
          ``,false
          {,false
          not json,false
          {} {},false
          ``,true
          %%%,true
          /w==,true
          """)
  void refusesABodyThatIsNotJsonOrNotBase64(String body, boolean base64) {
    assertRefused(Code.MALFORMED_JSON, post(Optional.empty(), body, base64));
  }

  @Test
  void refusesARequestWithoutABody() {
    assertRefused(
        Code.MALFORMED_JSON,
        new Invocation.Http(
            "POST", Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), false));
  }

  @Test
  void refusesABodyThatIsTooLarge() {
    assertRefused(Code.REQUEST_TOO_LARGE, post(Optional.empty(), " ".repeat(6_291_557), false));
  }

  @Test
  void keepsTheFaultsOfTheBody() {
    InvalidRequest invalid =
        assertThrows(
            InvalidRequest.class,
            () ->
                HttpDoor.action(post(Optional.empty(), "{\"a\":1,\"a\":2}", false))
                    .faults()
                    .throwIfAny());
    assertEquals("/a", invalid.faults().getFirst().pointer());
  }

  @Test
  void answersAResult() {
    Result created = new Result.Created(new Identifier("t"), true, List.of());
    Reply.Http reply = HttpDoor.reply(created, ResultEncoder.encode(created));
    APIGatewayV2HTTPResponse response = reply.response();
    assertEquals(201, response.getStatusCode());
    assertEquals(Map.of("content-type", "application/json"), response.getHeaders());
    assertArrayEquals(ResultEncoder.encode(created), reply.json());
    for (Result other :
        List.of(new Result.Created(new Identifier("t"), false, List.of()), inserted(3, 3))) {
      assertEquals(200, reply(other).getStatusCode());
    }
    assertEquals(207, reply(inserted(3, 2)).getStatusCode());
  }

  @ParameterizedTest
  @EnumSource(Code.class)
  void answersAProblem(Code code) {
    byte[] json = ResultEncoder.encode(Problem.of(code, "Zoë"), null, 0, "r");
    Reply.Http reply = HttpDoor.reply(Problem.of(code, "Zoë"), json);
    APIGatewayV2HTTPResponse response = reply.response();
    assertEquals(code.status(), response.getStatusCode());
    assertArrayEquals(json, reply.json());
    Map<String, String> headers = response.getHeaders();
    assertEquals("application/problem+json", headers.get("content-type"));
    assertEquals(code == Code.METHOD_NOT_ALLOWED ? "POST" : null, headers.get("allow"));
    boolean later = code.status() == 429 || code.status() == 503;
    assertEquals(later ? "1" : null, headers.get("retry-after"));
  }

  @Test
  void isWrittenAsApiGatewayReadsIt() {
    Reply reply =
        HttpDoor.reply(
            Problem.of(Code.INTERNAL, ""), "{\"é\":\"\\\\\"}".getBytes(StandardCharsets.UTF_8));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new InvocationSerializer().toJson(reply, out, Reply.class);
    assertEquals(
        "{\"statusCode\":500,\"headers\":{\"content-type\":\"application/problem+json\"},"
            + "\"body\":\"{\\\"é\\\":\\\"\\\\\\\\\\\"}\",\"isBase64Encoded\":false}",
        out.toString(StandardCharsets.UTF_8));
  }

  private static APIGatewayV2HTTPResponse reply(Result result) {
    return HttpDoor.reply(result, ResultEncoder.encode(result)).response();
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "br", "deflate", "GZIP", "identity, gzip", "zstd", "x"})
  void namesTheContentEncodingThatItRefuses(String coding) {
    Failure refused =
        assertThrows(
            Failure.class, () -> HttpDoor.action(encoded(coding, "H4sIAAAAAAAA/6tWAgA=", true)));
    assertEquals(Code.UNSUPPORTED_MEDIA_TYPE, refused.problem().code());
    assertTrue(refused.problem().detail().contains("Content-Encoding"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"identity", "Identity", "", " "})
  void takesABodyThatIsNotEncoded(String coding) {
    assertEquals(BODY, decoded(encoded(coding, BODY, false)));
  }

  private static Invocation.Http encoded(String coding, String body, boolean base64) {
    return new Invocation.Http(
        "POST",
        Optional.of("application/json"),
        Optional.of(coding),
        Optional.empty(),
        Optional.of(body),
        base64);
  }

  private static Invocation.Http post(Optional<String> contentType, String body, boolean base64) {
    return new Invocation.Http(
        "POST", contentType, Optional.empty(), Optional.empty(), Optional.of(body), base64);
  }

  private static String decoded(Invocation.Http http) {
    JsonWriter out = new JsonWriter();
    HttpDoor.action(http).action().writeTo(out);
    return out.toString();
  }

  private static void assertRefused(Code code, Invocation.Http http) {
    Problem problem = assertThrows(Failure.class, () -> HttpDoor.action(http)).problem();
    assertEquals(code, problem.code());
    assertNotNull(problem.detail());
  }

  private static Result inserted(int received, int handled) {
    return new Result.Inserted(
        new Identifier("t"), false, 1, 0, received, handled, 1, Optional.empty(), List.of());
  }
}
