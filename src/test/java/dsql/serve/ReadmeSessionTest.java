package dsql.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.SharedDsql;
import dsql.Tables;
import dsql.lambda.LocalFunction;
import dsql.local.LocalDsql;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The README's session with curl runs as it is printed.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
class ReadmeSessionTest {

  private static final String HEADING = "## A session with curl\n";

  /// What is made anew each time.
  private static final Pattern GENERATED =
      Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=\"requestId\":\")[^\"]*");

  /// A command and what it prints.
  private record Step(String command, String output) {}

  @Test
  void everyCommandPrintsWhatStandsBelowIt(LocalDsql dsql) throws Exception {
    List<Step> steps = steps();
    assertEquals("mvn -q test-compile exec:exec@serve", steps.getFirst().command());
    assertTrue(run("curl --version").startsWith("curl "), "this test needs curl, which is missing");
    Map<String, String> printed = new HashMap<>();
    Map<String, String> answered = new HashMap<>();
    Tables.drop(dsql, "owner");
    Tables.drop(dsql, "dsql_ledger");
    PrintStream errors = System.err;
    PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), true, UTF_8);
    try (LocalFunction function = new LocalFunction(dsql, Map.of());
        HttpFront front = HttpFront.bind(0, nowhere, errors)) {
      front.serve(event -> function.invoke(event, Duration.ofSeconds(29), errors));
      String port = ":" + front.port();
      assertEquals(steps.getFirst().output(), Serve.greeting(front).replace(port, ":3000"));
      for (Step step : steps.subList(1, steps.size())) {
        assertEquals(
            numbered(step.output(), printed),
            numbered(run(step.command().replace(":3000", port)), answered),
            step.command());
      }
    }
    assertEquals(7, steps.stream().filter(step -> !step.output().isEmpty()).count());
  }

  /// The output with generated values numbered, so that what is the same stays the same.
  ///
  /// @param seen the numbers so far
  private static String numbered(String output, Map<String, String> seen) {
    return GENERATED
        .matcher(output)
        .replaceAll(found -> seen.computeIfAbsent(found.group(), _ -> "generated-" + seen.size()));
  }

  /// The commands of the section's `console` blocks. One goes on over lines for as long as a quote
  /// is open.
  private static List<Step> steps() throws IOException {
    String readme = Files.readString(Path.of("README.md"));
    int begin = readme.indexOf(HEADING);
    assertTrue(begin >= 0, HEADING);
    String section = readme.substring(begin, readme.indexOf("\n## ", begin));
    List<Step> steps = new ArrayList<>();
    for (String block : section.split("```console\n", -1)) {
      if (block.startsWith("$ ")) {
        for (String text : block.substring(2, block.indexOf("```")).split("(?m)^\\$ ", -1)) {
          steps.add(step(text));
        }
      }
    }
    return steps;
  }

  private static Step step(String text) {
    int end = text.indexOf('\n');
    while (text.substring(0, end).chars().filter(c -> c == '\'').count() % 2 == 1) {
      end = text.indexOf('\n', end + 1);
    }
    return new Step(text.substring(0, end), text.substring(end).strip());
  }

  private static String run(String command) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder("bash", "-c", command).redirectErrorStream(true);
    // A proxy of this machine's has no business between here and here.
    builder.environment().put("no_proxy", "*");
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    process.waitFor();
    return output.strip();
  }
}
