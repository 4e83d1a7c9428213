package dsql.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.SharedDsql;
import dsql.Tables;
import dsql.docs.Shortened;
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
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The sessions with curl of the README and of the tour run as they are printed.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
class SessionsTest {

  /// What is made anew each time.
  private static final Pattern GENERATED =
      Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=\"requestId\":\")[^\"]*");

  /// A command and what it prints.
  private record Step(String command, String output) {}

  @ParameterizedTest
  @CsvSource({"README.md, ## The same by curl, 4", "docs/tour.md, # A tour with curl, 7"})
  void everyCommandPrintsWhatStandsBelowIt(String page, String heading, int outputs, LocalDsql dsql)
      throws Exception {
    List<Step> steps = steps(Path.of(page), heading + '\n');
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
        String printedBelow = numbered(step.output(), printed);
        String answer = numbered(run(step.command().replace(":3000", port)), answered);
        assertTrue(
            Shortened.matches(printedBelow, answer),
            () -> step.command() + "\nprints " + answer + "\nand not " + printedBelow);
      }
    }
    assertEquals(outputs, steps.stream().filter(step -> !step.output().isEmpty()).count());
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
  private static List<Step> steps(Path page, String heading) throws IOException {
    String text = Files.readString(page) + "\n## ";
    int begin = text.indexOf(heading);
    assertTrue(begin >= 0, heading);
    String section = text.substring(begin, text.indexOf("\n## ", begin));
    List<Step> steps = new ArrayList<>();
    for (String block : section.split("```console\n", -1)) {
      if (block.startsWith("$ ")) {
        for (String step : block.substring(2, block.indexOf("```")).split("(?m)^\\$ ", -1)) {
          steps.add(step(step));
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
