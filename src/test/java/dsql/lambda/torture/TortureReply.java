package dsql.lambda.torture;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dsql.JsonAssert;
import dsql.lambda.FunctionError;
import dsql.lambda.LocalFunction;
import java.time.Duration;

/// What one invocation was told, in whichever way.
///
/// @param thrown whether the function threw; then it is a problem, else a result
record TortureReply(boolean thrown, JsonObject json) {

  /// Sends an event; the reply must come in any case, and be no fault of the function's own.
  static TortureReply to(LocalFunction function, String event, Duration remaining) {
    try {
      return new TortureReply(false, JsonAssert.object(function.invoke(event, remaining)));
    } catch (FunctionError e) {
      TortureReply reply =
          new TortureReply(true, JsonAssert.object(String.valueOf(e.getMessage())));
      assertTrue(reply.status() != 500, reply::toString);
      return reply;
    }
  }

  int status() {
    return thrown ? json.get("status").getAsInt() : 200;
  }

  /// The request was refused for what it asks for.
  boolean refused() {
    return status() >= 400 && status() <= 422;
  }

  /// The times are bad: whatever was asked for, it may go well another time.
  boolean unlucky() {
    return status() > 422;
  }

  boolean committed() {
    return is("committed");
  }

  boolean notCommitted() {
    return is("not_committed");
  }

  boolean partial() {
    return is("partial");
  }

  String outcome() {
    return json.has("outcome") ? json.get("outcome").getAsString() : "";
  }

  private boolean is(String outcome) {
    return outcome().equals(outcome);
  }

  /// A member as JSON text; empty where there is none.
  String text(String member) {
    return json.has(member) ? json.get(member).toString() : "";
  }

  JsonArray array(String member) {
    return json.getAsJsonArray(member);
  }

  @Override
  public String toString() {
    return json.toString();
  }
}
