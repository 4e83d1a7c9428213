package dsql.schema;

import dsql.lambda.FunctionError;
import dsql.lambda.LocalFunction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Holds every event and every reply of the tests against the schemas. Safe for concurrent use.
final class Exchanges implements LocalFunction.Observer {

  /// Rows looked at from either end of a longer array: all come from one loop, and the schema of
  /// thousands would take longer than the test.
  private static final int ROWS = 20;

  /// The codes that say nothing of whether the event was well formed, or that it was not.
  private static final Set<String> OF_ILL_FORMED_EVENTS =
      Set.of(
          "malformed_json",
          "unknown_event",
          "invalid_request",
          "action_not_allowed",
          "method_not_allowed",
          "unsupported_media_type",
          "request_too_large");

  /// The faults that only the reading of an event finds, never a table's columns.
  private static final Set<String> OF_ILL_FORMED_OBJECTS = Set.of("unknown_field", "missing");

  private final AtomicLong checked = new AtomicLong();

  /// Exchanges so far.
  long checked() {
    return checked.get();
  }

  @Override
  public void answered(String event, String reply) {
    checked.incrementAndGet();
    JsonNode answer = Schemas.json(reply);
    if (!answer.has("statusCode")) {
      check("result.json", answer);
      checkTaken(event);
      return;
    }
    check("http-response.json", answer);
    JsonNode body = Schemas.json(answer.get("body").stringValue());
    int status = answer.get("statusCode").intValue();
    if (status < 400) {
      check("result.json", body);
      checkTaken(event);
    } else {
      check("problem.json", body);
      if (body.get("status").intValue() != status) {
        throw new AssertionError("status " + status + " of " + body);
      }
      checkRefused(event, body);
    }
  }

  @Override
  public void failed(String event, FunctionError error) {
    checked.incrementAndGet();
    String message = String.valueOf(error.getMessage());
    ObjectNode report = (ObjectNode) Schemas.json("{}");
    report.put("errorType", error.getClass().getName()).put("errorMessage", message);
    ArrayNode frames = report.putArray("stackTrace");
    for (StackTraceElement frame : error.getStackTrace()) {
      frames.add(frame.toString());
    }
    check("function-error.json", report);
    JsonNode problem = Schemas.json(message);
    check("problem.json", problem);
    checkRefused(event, problem);
  }

  private static void check(String schema, JsonNode value) {
    shortenRows(value);
    List<String> faults = Schemas.faults(schema, value);
    if (!faults.isEmpty()) {
      throw new AssertionError(
          "schemas/" + schema + " does not hold: " + faults + " of " + brief(value.toString()));
    }
  }

  /// The function took the event, so its schema must.
  private static void checkTaken(String event) {
    List<String> faults = eventFaults(Schemas.json(event));
    if (!faults.isEmpty()) {
      throw new AssertionError(
          "the function takes what schemas/event.json does not: " + faults + " of " + brief(event));
    }
  }

  private static void checkRefused(String event, JsonNode problem) {
    if (!OF_ILL_FORMED_EVENTS.contains(problem.get("code").stringValue())) {
      checkTaken(event);
    }
    if (problem.get("code").stringValue().equals("unknown_event")
        && eventFaults(Schemas.json(event)).isEmpty()) {
      throw new AssertionError(
          "schemas/event.json takes what the function does not know: " + brief(event));
    }
    for (JsonNode error : problem.path("errors")) {
      if (OF_ILL_FORMED_OBJECTS.contains(error.get("code").stringValue())
          && eventFaults(Schemas.json(event)).isEmpty()) {
        throw new AssertionError(
            "schemas/event.json takes what the function does not: " + error + " of " + event);
      }
    }
  }

  /// What is wrong with an event, the JSON texts in it included.
  static List<String> eventFaults(JsonNode event) {
    shortenRows(event);
    List<String> faults = new ArrayList<>(Schemas.faults("event.json", event));
    if (event.path("requestContext").has("http")) {
      String body = event.path("body").asString("");
      boolean base64 = event.path("isBase64Encoded").asBoolean(false);
      boolean key = event.path("headers").has("idempotency-key");
      faults.addAll(textFaults(base64 ? decoded(body) : body, key));
    } else if (event.path("detail").isString()) {
      String detail = event.get("detail").stringValue();
      if (!detail.isBlank() && !isEmpty(detail)) {
        faults.addAll(textFaults(detail, event.has("id")));
      }
    }
    return faults;
  }

  private static boolean isEmpty(String detail) {
    return detail.strip().equals("{}") || detail.strip().equals("null");
  }

  /// @param key whether an idempotency key came beside the action
  private static List<String> textFaults(String text, boolean key) {
    try {
      JsonNode action = Schemas.json(text);
      shortenRows(action);
      return Schemas.faults(key ? "action.json" : "event-direct.json", action);
    } catch (JacksonException e) {
      return List.of("no JSON: " + e.getOriginalMessage());
    }
  }

  private static String decoded(String base64) {
    try {
      return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  private static void shortenRows(JsonNode object) {
    if (object.path("rows") instanceof ArrayNode rows && rows.size() > 2 * ROWS) {
      List<JsonNode> all = List.copyOf(rows.values());
      ((ObjectNode) object)
          .putArray("rows")
          .addAll(all.subList(0, ROWS))
          .addAll(all.subList(all.size() - ROWS, all.size()));
    }
  }

  private static String brief(String text) {
    return text.length() > 2000 ? text.substring(0, 2000) + "…" : text;
  }
}
