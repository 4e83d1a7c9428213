package dsql.lambda;

import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;

/// Reads replies for assertions.
final class JsonAssert {

  private JsonAssert() {}

  static JsonObject object(String json) {
    return new Gson().fromJson(json, JsonObject.class);
  }

  /// The element at a path of names and indexes, as JSON text.
  static String at(JsonObject json, String path) {
    JsonElement element = json;
    for (String step : path.split("/", -1)) {
      element =
          step.matches("\\d+")
              ? element.getAsJsonArray().get(Integer.parseInt(step))
              : element.getAsJsonObject().get(step);
      if (element == null) {
        throw new AssertionError("no " + path + " in " + json);
      }
    }
    return element.isJsonPrimitive() ? element.getAsString() : element.toString();
  }

  static String at(String json, String path) {
    return at(object(json), path);
  }

  /// The problem that a function error carries.
  static JsonObject problem(Class<? extends FunctionError> category, Runnable invocation) {
    return object(String.valueOf(assertThrows(category, invocation::run).getMessage()));
  }

  /// The faults of a problem, `pointer code` each.
  static List<String> faults(JsonObject problem) {
    List<String> faults = new ArrayList<>();
    for (JsonElement fault : problem.getAsJsonArray("errors")) {
      faults.add(
          at(fault.getAsJsonObject(), "pointer") + " " + at(fault.getAsJsonObject(), "code"));
    }
    return faults;
  }
}
