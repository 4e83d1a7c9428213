package dsql.runtime;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// What the runtime interface client posted for one invocation.
public sealed interface Reply {

  /// The payload as it was posted, well-formed UTF-8.
  String body();

  /// The payload's size, which the limits of Lambda count.
  default int bytes() {
    return body().getBytes(StandardCharsets.UTF_8).length;
  }

  /// The handler returned.
  record Success(String body) implements Reply {}

  /// The handler threw, or the function could not be loaded.
  ///
  /// @param errorType the exception's class
  /// @param errorMessage the exception's message, or its class where it has none
  /// @param stackTrace one frame an element
  /// @param category the client's own header, such as `Runtime.UserException`
  /// @param tracedCause what the client sends to X-Ray, as JSON; empty when it sends nothing
  record FunctionError(
      String errorType,
      String errorMessage,
      List<String> stackTrace,
      String category,
      String tracedCause,
      String body)
      implements Reply {

    public FunctionError {
      stackTrace = List.copyOf(stackTrace);
    }

    static FunctionError parse(String body, String category, String tracedCause) {
      JsonObject error = new Gson().fromJson(body, JsonObject.class);
      JsonArray frames = error.getAsJsonArray("stackTrace");
      return new FunctionError(
          error.get("errorType").getAsString(),
          error.get("errorMessage").getAsString(),
          frames == null
              ? List.of()
              : frames.asList().stream().map(JsonElement::getAsString).toList(),
          category,
          tracedCause,
          body);
    }
  }
}
