package dsql.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Replies into responses.
@Tag("unit")
class AnswerTest {

  @Test
  void aResponseIsPassedOn() {
    Answer answer =
        Answer.of(
            """
            {"statusCode":201,"headers":{"Content-Type":"application/json","retry-after":1,"Date":"now"},
             "cookies":["a=1","b=2"],"body":"{\\"é\\":1}","isBase64Encoded":false}\
            """);
    assertEquals(201, answer.status());
    assertEquals(
        List.of(
            Map.entry("content-type", "application/json"),
            Map.entry("retry-after", "1"),
            Map.entry("set-cookie", "a=1"),
            Map.entry("set-cookie", "b=2")),
        answer.headers());
    assertEquals("{\"é\":1}", new String(answer.body(), StandardCharsets.UTF_8));
  }

  @Test
  void base64IsDecodedAndAbsentFieldsHaveDefaults() {
    Answer answer =
        Answer.of("{\"statusCode\":\"404\",\"body\":\"/+8=\",\"isBase64Encoded\":true}");
    assertEquals(404, answer.status());
    assertEquals(List.of(Map.entry("content-type", "text/plain;charset=UTF-8")), answer.headers());
    assertEquals("ffef", HexFormat.of().formatHex(answer.body()));
    assertEquals(0, Answer.of("{\"statusCode\":204,\"body\":null}").body().length);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"{\"message\":\"hi\"}|{\"message\":\"hi\"}", "\"hi\"|hi", "[1]|[1]", "null|null"})
  void otherJsonIsASuccess(String reply, String body) {
    Answer answer = Answer.of(reply);
    assertEquals(200, answer.status());
    assertEquals(List.of(Map.entry("content-type", "application/json")), answer.headers());
    assertEquals(body, new String(answer.body(), StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "hello",
        "{\"statusCode\":200",
        "{\"statusCode\":99}",
        "{\"statusCode\":\"ok\"}",
        "{\"statusCode\":200.5}",
        "{\"statusCode\":null}",
        "{\"statusCode\":200,\"body\":{}}",
        "{\"statusCode\":200,\"body\":\"%\",\"isBase64Encoded\":true}",
        "{\"statusCode\":200,\"headers\":[]}",
        "{\"statusCode\":200,\"headers\":{\"a\":[1]}}",
        "{\"statusCode\":200,\"headers\":{\"a b\":\"c\"}}",
        "{\"statusCode\":200,\"headers\":{\"a\":\"b\\r\\nc: d\"}}",
        "{\"statusCode\":200,\"cookies\":\"a=1\"}"
      })
  void garbageIsAnInternalServerError(String reply) {
    assertSame(Answer.INTERNAL_SERVER_ERROR, Answer.of(reply));
  }
}
