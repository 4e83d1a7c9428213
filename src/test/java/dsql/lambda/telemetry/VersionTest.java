package dsql.lambda.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Every place that names the project's version names that of `pom.xml`.
@Tag("unit")
final class VersionTest {

  private static final Pattern POM =
      Pattern.compile("<artifactId>dsql-lambda</artifactId>\\s+<version>([^<]+)</version>");

  private static final String VERSION = "(\\d+\\.\\d+\\.\\d+)";

  @Test
  void theTelemetryHasThePomsVersion() throws IOException {
    assertEquals(pom(), Telemetry.VERSION);
  }

  @ParameterizedTest
  @CsvSource({
    "CHANGELOG.md, ^## (\\S+) \\(\\d{4}-\\d{2}-\\d{2}\\)$",
    "openapi.yaml, ^  version: (\\S+)$",
  })
  void aFileNamesThePomsVersionFirst(Path file, String pattern) throws IOException {
    assertEquals(pom(), first(file, Pattern.compile(pattern, Pattern.MULTILINE)));
  }

  /// The examples of log lines.
  @Test
  void pagesShowLinesOfThePomsVersion() throws IOException {
    Pattern field = Pattern.compile("\"version\":\"" + VERSION + "\"");
    List<String> versions = new ArrayList<>();
    for (Path page : pages()) {
      field.matcher(Files.readString(page)).results().forEach(hit -> versions.add(hit.group(1)));
    }
    assertTrue(!versions.isEmpty(), "no page shows the line of an invocation");
    String pom = pom();
    assertTrue(versions.stream().allMatch(pom::equals), () -> versions + " on pages, not " + pom);
  }

  private static String pom() throws IOException {
    return first(Path.of("pom.xml"), POM);
  }

  private static String first(Path file, Pattern pattern) throws IOException {
    Matcher found = pattern.matcher(Files.readString(file));
    assertTrue(found.find(), () -> file + " has no " + pattern);
    return found.group(1);
  }

  private static List<Path> pages() throws IOException {
    try (Stream<Path> docs = Files.walk(Path.of("docs"))) {
      return Stream.concat(Stream.of(Path.of("README.md")), docs)
          .filter(file -> file.toString().endsWith(".md"))
          .toList();
    }
  }
}
