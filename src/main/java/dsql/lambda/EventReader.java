package dsql.lambda;

import dsql.action.Failure;
import dsql.action.Faults;
import dsql.action.Problem;
import dsql.codec.RequestText;
import dsql.json.Json;
import dsql.json.Json.Bool;
import dsql.json.Json.Obj;
import dsql.json.Json.Str;
import dsql.json.JsonText;
import dsql.lambda.Invocation.ActionText;
import dsql.lambda.telemetry.Trace;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads an event and recognises its door. Safe for concurrent use.

final class EventReader {

  private static final Set<String> SCHEDULERS = Set.of("aws.events", "aws.scheduler");

  private EventReader() {}

  /// Reads an event. One that cannot be read is returned as such; this method never throws.
  static Event read(InputStream event) {
    long begun = System.nanoTime();
    Trace trace = Trace.NONE;
    Invocation invocation;
    Faults faults = new Faults();
    try {
      Json json = RequestText.parse(event, faults);
      invocation = read(json, faults);
      if (invocation instanceof Invocation.Http && json instanceof Obj http) {
        trace =
            new Trace(
                header(http, "x-amzn-trace-id").orElse(null),
                header(http, "traceparent").orElse(null));
      }
    } catch (JsonText.Malformed e) {
      invocation = malformed("The event", e);
    } catch (Failure e) {
      invocation = new Invocation.Unreadable(e.problem());
    } catch (Error e) {
      // The runtime would end the process, or report a class that is not ours.
      invocation = new Invocation.Failed(e);
    }
    return new Event(invocation, Duration.ofNanos(System.nanoTime() - begun), trace);
  }

  private static Invocation read(Json event, Faults faults) {
    if (!(event instanceof Obj object)) {
      return UnknownEvent.of(event);
    }
    if (object.get("requestContext") instanceof Obj context
        && context.get("http") instanceof Obj http
        && http.get("method") instanceof Str(String method)) {
      return http(object, method);
    }
    if (object.get("detail-type") instanceof Str(String type)
        && type.equals("Scheduled Event")
        && object.get("source") instanceof Str(String source)
        && SCHEDULERS.contains(source)) {
      return scheduled(object, faults);
    }
    return object.get("action") == null
        ? UnknownEvent.of(object)
        : new Invocation.Direct(object, faults);
  }

  private static Invocation http(Obj event, String method) {
    return new Invocation.Http(
        method,
        header(event, "content-type"),
        header(event, "content-encoding"),
        header(event, "idempotency-key"),
        string(event.get("body")),
        event.get("isBase64Encoded") instanceof Bool(boolean base64) && base64);
  }

  /// API Gateway and Function URLs send the names in lower case.
  private static Optional<String> header(Obj event, String name) {
    return event.get("headers") instanceof Obj headers
        ? string(headers.get(name))
        : Optional.empty();
  }

  private static Optional<String> string(@Nullable Json value) {
    return value instanceof Str(String text) ? Optional.of(text) : Optional.empty();
  }

  /// The detail is a string in EventBridge Scheduler's own event, an object in a rule's.
  private static Invocation scheduled(Obj event, Faults faults) {
    Json detail = event.get("detail");
    Json action = detail;
    Faults found = faults.below("/detail");
    if (detail instanceof Str(String text)) {
      found = new Faults();
      try {
        action = text.isBlank() ? null : RequestText.parse(text, found);
      } catch (JsonText.Malformed e) {
        return malformed("The event's detail", e);
      }
    }
    boolean empty =
        action == null
            || action instanceof Json.Null
            || (action instanceof Obj object && object.members().isEmpty());
    return new Invocation.Scheduled(
        string(event.get("id")),
        action == null || empty ? Optional.empty() : Optional.of(new ActionText(action, found)));
  }

  private static Invocation malformed(String what, JsonText.Malformed e) {
    return new Invocation.Unreadable(
        Problem.of(Problem.Code.MALFORMED_JSON, what + " is not valid JSON: " + e.getMessage()));
  }
}
