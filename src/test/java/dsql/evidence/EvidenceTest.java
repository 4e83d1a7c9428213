package dsql.evidence;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.SharedDsql;
import dsql.evidence.Construct.Kind;
import dsql.evidence.Page.Grade;
import dsql.evidence.Page.Row;
import dsql.local.LocalDsql;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;

/// The page of evidence is whole, and true of the code.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class EvidenceTest {

  private static final Path MAIN = Path.of("src/main/java");
  private static final Path TESTS = Path.of("src/test/java");

  /// A SQLSTATE or the beginning of some; not what a setting of the driver is.
  private static final Pattern STATE =
      Pattern.compile("(?<!properties, )\"((?:\\d[0-9A-Z]|XX)(?:[0-9A-Z]{3}|P)?)\"");

  /// What a server's text is compared with.
  private static final Pattern MESSAGE =
      Pattern.compile("(?:startsWith|endsWith|contains|namedAfter)\\(\"((?:[^\"\\\\]|\\\\.)+)\"");

  /// The constants of an enum that have such texts.
  private static final Pattern CONSTANT = Pattern.compile("\\n  [A-Z_]+\\((\"[^)]+\")\\)[,;]");

  private static final Page PAGE = Page.read();

  private final LocalDsql dsql;

  EvidenceTest(LocalDsql dsql) {
    this.dsql = dsql;
  }

  @Test
  void noConstructHasTwoRows() {
    Set<Construct> seen = new HashSet<>();
    for (Row row : PAGE.rows()) {
      assertTrue(seen.add(row.construct()), () -> "twice: " + row.construct());
    }
  }

  @Test
  void everyRowHasAGradeAndSourcesOfTheLegend() {
    for (Row row : PAGE.rows()) {
      assertTrue(Grade.of(row.grade()).isPresent(), () -> "no grade: " + row);
      boolean unproven = Grade.of(row.grade()).equals(Grade.of("unproven"));
      assertTrue(unproven || !row.source().isEmpty(), () -> "no source: " + row);
      for (String source : row.source().isEmpty() ? new String[0] : row.source().split("; ", -1)) {
        String name = source.split(":", 2)[0];
        assertTrue(PAGE.sources().contains(name), () -> name + " is not in the legend: " + row);
      }
    }
  }

  @Test
  void whatIsUnprovenHasAWayToGoOnAndATestOfIt() {
    for (Row row : PAGE.rows()) {
      if (row.grade().equals("unproven")) {
        assertFalse(row.otherwise().isEmpty(), () -> "no way to go on: " + row);
        assertFalse(row.test().isEmpty(), () -> "no test: " + row);
      }
    }
  }

  @Test
  void whatTheEndpointCannotHearHasATest() {
    for (Row row : PAGE.rows()) {
      if (row.construct().kind() == Kind.CONNECTION || row.construct().kind() == Kind.ANSWER) {
        assertFalse(row.test().isEmpty(), () -> "no test: " + row);
      }
    }
  }

  @Test
  void everyTestExists() throws IOException {
    for (Row row : PAGE.rows()) {
      if (!row.test().isEmpty()) {
        for (String test : row.test().split(", ", -1)) {
          assertTrue(isTest(test), () -> "no such test: " + test + ", of " + row.construct());
        }
      }
    }
  }

  private static boolean isTest(String test) throws IOException {
    String[] parts = test.split("#", 2);
    if (parts.length != 2) {
      return false;
    }
    try (Stream<Path> files = Files.walk(TESTS)) {
      for (Path file : files.filter(p -> p.endsWith(parts[0] + ".java")).toList()) {
        String name = TESTS.relativize(file).toString().replace(".java", "").replace('/', '.');
        for (Method method : Class.forName(name).getDeclaredMethods()) {
          if (method.getName().equals(parts[1]) && isTest(method)) {
            return true;
          }
        }
      }
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
    return false;
  }

  private static boolean isTest(Method method) {
    return method.isAnnotationPresent(Test.class)
        || method.isAnnotationPresent(ParameterizedTest.class);
  }

  /// What nothing sends any more has no row.
  @Test
  void everyRowIsStillSent() throws SQLException {
    try (Collector.Watch watch = EvidenceCheck.COLLECTOR.watch()) {
      new Everything(dsql).send();
      Set<String> stale = new TreeSet<>();
      for (Row row : PAGE.rows()) {
        if (row.construct().kind().isOnTheWire() && !watch.seen().contains(row.construct())) {
          stale.add(row.construct().toString());
        }
      }
      assertEquals(Set.of(), stale);
    }
  }

  @Test
  void everyCaseIsOneOfTheConformanceTable() throws IOException {
    Set<String> titles = titles();
    for (Row row : PAGE.rows()) {
      assertTrue(
          row.example().isEmpty() || titles.contains(row.example()),
          () -> "no such case: " + row.example() + ", of " + row.construct());
    }
  }

  /// So that whoever has a cluster can have it asked.
  @Test
  void whatIsUnprovenIsACase() {
    for (Row row : PAGE.rows()) {
      assertTrue(
          !row.grade().equals("unproven")
              || !row.construct().kind().isOnTheWire()
              || !row.example().isEmpty(),
          () -> "no case asks a cluster for " + row.construct());
    }
  }

  private static Set<String> titles() throws IOException {
    try (InputStream in = EvidenceTest.class.getResourceAsStream("/dsql/local/conformance.txt")) {
      if (in == null) {
        throw new IOException("no conformance table");
      }
      return new String(in.readAllBytes(), UTF_8)
          .lines()
          .filter(line -> line.startsWith("== "))
          .map(line -> line.substring(3).split(" \\[", 2)[0])
          .collect(Collectors.toSet());
    }
  }

  @Test
  void everySqlStateOfTheCodeHasARowAndNoOtherHas() throws IOException {
    Set<String> states = new TreeSet<>();
    for (String source : sources(MAIN)) {
      Matcher state = STATE.matcher(source);
      while (state.find()) {
        states.add(state.group(1));
      }
    }
    assertEquals(states, texts(Kind.SQLSTATE));
  }

  @Test
  void everyMessageOfTheCodeHasARowAndNoOtherHas() throws IOException {
    Set<String> messages = new TreeSet<>();
    for (String source : sources(MAIN.resolve("dsql/db/fault"))) {
      Matcher message = MESSAGE.matcher(source);
      while (message.find()) {
        addMessage(message.group(1), messages);
      }
      Matcher constant = CONSTANT.matcher(source);
      while (constant.find()) {
        for (String literal : constant.group(1).split("\",\\s+\"", -1)) {
          addMessage(literal.replace("\"", ""), messages);
        }
      }
    }
    assertEquals(messages, texts(Kind.MESSAGE));
  }

  private static void addMessage(String literal, Collection<String> messages) {
    if (!STATE.matcher('"' + literal + '"').matches()) {
      messages.add(literal.replace("\\\"", "\"").strip());
    }
  }

  private static List<String> sources(Path directory) throws IOException {
    List<String> sources = new ArrayList<>();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(p -> p.toString().endsWith(".java")).toList()) {
        sources.add(Files.readString(file));
      }
    }
    return sources;
  }

  private static Set<String> texts(Kind kind) {
    Set<String> texts = new TreeSet<>();
    for (Row row : PAGE.rows()) {
      if (row.construct().kind() == kind) {
        texts.add(row.construct().text());
      }
    }
    return texts;
  }
}
