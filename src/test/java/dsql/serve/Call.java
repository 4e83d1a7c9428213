package dsql.serve;

import dsql.json.JsonWriter;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A request as it came in, and the event that an HTTP API makes of it, [payload version
/// 2.0](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html).
///
/// @param query the raw query string; null where there is none
/// @param headers names as they came, each with its values in order
/// @param port the front's own
record Call(
    String method,
    String path,
    @Nullable String query,
    String protocol,
    String sourceIp,
    int port,
    Map<String, List<String>> headers) {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  /// What is spoken between a client and the gateway only.
  private static final Set<String> HOP_BY_HOP =
      Set.of("connection", "expect", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade");

  /// The media types whose bodies stay text; what else there is, or no type, becomes base64. No
  /// documentation lists them: [measured](https://github.com/ministackorg/ministack/pull/766).
  private static final Set<String> TEXTS =
      Set.of("application/json", "application/javascript", "application/xml");

  /// The event's JSON text.
  String event(byte[] body, String requestId, Instant now) {
    Map<String, String> single = singleHeaders();
    List<String> cookies = cookies(single.remove("cookie"));
    String route = "ANY " + path;
    JsonWriter event = new JsonWriter(2048 + body.length + body.length / 2).beginObject();
    event.name("version").value("2.0").name("routeKey").value(route);
    event.name("rawPath").value(path).name("rawQueryString").value(query == null ? "" : query);
    if (!cookies.isEmpty()) {
      event.name("cookies").beginArray();
      cookies.forEach(event::value);
      event.endArray();
    }
    write(single, event.name("headers"));
    if (query != null && !query.isEmpty()) {
      write(parameters(query), event.name("queryStringParameters"));
    }
    writeContext(event.name("requestContext"), route, single, requestId, now);
    boolean text = isText(single.getOrDefault("content-type", ""));
    if (body.length > 0) {
      event.name("body");
      event.value(
          text
              ? new String(body, StandardCharsets.UTF_8)
              : Base64.getEncoder().encodeToString(body));
    }
    event.name("isBase64Encoded").value(!text && body.length > 0);
    return event.endObject().toString();
  }

  private void writeContext(
      JsonWriter out, String route, Map<String, String> single, String requestId, Instant now) {
    out.beginObject().name("accountId").value("123456789012").name("apiId").value("local");
    out.name("domainName").value("localhost").name("domainPrefix").value("localhost");
    out.name("http").beginObject().name("method").value(method).name("path").value(path);
    out.name("protocol").value(protocol).name("sourceIp").value(sourceIp);
    out.name("userAgent").value(single.getOrDefault("user-agent", "")).endObject();
    out.name("requestId").value(requestId).name("routeKey").value(route);
    out.name("stage").value("$default").name("time").value(TIME.format(now));
    out.name("timeEpoch").value(now.toEpochMilli()).endObject();
  }

  private Map<String, String> singleHeaders() {
    Map<String, String> single = new LinkedHashMap<>();
    headers.forEach((name, values) -> {
      String lower = name.toLowerCase(Locale.ROOT);
      if (!HOP_BY_HOP.contains(lower)) {
        single.merge(
            lower,
            String.join(lower.equals("cookie") ? "; " : ",", values),
            (first, second) -> first + ',' + second);
      }
    });
    single.merge("x-forwarded-for", sourceIp, (before, own) -> before + ", " + own);
    single.put("x-forwarded-port", Integer.toString(port));
    single.put("x-forwarded-proto", "http");
    return single;
  }

  private static List<String> cookies(@Nullable String header) {
    return header == null
        ? List.of()
        : Arrays.stream(header.split(";", -1))
            .map(String::strip)
            .filter(c -> !c.isEmpty())
            .toList();
  }

  private static Map<String, String> parameters(String query) {
    Map<String, List<String>> all = new LinkedHashMap<>();
    for (String pair : query.split("&", -1)) {
      int equals = pair.indexOf('=');
      String name = equals < 0 ? pair : pair.substring(0, equals);
      String value = equals < 0 ? "" : pair.substring(equals + 1);
      all.computeIfAbsent(decoded(name), _ -> new ArrayList<>()).add(decoded(value));
    }
    Map<String, String> joined = new LinkedHashMap<>();
    all.forEach((name, values) -> joined.put(name, String.join(",", values)));
    return joined;
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      // A stray percent sign stands for itself.
      return text;
    }
  }

  private static boolean isText(String contentType) {
    String type =
        Stream.of(contentType.split(";", 2))
            .findFirst()
            .orElse("")
            .strip()
            .toLowerCase(Locale.ROOT);
    return type.startsWith("text/") || TEXTS.contains(type);
  }

  private static void write(Map<String, String> members, JsonWriter out) {
    out.beginObject();
    members.forEach((name, value) -> out.name(name).value(value));
    out.endObject();
  }
}
