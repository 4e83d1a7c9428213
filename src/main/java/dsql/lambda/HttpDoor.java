package dsql.lambda;

import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPResponse;
import dsql.action.Failure;
import dsql.action.Faults;
import dsql.action.IdempotencyKey;
import dsql.action.Problem;
import dsql.action.Result;
import dsql.codec.RequestText;
import dsql.db.jdbc.ReplyLimit;
import dsql.json.JsonText;
import dsql.json.JsonWriter;
import dsql.lambda.Invocation.ActionText;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Decodes HTTP requests and encodes HTTP responses.

final class HttpDoor {

  private static final Map<String, String> JSON = Map.of("content-type", "application/json");

  /// Limit on the body of a successful response, in which an escaped character counts twice.
  static final ReplyLimit LIMIT =
      new ReplyLimit(
          ReplyLimit.LAMBDA_REPLY_BYTES - encode(reply(200, JSON, new byte[0])).length, true);

  private HttpDoor() {}

  /// The key in a request's header, if there is one.
  ///
  /// @throws Failure when it is not a valid key
  static Optional<IdempotencyKey> key(Invocation.Http http) {
    if (http.idempotencyKey().isEmpty()) {
      return Optional.empty();
    }
    String text = http.idempotencyKey().get();
    Optional<String> fault = IdempotencyKey.fault(text);
    if (fault.isPresent()) {
      throw failure(
          Problem.Code.INVALID_REQUEST, "The header Idempotency-Key: " + fault.get() + ".");
    }
    return Optional.of(new IdempotencyKey(text));
  }

  /// The action object of a request.
  ///
  /// @throws Failure when the method, the type or the body is not one that the function accepts
  static ActionText action(Invocation.Http http) {
    if (!http.method().equals("POST")) {
      throw failure(Problem.Code.METHOD_NOT_ALLOWED, "Use POST, with the action object as body.");
    }
    if (http.contentEncoding().isPresent() && !isIdentity(http.contentEncoding().get())) {
      throw failure(
          Problem.Code.UNSUPPORTED_MEDIA_TYPE,
          "The body has a Content-Encoding; send it as it is, without compression and without that"
              + " header.");
    }
    if (http.contentType().isPresent() && !isJson(http.contentType().get())) {
      throw failure(
          Problem.Code.UNSUPPORTED_MEDIA_TYPE, "Send the header Content-Type: application/json.");
    }
    String text = http.body().orElse("");
    if (http.base64()) {
      text = decoded(text);
    }
    if (text.length() > ReplyLimit.LAMBDA_REPLY_BYTES) {
      throw failure(
          Problem.Code.REQUEST_TOO_LARGE,
          "A request has at most " + ReplyLimit.LAMBDA_REPLY_BYTES + " bytes.");
    }
    Faults faults = new Faults();
    try {
      return new ActionText(RequestText.parse(text, faults), faults);
    } catch (JsonText.Malformed e) {
      throw failure(Problem.Code.MALFORMED_JSON, "The body is not valid JSON: " + e.getMessage());
    }
  }

  /// Whether a content encoding leaves the body as it is.
  private static boolean isIdentity(String contentEncoding) {
    for (String coding : contentEncoding.split(",", -1)) {
      if (!coding.isBlank() && !coding.strip().equalsIgnoreCase("identity")) {
        return false;
      }
    }
    return true;
  }

  private static boolean isJson(String contentType) {
    int parameters = contentType.indexOf(';');
    String type =
        (parameters < 0 ? contentType : contentType.substring(0, parameters))
            .strip()
            .toLowerCase(Locale.ROOT);
    return type.equals("application/json")
        || (type.startsWith("application/") && type.endsWith("+json"));
  }

  private static String decoded(String base64) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(Base64.getDecoder().decode(base64)))
          .toString();
    } catch (CharacterCodingException e) {
      throw failure(Problem.Code.MALFORMED_JSON, "The body is not UTF-8.");
    } catch (IllegalArgumentException e) {
      throw failure(
          Problem.Code.MALFORMED_JSON, "The body is flagged as base64 but does not decode.");
    }
  }

  private static Failure failure(Problem.Code code, String detail) {
    return new Failure(code, detail);
  }

  static Reply.Http reply(Result result, byte[] json) {
    int status =
        switch (result) {
          case Result.Created created -> created.created() ? 201 : 200;
          case Result.Inserted inserted -> inserted.partial() ? 207 : 200;
          case Result.Queried _, Result.Ticked _ -> 200;
        };
    return reply(status, JSON, json);
  }

  static Reply.Http reply(Problem problem, byte[] json) {
    int status = problem.code().status();
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("content-type", "application/problem+json");
    if (status == 429 || status == 503) {
      headers.put("retry-after", "1");
    }
    if (status == 405) {
      headers.put("allow", "POST");
    }
    return reply(status, headers, json);
  }

  private static Reply.Http reply(int status, Map<String, String> headers, byte[] body) {
    return new Reply.Http(
        APIGatewayV2HTTPResponse.builder().withStatusCode(status).withHeaders(headers).build(),
        body);
  }

  /// The response in the form that API Gateway reads: JSON with the body as a string.
  static byte[] encode(Reply.Http reply) {
    APIGatewayV2HTTPResponse response = reply.response();
    JsonWriter out = new JsonWriter(reply.json().length + reply.json().length / 4 + 256);
    out.beginObject().name("statusCode").value(response.getStatusCode());
    out.name("headers").beginObject();
    for (Map.Entry<String, String> header : response.getHeaders().entrySet()) {
      out.name(header.getKey()).value(header.getValue());
    }
    out.endObject().name("body").value(reply.json());
    return out.name("isBase64Encoded").value(false).endObject().toByteArray();
  }
}
