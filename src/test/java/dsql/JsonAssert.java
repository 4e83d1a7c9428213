package dsql;

import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dsql.lambda.FunctionError;
import java.util.ArrayList;
import java.util.List;

/// Reads replies for assertions.
public final class JsonAssert {

  private JsonAssert() {}

  public static JsonObject object(String json) {
    return new Gson().fromJson(json, JsonObject.class);
  }

  /// The element at a path of names and indexes, as JSON text.
  public static String at(JsonObject json, String path) {
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

  public static String at(String json, String path) {
    return at(object(json), path);
  }

  /// The problem that a function error carries.
  public static JsonObject problem(Class<? extends FunctionError> category, Runnable invocation) {
    return object(String.valueOf(assertThrows(category, invocation::run).getMessage()));
  }

  /// The faults of a problem, `pointer code` each.
  public static List<String> faults(JsonObject problem) {
    List<String> faults = new ArrayList<>();
    for (JsonElement fault : problem.getAsJsonArray("errors")) {
      faults.add(
          at(fault.getAsJsonObject(), "pointer") + " " + at(fault.getAsJsonObject(), "code"));
    }
    return faults;
  }
}
