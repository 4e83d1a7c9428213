package dsql.lambda;

import dsql.action.Faults;
import dsql.action.Problem;
import dsql.json.Json;
import dsql.json.Json.Arr;
import dsql.json.Json.Member;
import dsql.json.Json.Obj;
import dsql.json.Json.Str;
import dsql.json.JsonWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Explains to the sender of an event that is not for any door what the event seems to be and what
/// to send instead, in a form that this sender can read.
final class UnknownEvent {

  /// The form in which a sender reads the problem.
  enum Form {
    /// A failed invocation, for senders that read nothing else, or that then send the event again.
    THROWN,
    /// An HTTP response for API Gateway.
    GATEWAY,
    /// An HTTP response for a load balancer, with a description of the status.
    BALANCER,
    /// The same for a load balancer that is configured for headers with several values.
    BALANCER_OF_MANY_VALUES
  }

  private static final String TAKEN =
      "Send an action object ({\"action\":\"query\",…}), an HTTP event of payload version 2.0, which"
          + " an HTTP API or a Function URL sends, or a Scheduled Event of EventBridge.";

  private static final String ONE_BY_ONE =
      "The function runs one action per event: send the action object of each record by itself,"
          + " with the record's id as its idempotencyKey.";

  private static final String HTTP_INSTEAD =
      "Call the function through an HTTP API with PayloadFormatVersion 2.0, or by a Function URL.";

  private static final String WARMTH =
      "SnapStart makes pings unnecessary; to keep the function warm anyway, use a Scheduled Event"
          + " of EventBridge with an empty detail, which runs a tick. ";

  /// The kinds of batches, by the source that their records name.
  private static final Map<String, String> SOURCES =
      Map.of(
          "aws:sqs", "SQS messages",
          "aws:sns", "SNS messages",
          "aws:kinesis", "Kinesis records",
          "aws:dynamodb", "DynamoDB stream records",
          "aws:s3", "S3 notifications",
          "aws:ses", "SES messages",
          "aws:kafka", "Kafka records",
          "SelfManagedKafka", "Kafka records",
          "aws:mq", "Amazon MQ messages",
          "aws:rmq", "Amazon MQ messages");

  /// Names of members in warm-up pings, in lower case and without separators.
  private static final Set<String> PINGS = Set.of("ping", "warm", "warmer", "warmup", "keepwarm");

  /// Limit on the members of a ping.
  private static final int PING_MEMBERS = 5;

  private UnknownEvent() {}

  static Invocation.Unreadable of(Json event) {
    if (event instanceof Arr) {
      return unreadable(
          Form.THROWN,
          "The event is an array, as EventBridge Pipes send their records. " + ONE_BY_ONE);
    }
    if (!(event instanceof Obj object)) {
      return unreadable(Form.THROWN, "The event is " + event.kind() + ". " + TAKEN);
    }
    Invocation.Unreadable request = request(object);
    return request != null ? request : unreadable(Form.THROWN, detail(object));
  }

  /// The problem for a sender that reads an HTTP response; null for any other.
  private static Invocation.@Nullable Unreadable request(Obj event) {
    Json context = event.get("requestContext");
    if (has(context, "elb")) {
      return unreadable(
          event.get("multiValueHeaders") instanceof Obj
              ? Form.BALANCER_OF_MANY_VALUES
              : Form.BALANCER,
          "This is a request of an Application Load Balancer (ALB). " + HTTP_INSTEAD);
    }
    if (has(context, "serviceNetworkArn") || event.get("raw_path") instanceof Str) {
      return unreadable(Form.GATEWAY, "This is a request of VPC Lattice. " + HTTP_INSTEAD);
    }
    if (has(context, "connectionId")) {
      return unreadable(
          Form.GATEWAY, "This is an event of an API Gateway WebSocket API. " + HTTP_INSTEAD);
    }
    if (!(event.get("httpMethod") instanceof Str)
        || !(context instanceof Obj || event.get("path") instanceof Str)) {
      return null;
    }
    return unreadable(
        Form.GATEWAY,
        event.get("version") instanceof Str(String version) && version.equals("1.0")
            ? "This is a request of an HTTP API with payload version 1.0. Give the integration"
                + " PayloadFormatVersion 2.0, or call the function by a Function URL."
            : "This is a request of an API Gateway REST API (payload version 1.0). "
                + HTTP_INSTEAD);
  }

  private static String detail(Obj event) {
    if (event.get("Records") instanceof Arr(List<Json> records)) {
      return batch(records.isEmpty() ? event : records.getFirst());
    }
    if (event.get("eventSource") != null) {
      return batch(event);
    }
    if (event.get("detail-type") != null) {
      return "The event is from EventBridge, but it is not a Scheduled Event of aws.events or"
          + " aws.scheduler. Have the rule's target make an action object of it: by the InputPath"
          + " $.detail if the detail is one, otherwise by an Input or an InputTransformer.";
    }
    for (Member member : event.members()) {
      if (has(member.value(), "action")) {
        return "The event has an action object at "
            + Faults.at("", member.name())
            + ". Send that object by itself, with its action at the top of the event.";
      }
    }
    if (event.members().isEmpty()) {
      return "The event is empty, like a warm-up ping or the event of a command that has none. "
          + WARMTH
          + TAKEN;
    }
    return (isPing(event)
            ? "The event seems to be a warm-up ping. " + WARMTH
            : "The function does not accept events of this form. ")
        + TAKEN;
  }

  /// @param record the first record, or the object that contains the batch
  private static String batch(Json record) {
    String records = "records";
    if (record instanceof Obj object) {
      Json source = object.get("eventSource");
      if ((source != null ? source : object.get("EventSource")) instanceof Str(String name)) {
        records = SOURCES.getOrDefault(name, records);
      }
    }
    return "The event is a batch of " + records + ". " + ONE_BY_ONE;
  }

  private static boolean isPing(Obj event) {
    if (event.members().size() > PING_MEMBERS) {
      return false;
    }
    for (Member member : event.members()) {
      String name = member.name().toLowerCase(Locale.ROOT).replace("-", "").replace("_", "");
      if (PINGS.contains(name)
          || (name.equals("source")
              && member.value() instanceof Str(String source)
              && source.contains("warm"))) {
        return true;
      }
    }
    return false;
  }

  private static boolean has(@Nullable Json json, String member) {
    return json instanceof Obj object && object.get(member) != null;
  }

  private static Invocation.Unreadable unreadable(Form form, String detail) {
    return new Invocation.Unreadable(Problem.of(Problem.Code.UNKNOWN_EVENT, detail), form);
  }

  /// The HTTP response with the problem.
  ///
  /// @param problem as JSON
  static byte[] response(Form form, byte[] problem) {
    JsonWriter out = new JsonWriter(problem.length + problem.length / 4 + 256).beginObject();
    out.name("statusCode").value(Problem.Code.UNKNOWN_EVENT.status());
    if (form != Form.GATEWAY) {
      out.name("statusDescription").value("400 Bad Request");
    }
    // A load balancer reads its headers in only one of the two forms.
    boolean many = form == Form.BALANCER_OF_MANY_VALUES;
    out.name(many ? "multiValueHeaders" : "headers").beginObject().name("content-type");
    if (many) {
      out.beginArray().value("application/problem+json").endArray();
    } else {
      out.value("application/problem+json");
    }
    out.endObject().name("body").value(problem);
    return out.name("isBase64Encoded").value(false).endObject().toByteArray();
  }
}
