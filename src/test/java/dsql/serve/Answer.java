package dsql.serve;

import dsql.action.Faults;
import dsql.codec.RequestText;
import dsql.json.Json;
import dsql.json.Json.Arr;
import dsql.json.Json.Bool;
import dsql.json.Json.Num;
import dsql.json.Json.Obj;
import dsql.json.Json.Str;
import dsql.json.JsonText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// An HTTP response, and what an HTTP API makes of a function's reply, [payload version
/// 2.0](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html).
///
/// @param headers in order; a name may come twice
@SuppressWarnings("ArrayRecordComponent") // made, sent and forgotten
record Answer(int status, List<Map.Entry<String, String>> headers, byte[] body) {

  static final Answer NOT_FOUND = own(404, "Not Found");
  static final Answer TOO_LARGE = own(413, "Request Entity Too Large");
  static final Answer INTERNAL_SERVER_ERROR = own(500, "Internal Server Error");
  static final Answer SERVICE_UNAVAILABLE = own(503, "Service Unavailable");

  private static final Map.Entry<String, String> JSON =
      Map.entry("content-type", "application/json");

  private static final Map.Entry<String, String> TEXT =
      Map.entry("content-type", "text/plain;charset=UTF-8");

  /// What the server itself sends.
  private static final Set<String> SERVERS =
      Set.of("connection", "content-length", "date", "transfer-encoding");

  /// The gateway's own.
  private static Answer own(int status, String message) {
    return new Answer(
        status,
        List.of(Map.entry("content-type", "application/json")),
        ("{\"message\":\"" + message + "\"}").getBytes(StandardCharsets.UTF_8));
  }

  /// The response that a reply stands for; a reply that stands for none is an internal server
  /// error.
  static Answer of(String reply) {
    try {
      Json value = RequestText.parse(reply, new Faults());
      if (value instanceof Obj object && object.get("statusCode") != null) {
        return response(object);
      }
      // Whatever else is JSON counts as the body of a success.
      String body = value instanceof Str(String text) ? text : reply;
      return new Answer(200, List.of(JSON), body.getBytes(StandardCharsets.UTF_8));
    } catch (JsonText.Malformed | NoResponse e) {
      return INTERNAL_SERVER_ERROR;
    }
  }

  /// A reply has a status and cannot be sent all the same.
  private static final class NoResponse extends Exception {
    private static final long serialVersionUID = 1L;
  }

  private static Answer response(Obj object) throws NoResponse {
    if (!text(object.get("statusCode")).matches("[1-5]\\d\\d")) {
      throw new NoResponse();
    }
    return new Answer(
        Integer.parseInt(text(object.get("statusCode"))), headers(object), body(object));
  }

  private static List<Map.Entry<String, String>> headers(Obj object) throws NoResponse {
    List<Map.Entry<String, String>> headers = new ArrayList<>();
    @Nullable Json given = given(object, "headers");
    if (given != null) {
      if (!(given instanceof Obj(List<Json.Member> members))) {
        throw new NoResponse();
      }
      for (Json.Member header : members) {
        headers.add(Map.entry(header.name().toLowerCase(Locale.ROOT), text(header.value())));
      }
    }
    given = given(object, "cookies");
    if (given != null) {
      if (!(given instanceof Arr(List<Json> cookies))) {
        throw new NoResponse();
      }
      for (Json cookie : cookies) {
        headers.add(Map.entry("set-cookie", text(cookie)));
      }
    }
    headers.removeIf(header -> SERVERS.contains(header.getKey()));
    if (headers.stream().noneMatch(header -> header.getKey().equals("content-type"))) {
      headers.addFirst(TEXT);
    }
    for (Map.Entry<String, String> header : headers) {
      if (!header.getKey().matches("[!#$%&'*+.^_`|~0-9a-z-]+")
          || header.getValue().chars().anyMatch(Character::isISOControl)) {
        throw new NoResponse();
      }
    }
    return List.copyOf(headers);
  }

  private static byte[] body(Obj object) throws NoResponse {
    return switch (given(object, "body")) {
      case null -> new byte[0];
      case Str(String text)
          when object.get("isBase64Encoded") instanceof Bool(boolean base64) && base64 -> {
        try {
          yield Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
          throw new NoResponse();
        }
      }
      case Str(String text) -> text.getBytes(StandardCharsets.UTF_8);
      default -> throw new NoResponse();
    };
  }

  private static @Nullable Json given(Obj object, String name) {
    Json value = object.get(name);
    return value instanceof Json.Null ? null : value;
  }

  private static String text(@Nullable Json scalar) throws NoResponse {
    return switch (scalar) {
      case Str(String text) -> text;
      case Num(String literal) -> literal;
      case Bool(boolean value) -> Boolean.toString(value);
      case null, default -> throw new NoResponse();
    };
  }
}
