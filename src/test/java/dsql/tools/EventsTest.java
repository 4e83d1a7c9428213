package dsql.tools;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.SharedDsql;
import dsql.Tables;
import dsql.docs.Shortened;
import dsql.lambda.LocalFunction;
import dsql.local.LocalDsql;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The main job prints what the README says.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
class EventsTest {

  @Test
  void printsTheRepliesOfTheReadme(LocalDsql dsql) throws Exception {
    Tables.drop(dsql, "owner");
    Tables.drop(dsql, "dsql_ledger");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (LocalFunction function = new LocalFunction(dsql, Map.of());
        PrintStream print = new PrintStream(out, true, UTF_8)) {
      Events.run(function, Path.of("events"), print);
    }
    Map<String, String> replies = replies(out.toString(UTF_8));
    assertEquals(11, replies.size());

    String readme = Files.readString(Path.of("README.md"));
    String command = "$ mvn -q test-compile exec:exec@events\n";
    int begin = readme.indexOf(command) + command.length();
    Map<String, String> printed = replies(readme.substring(begin, readme.indexOf("```", begin)));
    assertEquals(3, printed.size());
    printed.forEach((file, reply) ->
        assertTrue(
            Shortened.matches(reply, replies.getOrDefault(file, "")),
            () -> file + " is answered by " + replies.get(file)));
    assertFalse(
        Shortened.matches("{\"action\":\"tick\",…}", replies.getOrDefault("insert.json", "")));
  }

  /// Each reply, by the name of its file.
  private static Map<String, String> replies(String text) {
    Map<String, String> replies = new LinkedHashMap<>();
    for (String part : text.strip().split("\n\n", -1)) {
      String[] lines = part.split("\n", 2);
      replies.put(lines[0], lines[1].strip());
    }
    return replies;
  }
}
