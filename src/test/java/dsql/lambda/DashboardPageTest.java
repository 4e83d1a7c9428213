package dsql.lambda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The page of the dashboard has one sentence for each widget of the template's, in the order in
/// which they are seen, and none for another.
@Tag("unit")
final class DashboardPageTest {

  private static final Path PAGE = Path.of("docs/dashboard.md");

  /// The block of the dashboard's JSON: all lines that are indented further than its head.
  private static final Pattern BODY =
      Pattern.compile("^( +)DashboardBody: !Sub \\|\\n((?:\\1 .*\\n)+)", Pattern.MULTILINE);

  private static final Pattern ROW =
      Pattern.compile("^\\| (?!widget|---)([^|]+) \\| ([^|]+) \\|$", Pattern.MULTILINE);

  @Test
  void describesEachWidgetInOrder() throws IOException {
    List<String> titles =
        widgets().stream()
            .sorted(
                Comparator.comparingInt((JsonObject widget) -> widget.get("y").getAsInt())
                    .thenComparingInt(widget -> widget.get("x").getAsInt()))
            .map(widget -> widget.getAsJsonObject("properties").get("title").getAsString())
            .toList();
    assertEquals(titles, rows().stream().map(row -> row.group(1)).toList());
  }

  @Test
  void eachWidgetHasASentence() throws IOException {
    for (MatchResult row : rows()) {
      assertTrue(row.group(2).matches("It [a-z]+s .{20,}\\."), row.group(1));
    }
  }

  private static List<MatchResult> rows() throws IOException {
    return ROW.matcher(Files.readString(PAGE)).results().toList();
  }

  private static List<JsonObject> widgets() throws IOException {
    Matcher body = BODY.matcher(Files.readString(Path.of("template.yaml")));
    assertTrue(body.find(), "the template has no dashboard");
    return JsonParser.parseString(body.group(2))
        .getAsJsonObject()
        .getAsJsonArray("widgets")
        .asList()
        .stream()
        .map(JsonElement::getAsJsonObject)
        .toList();
  }
}
