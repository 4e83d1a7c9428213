package dsql.lambda.endtoend;

import static dsql.JsonAssert.at;
import static dsql.JsonAssert.object;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import dsql.LogLines;
import dsql.SharedDsql;
import dsql.Tables;
import dsql.db.jdbc.ReplyLimit;
import dsql.lambda.LocalFunction;
import dsql.local.LocalDsql;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a [Lambda Function URL](https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html)
/// sends goes through the HTTP door, to real rows.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class FunctionUrlEndToEndTest {

  private static final String QUERY = "{\"action\":\"query\",\"table\":\"url\"}";
  private static final String INSERT =
      "{\"action\":\"insert\",\"table\":\"url\",\"rows\":[{\"id\":1,\"note\":\"\\\"quoted\\\" é\"}]}";

  /// The caller of an URL with AuthType AWS_IAM.
  private static final String IAM =
      """
      {"iam":{"accessKey":"AKIAIOSFODNN7EXAMPLE","accountId":"111122223333",
       "callerId":"AIDACKCEVSQ6C2EXAMPLE","cognitoIdentity":null,"principalOrgId":null,
       "userArn":"arn:aws:iam::111122223333:user/example-user","userId":"AIDACOSFODNN7EXAMPLE2"}}\
      """;

  private final LogLines log = new LogLines();
  private final LocalFunction function;
  private final LocalDsql dsql;

  FunctionUrlEndToEndTest(LocalDsql dsql) {
    this.dsql = dsql;
    this.function = new LocalFunction(dsql, Map.of(), log);
  }

  @BeforeEach
  void freshTable() throws SQLException {
    Tables.drop(dsql, "dsql_ledger");
    Tables.fresh(dsql, "url", "id integer PRIMARY KEY, note text");
  }

  @AfterEach
  void close() throws SQLException {
    function.close();
    Tables.drop(dsql, "url");
  }

  @Test
  void aSignedRequestGoesThroughTheHttpDoor() {
    JsonObject inserted = send("POST", "/", IAM, "application/json", INSERT, false);
    assertEquals("200", at(inserted, "statusCode"));
    assertEquals("application/json", at(inserted, "headers/content-type"));
    assertEquals("false", at(inserted, "isBase64Encoded"));
    JsonObject queried = send("POST", "/", IAM, "application/json", QUERY, false);
    assertEquals("\"quoted\" é", at(at(queried, "body"), "rows/0/note"));
    assertEquals("http", at(log.invocation(), "door"));
    assertEquals("Root=1-68ff1d2c-0123456789abcdef01234567", at(log.invocation(), "callerTrace"));
  }

  /// AuthType NONE: there is nobody to tell of.
  @ParameterizedTest
  @ValueSource(strings = {"null", "{}"})
  void anUnsignedRequestGoesThroughTheHttpDoor(String authorizer) {
    JsonObject reply = send("POST", "/", authorizer, "application/json", INSERT, false);
    assertEquals("200", at(reply, "statusCode"));
  }

  @Test
  void theKeyOfItsHeaderMakesAnInsertHappenOnce() {
    send("POST", "/", IAM, "application/json", INSERT, false);
    JsonObject again = send("POST", "/", IAM, "application/json", INSERT, false);
    assertEquals("true", at(at(again, "body"), "replayed"));
  }

  /// It passes every path on, and so does a stage of an HTTP API that has a name.
  @ParameterizedTest
  @ValueSource(strings = {"/orders", "/prod/", "/a/b%20c", "//"})
  void everyPathLeadsToTheHttpDoor(String path) {
    JsonObject reply = send("POST", path, IAM, "application/json", QUERY, false);
    assertEquals("200", at(reply, "statusCode"));
  }

  /// Any type that it does not know for text comes in base64.
  @Test
  void aBodyInBase64IsDecoded() {
    String body = Base64.getEncoder().encodeToString(INSERT.getBytes(StandardCharsets.UTF_8));
    JsonObject taken = send("POST", "/", IAM, "application/vnd.api+json", body, true);
    assertEquals("200", at(taken, "statusCode"));
    for (String type :
        new String[] {"application/octet-stream", "application/x-www-form-urlencoded"}) {
      JsonObject refused = send("POST", "/", IAM, type, body, true);
      assertEquals("415", at(refused, "statusCode"));
      assertEquals("unsupported_media_type", at(at(refused, "body"), "code"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
  void anotherMethodIsRefused(String method) {
    JsonObject refused = send(method, "/favicon.ico", "null", null, null, false);
    assertEquals("405", at(refused, "statusCode"));
    assertEquals("POST", at(refused, "headers/allow"));
  }

  /// Buffered, its limit is Lambda's own for a reply, escapes counted.
  @Test
  void aFullPageFits() throws SQLException {
    Tables.run(
        dsql,
        "INSERT INTO public.url SELECT i, repeat('\"\\', 500) FROM generate_series(1, 8000) i");
    String query = QUERY.replace("}", ",\"limit\":10000}");
    String reply = function.invoke(event("POST", "/", IAM, "application/json", query, false));
    int bytes = reply.getBytes(StandardCharsets.UTF_8).length;
    assertTrue(
        bytes <= ReplyLimit.LAMBDA_REPLY_BYTES && bytes > ReplyLimit.LAMBDA_REPLY_BYTES - 20_000,
        "bytes: " + bytes);
    assertEquals("bytes", at(at(reply, "body"), "page/truncatedBy"));
  }

  private JsonObject send(
      String method,
      String path,
      String authorizer,
      @Nullable String type,
      @Nullable String body,
      boolean base64) {
    return object(function.invoke(event(method, path, authorizer, type, body, base64)));
  }

  private static String event(
      String method,
      String path,
      String authorizer,
      @Nullable String type,
      @Nullable String body,
      boolean base64) {
    return """
    {"version":"2.0","routeKey":"$default","rawPath":"%2$s",
     "rawQueryString":"parameter1=value1&parameter1=value2","cookies":["cookie1=a","cookie2=b"],
     "headers":{"x-amzn-tls-version":"TLSv1.3","x-amz-date":"20261125T120000Z",
      "x-forwarded-proto":"https","x-forwarded-port":"443","x-forwarded-for":"192.0.2.1",
      "x-amzn-tls-cipher-suite":"TLS_AES_128_GCM_SHA256","accept":"*/*",
      "x-amzn-trace-id":"Root=1-68ff1d2c-0123456789abcdef01234567","idempotency-key":"url-1",%4$s
      "host":"abcdefghijklmnopqrstuvwxyz012345.lambda-url.us-east-1.on.aws","user-agent":"curl/8.5.0"},
     "queryStringParameters":{"parameter1":"value1,value2"},
     "requestContext":{"accountId":"111122223333","apiId":"abcdefghijklmnopqrstuvwxyz012345",
      "authentication":null,"authorizer":%3$s,
      "domainName":"abcdefghijklmnopqrstuvwxyz012345.lambda-url.us-east-1.on.aws",
      "domainPrefix":"abcdefghijklmnopqrstuvwxyz012345",
      "http":{"method":"%1$s","path":"%2$s","protocol":"HTTP/1.1","sourceIp":"192.0.2.1",
       "userAgent":"curl/8.5.0"},
      "requestId":"e1506fd5-9e7b-434f-bd42-4f8fa224b599","routeKey":"$default","stage":"$default",
      "time":"25/Nov/2026:12:00:00 +0000","timeEpoch":1795608000000},
     "body":%5$s,"pathParameters":null,"isBase64Encoded":%6$s,"stageVariables":null}\
    """
        .formatted(
            method,
            path,
            authorizer,
            type == null ? "" : "\"content-type\":\"" + type + "\",",
            new Gson().toJson(body),
            base64);
  }
}
