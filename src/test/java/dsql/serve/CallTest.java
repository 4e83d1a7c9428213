package dsql.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Requests into events.
@Tag("unit")
class CallTest {

  private static final Instant NOW = Instant.parse("2026-11-23T09:00:00.123Z");

  @Test
  void theEventIsTheGateways() {
    Map<String, List<String>> headers = new LinkedHashMap<>();
    headers.put("Host", List.of("127.0.0.1:3000"));
    headers.put("X-Twice", List.of("a", "b,c"));
    headers.put("Cookie", List.of("one=1; two=\"2\"", "three=3"));
    headers.put("Content-Type", List.of("application/json; charset=utf-8"));
    headers.put("User-agent", List.of("curl/8.5.0"));
    headers.put("Connection", List.of("keep-alive"));
    headers.put("X-Forwarded-For", List.of("203.0.113.10"));
    Call call = call("a=1&b=x%20y+z&a=2&c&d=%zz", headers);
    assertEquals(
        """
        {"version":"2.0","routeKey":"ANY /","rawPath":"/","rawQueryString":"a=1&b=x%20y+z&a=2&c&d=%zz",\
        "cookies":["one=1","two=\\"2\\"","three=3"],\
        "headers":{"host":"127.0.0.1:3000","x-twice":"a,b,c","content-type":"application/json; charset=utf-8",\
        "user-agent":"curl/8.5.0","x-forwarded-for":"203.0.113.10, 127.0.0.1","x-forwarded-port":"3000",\
        "x-forwarded-proto":"http"},\
        "queryStringParameters":{"a":"1,2","b":"x y z","c":"","d":"%zz"},\
        "requestContext":{"accountId":"123456789012","apiId":"local","domainName":"localhost",\
        "domainPrefix":"localhost","http":{"method":"POST","path":"/","protocol":"HTTP/1.1",\
        "sourceIp":"127.0.0.1","userAgent":"curl/8.5.0"},"requestId":"JKJaXmPLvHcESHA=",\
        "routeKey":"ANY /","stage":"$default","time":"23/Nov/2026:09:00:00 +0000",\
        "timeEpoch":1795424400123},"body":"{\\"é\\":\\"\\\\n\\"}","isBase64Encoded":false}\
        """,
        call.event("{\"é\":\"\\n\"}".getBytes(StandardCharsets.UTF_8), "JKJaXmPLvHcESHA=", NOW));
  }

  @ParameterizedTest
  @CsvSource({
    "application/json, false",
    "Application/JSON;charset=utf-8, false",
    "text/csv, false",
    "application/xml, false",
    "application/javascript, false",
    "application/problem+json, true",
    "application/x-www-form-urlencoded, true",
    "application/octet-stream, true",
    "'', true",
  })
  void theTypeDecidesOfBase64(String type, boolean base64) {
    Map<String, List<String>> headers =
        type.isEmpty() ? Map.of() : Map.of("Content-Type", List.of(type));
    String event = call(null, headers).event("{}".getBytes(StandardCharsets.UTF_8), "r", NOW);
    String end =
        base64
            ? "\"body\":\"e30=\",\"isBase64Encoded\":true}"
            : "\"body\":\"{}\",\"isBase64Encoded\":false}";
    assertEquals(end, event.substring(event.indexOf("\"body\"")));
  }

  @Test
  void absentPartsOfARequestAreAbsentFromTheEvent() {
    String event = call(null, Map.of()).event(new byte[0], "r", NOW);
    assertEquals(
        "\"rawQueryString\":\"\",\"headers\":{",
        event.substring(event.indexOf("\"rawQuery"), event.indexOf("\"x-forwarded-for")));
    assertEquals(
        "},\"isBase64Encoded\":false}",
        event.substring(event.lastIndexOf('}', event.length() - 2)));
  }

  private static Call call(@Nullable String query, Map<String, List<String>> headers) {
    return new Call("POST", "/", query, "HTTP/1.1", "127.0.0.1", 3000, headers);
  }
}
