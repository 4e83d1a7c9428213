package dsql.lambda.endtoend;

import static dsql.JsonAssert.at;
import static dsql.JsonAssert.object;
import static dsql.JsonAssert.problem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import dsql.LogLines;
import dsql.SharedDsql;
import dsql.lambda.LocalFunction;
import dsql.lambda.RequestRejected;
import dsql.local.LocalDsql;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// An event that comes through no door is refused in the form that its sender can read, and told
/// what it was taken for. Events as AWS documents them.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class UnknownEventsEndToEndTest {

  private static final String ACTION = "{\\\"action\\\":\\\"query\\\",\\\"table\\\":\\\"t\\\"}";

  private static final String REST =
      """
      {"resource":"/","path":"/","httpMethod":"POST",
       "headers":{"Content-Type":"application/json","Host":"a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
        "X-Amzn-Trace-Id":"Root=1-68ff1d2c-0123456789abcdef01234567"},
       "multiValueHeaders":{"Content-Type":["application/json"]},
       "queryStringParameters":null,"multiValueQueryStringParameters":null,"pathParameters":null,
       "stageVariables":null,
       "requestContext":{"resourceId":"2gxmpl","resourcePath":"/","httpMethod":"POST",
        "extendedRequestId":"JJbxmplHYosFVYQ=","requestTime":"25/Nov/2026:12:00:00 +0000",
        "path":"/Prod/","accountId":"123456789012","protocol":"HTTP/1.1","stage":"Prod",
        "domainPrefix":"a1b2c3d4e5","requestTimeEpoch":1795608000000,
        "requestId":"77375676-xmpl-4b79-853a-f982474efe18",
        "identity":{"sourceIp":"192.0.2.1","userAgent":"curl/8.5.0"},
        "domainName":"a1b2c3d4e5.execute-api.us-east-1.amazonaws.com","apiId":"a1b2c3d4e5"},
       "body":"%s","isBase64Encoded":false}\
      """
          .formatted(ACTION);

  private static final String PAYLOAD_1_0 = REST.replaceFirst("\\{", "{\"version\":\"1.0\",");

  private static final String BALANCER =
      """
      {"requestContext":{"elb":{"targetGroupArn":"arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/dsql/49e9d65c45c6791a"}},
       "httpMethod":"POST","path":"/","queryStringParameters":{},
       "headers":{"content-type":"application/json","host":"lb.us-east-1.elb.amazonaws.com",
        "x-amzn-trace-id":"Root=1-68ff1d2c-0123456789abcdef01234567"},
       "body":"%s","isBase64Encoded":false}\
      """
          .formatted(ACTION);

  private static final String BALANCER_MULTI_VALUE =
      BALANCER
          .replace("\"queryStringParameters\"", "\"multiValueQueryStringParameters\"")
          .replaceFirst(
              "(?s)\"headers\":\\{.*?\\},",
              "\"multiValueHeaders\":{\"content-type\":[\"application/json\"]},");

  private static final String WEB_SOCKET =
      """
      {"requestContext":{"routeKey":"$default","messageId":"GXLKJfX4FiACG1w=","eventType":"MESSAGE",
        "extendedRequestId":"GXLKJGkzFiAFWPg=","requestTime":"25/Nov/2026:12:00:00 +0000",
        "messageDirection":"IN","stage":"prod","connectedAt":1795608000000,
        "requestTimeEpoch":1795608000001,"identity":{"sourceIp":"192.0.2.1"},
        "requestId":"GXLKJGkzFiAFWPg=","domainName":"abcdef1234.execute-api.us-east-1.amazonaws.com",
        "connectionId":"GXLKAfX1FiACG1w=","apiId":"abcdef1234"},
       "body":"%s","isBase64Encoded":false}\
      """
          .formatted(ACTION);

  private static final String LATTICE =
      """
      {"version":"2.0","path":"/","method":"POST","headers":{"content-type":["application/json"]},
       "body":"%s","isBase64Encoded":false,
       "requestContext":{"serviceNetworkArn":"arn:aws:vpc-lattice:us-east-1:123456789012:servicenetwork/sn-0bf3f2882e9cc805a",
        "serviceArn":"arn:aws:vpc-lattice:us-east-1:123456789012:service/svc-0a40eebed65f8d69c",
        "targetGroupArn":"arn:aws:vpc-lattice:us-east-1:123456789012:targetgroup/tg-6d0ecf831eec9f09",
        "region":"us-east-1","timeEpoch":"1795608000000000"}}\
      """
          .formatted(ACTION);

  private static final String LATTICE_1 =
      """
      {"raw_path":"/","method":"POST","headers":{"content-type":"application/json"},
       "query_string_parameters":{},"body":"%s","is_base64_encoded":false}\
      """
          .formatted(ACTION);

  private final LogLines log = new LogLines();
  private final LocalFunction function;

  UnknownEventsEndToEndTest(LocalDsql dsql) {
    this.function = new LocalFunction(dsql, Map.of(), log);
  }

  @AfterEach
  void close() {
    function.close();
  }

  @Test
  void aRestApiIsAnsweredAResponse() {
    assertGatewayResponse(REST, "REST API", "PayloadFormatVersion 2.0", "Function URL");
    assertGatewayResponse(REST.replace("POST", "GET"), "REST API");
    // What is typed by hand after the documentation.
    assertGatewayResponse(
        "{\"httpMethod\":\"POST\",\"path\":\"/\",\"body\":\"{}\"}", "REST API", "Function URL");
  }

  @Test
  void anHttpApiOfPayloadVersion1IsAnsweredAResponse() {
    assertGatewayResponse(
        PAYLOAD_1_0, "payload version 1.0", "PayloadFormatVersion 2.0", "Function URL");
  }

  @Test
  void aWebSocketAndALatticeAreAnsweredAResponse() {
    assertGatewayResponse(WEB_SOCKET, "WebSocket", "HTTP API");
    assertGatewayResponse(
        WEB_SOCKET.replace("MESSAGE", "CONNECT").replaceFirst("\"body\":\".*?\\}\",", ""),
        "WebSocket");
    assertGatewayResponse(LATTICE, "VPC Lattice", "Function URL");
    assertGatewayResponse(LATTICE_1, "VPC Lattice", "Function URL");
  }

  @Test
  void aLoadBalancerIsAnsweredWithADescriptionOfTheStatus() {
    JsonObject response = object(function.invoke(BALANCER));
    assertEquals(
        Set.of("statusCode", "statusDescription", "headers", "body", "isBase64Encoded"),
        response.keySet());
    assertEquals("400 Bad Request", at(response, "statusDescription"));
    assertEquals("application/problem+json", at(response, "headers/content-type"));
    assertRefused(response, "Application Load Balancer", "ALB", "Function URL");
  }

  /// It reads the headers in the form in which it sends them, and in no other.
  @Test
  void aLoadBalancerOfManyValuesIsAnsweredInKind() {
    JsonObject response = object(function.invoke(BALANCER_MULTI_VALUE));
    assertEquals(
        Set.of("statusCode", "statusDescription", "multiValueHeaders", "body", "isBase64Encoded"),
        response.keySet());
    assertEquals("[\"application/problem+json\"]", at(response, "multiValueHeaders/content-type"));
    assertRefused(response, "Application Load Balancer");
  }

  @Test
  void aHealthCheckOfALoadBalancerFindsTheTargetUnhealthy() {
    String check =
        BALANCER
            .replace("POST", "GET")
            .replace("x-amzn-trace-id", "user-agent")
            .replaceAll("Root=[^\"]*", "ELB-HealthChecker/2.0");
    assertEquals("400", at(function.invoke(check), "statusCode"));
  }

  private void assertGatewayResponse(String event, String... told) {
    JsonObject response = object(function.invoke(event));
    // API Gateway takes a response with any other member for malformed.
    assertEquals(Set.of("statusCode", "headers", "body", "isBase64Encoded"), response.keySet());
    assertEquals(
        "{\"content-type\":\"application/problem+json\"}", response.get("headers").toString());
    assertRefused(response, told);
  }

  private void assertRefused(JsonObject response, String... told) {
    assertEquals("400", response.get("statusCode").toString());
    assertEquals("false", response.get("isBase64Encoded").toString());
    JsonObject problem = object(at(response, "body"));
    assertEquals("unknown_event", at(problem, "code"));
    assertEquals("400", at(problem, "status"));
    assertEquals("not_committed", at(problem, "outcome"));
    assertTold(problem, told);
    assertLogged();
  }

  private static void assertTold(JsonObject problem, String... told) {
    String detail = at(problem, "detail");
    for (String words : told) {
      assertTrue(detail.contains(words), () -> words + " in " + detail);
    }
  }

  /// As the failure that it is, whichever way it is told.
  private void assertLogged() {
    JsonObject line = log.invocation();
    assertEquals("WARN", at(line, "level"));
    assertEquals("direct", at(line, "door"));
    assertEquals("not_committed", at(line, "outcome"));
    assertEquals("unknown_event", at(line, "code"));
    assertFalse(line.has("action"), line::toString);
    assertEquals("0", at(line, "attempts"));
    assertTrue(Integer.parseInt(at(line, "bytes")) > 200, line::toString);
    assertEquals("1", at(log.metrics(), "Problems"));
  }

  /// Whoever sends these reads no reply, or an error as well: the invocation fails.
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      textBlock =
          """
          {"Records":[{"messageId":"059f36b4-87a3-44ab-83d2-661975830a7d","receiptHandle":"AQEB","body":"{}","attributes":{},"messageAttributes":{},"md5OfBody":"e4e6","eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:us-east-1:123456789012:q","awsRegion":"us-east-1"}]} | SQS | idempotencyKey
          {"Records":[{"EventVersion":"1.0","EventSubscriptionArn":"arn:aws:sns:us-east-1:123456789012:t:21be","EventSource":"aws:sns","Sns":{"Message":"{}"}}]} | SNS | by itself
          {"Records":[{"kinesis":{"data":"e30="},"eventSource":"aws:kinesis"}]} | Kinesis | by itself
          {"Records":[{"eventID":"1","eventName":"INSERT","eventSource":"aws:dynamodb","dynamodb":{}}]} | DynamoDB | by itself
          {"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{}}]} | S3 | by itself
          {"Records":[{"eventSource":"aws:ses","ses":{}}]} | SES | by itself
          {"Records":[{"eventSource":"my:own"}]} | batch of records | by itself
          {"Records":[]} | batch of records | by itself
          {"eventSource":"aws:kafka","eventSourceArn":"arn:aws:kafka:us-east-1:123456789012:cluster/c","records":{"t-0":[]}} | Kafka | by itself
          {"eventSource":"aws:mq","messages":[]} | Amazon MQ | by itself
          [{"messageId":"m","body":"{}","eventSource":"aws:sqs"}] | array | by itself
          [{"action":"query","table":"t"}] | array | by itself
          {"version":"0","id":"i","detail-type":"Order placed","source":"my.app","account":"123456789012","time":"2026-11-25T12:00:00Z","region":"us-east-1","resources":[],"detail":{"orderId":7}} | EventBridge | InputTransformer
          {"version":"0","id":"i","detail-type":"Order placed","source":"my.app","detail":{"action":"query","table":"t"}} | EventBridge | $.detail
          {"version":"0","id":"i","detail-type":"Scheduled Event","source":"my.app","detail":{}} | EventBridge | aws.scheduler
          {"version":"0","id":"i","detail-type":"EC2 Instance State-change Notification","source":"aws.ec2","detail":{}} | EventBridge | InputTransformer
          {"input":{"action":"query","table":"t"}} | /input | at the top
          {"Payload":{"action":"query","table":"t"},"FunctionName":"f"} | /Payload | at the top
          {"token":"AAAA","a/b":{"action":"query"}} | /a~1b | at the top
          {"version":"1.0","timestamp":"2026-11-25T12:00:00Z","requestContext":{"requestId":"r","condition":"RetriesExhausted","approximateInvokeCount":3},"requestPayload":{"action":"insert"},"responseContext":{"statusCode":200,"functionError":"Unhandled"}} | /requestPayload | at the top
          {"key1":"value1","key2":"value2","key3":"value3"} | does not accept events of this form | action object
          {"table":"t","rows":[]} | does not accept events of this form | action object
          {"requestContext":null,"httpMethod":null} | does not accept events of this form | action object
          "query" | a string | action object
          null | null | action object
          7 | a number | action object
          """)
  void otherEventsFailTheInvocation(String event, String recognised, String remedy) {
    JsonObject problem = problem(RequestRejected.class, () -> function.invoke(event));
    assertEquals("unknown_event", at(problem, "code"));
    assertTold(problem, recognised, remedy);
    assertLogged();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"source\":\"serverless-plugin-warmup\"}",
        "{\"Event\":{\"source\":\"serverless-plugin-warmup\"},\"source\":\"serverless-plugin-warmup\"}",
        "{\"warmer\":true,\"concurrency\":1}",
        "{\"ping\":true}",
        "{\"warmup\":true}",
        "{\"warmUp\":1}",
        "{\"warm-up\":\"yes\"}",
        "{\"keep_warm\":true}"
      })
  void aWarmUpPingIsToldWhatKeepsTheFunctionWarm(String ping) {
    JsonObject problem = problem(RequestRejected.class, () -> function.invoke(ping));
    assertEquals("unknown_event", at(problem, "code"));
    assertTold(problem, "SnapStart", "Scheduled Event", "empty detail", "tick");
    assertLogged();
  }

  /// Whatever else it has, the action at its top goes first.
  @Test
  void anActionIsNeverTakenForAnotherEvent() {
    for (String event : List.of(REST, BALANCER, WEB_SOCKET, LATTICE, "{\"ping\":true}")) {
      for (String action : List.of("\"query\"", "null", "{}")) {
        String asked = event.replaceFirst("\\{", "{\"action\":" + action + ",");
        JsonObject problem = problem(RequestRejected.class, () -> function.invoke(asked));
        assertEquals("invalid_request", at(problem, "code"), asked);
      }
    }
  }

  @Test
  void namesOfTheEventAreCutInTheProblem() {
    String event = "{\"" + "n".repeat(100_000) + "\":{\"action\":\"query\"}}";
    JsonObject problem = problem(RequestRejected.class, () -> function.invoke(event));
    assertTrue(at(problem, "detail").length() < 3_000);
    assertTold(problem, "at the top");
  }
}
