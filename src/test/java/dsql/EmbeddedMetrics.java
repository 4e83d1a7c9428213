package dsql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.HashSet;
import java.util.Set;

/// Checks a line against the rules of CloudWatch's embedded metric format.
public final class EmbeddedMetrics {

  private static final int MOST_BYTES = 256 * 1024;
  private static final int MOST_METRICS = 100;
  private static final int MOST_DIMENSIONS = 30;
  private static final Set<String> UNITS =
      Set.of("Count", "Bytes", "Milliseconds", "Microseconds", "Seconds", "Percent", "None");

  private EmbeddedMetrics() {}

  /// Fails unless CloudWatch would take the line's metrics, all of them.
  public static void check(JsonObject line) {
    assertTrue(line.toString().length() < MOST_BYTES);
    JsonObject aws = line.getAsJsonObject("_aws");
    assertEquals(Set.of("Timestamp", "CloudWatchMetrics"), aws.keySet());
    long timestamp = aws.get("Timestamp").getAsBigDecimal().longValueExact();
    assertTrue(timestamp > 1_577_836_800_000L, "milliseconds: " + timestamp);
    assertTrue(!aws.getAsJsonArray("CloudWatchMetrics").isEmpty());
    for (JsonElement directive : aws.getAsJsonArray("CloudWatchMetrics")) {
      checkDirective(directive.getAsJsonObject(), line);
    }
  }

  private static void checkDirective(JsonObject directive, JsonObject line) {
    assertEquals(Set.of("Namespace", "Dimensions", "Metrics"), directive.keySet());
    assertTrue(directive.get("Namespace").getAsString().matches("[\\w.\\-/#:]{1,256}"));
    assertTrue(!directive.get("Namespace").getAsString().startsWith("AWS/"));
    assertTrue(!directive.getAsJsonArray("Dimensions").isEmpty());
    for (JsonElement set : directive.getAsJsonArray("Dimensions")) {
      assertTrue(set.getAsJsonArray().size() <= MOST_DIMENSIONS);
      for (JsonElement name : set.getAsJsonArray()) {
        assertTrue(name.getAsString().matches("\\p{Graph}{1,250}"));
        JsonElement value = line.get(name.getAsString());
        assertTrue(value.getAsJsonPrimitive().isString(), name + " is a string at the root");
        assertTrue(value.getAsString().matches("\\p{Graph}{1,1024}"), value::toString);
      }
    }
    Set<String> names = new HashSet<>();
    assertTrue(directive.getAsJsonArray("Metrics").size() <= MOST_METRICS);
    for (JsonElement element : directive.getAsJsonArray("Metrics")) {
      JsonObject metric = element.getAsJsonObject();
      assertEquals(Set.of("Name", "Unit"), metric.keySet());
      String name = metric.get("Name").getAsString();
      assertTrue(names.add(name), "twice: " + name);
      assertTrue(UNITS.contains(metric.get("Unit").getAsString()), metric::toString);
      assertTrue(line.get(name).getAsJsonPrimitive().isNumber(), name + " is a number at the root");
      assertTrue(line.get(name).getAsDouble() >= 0, name);
    }
  }
}
