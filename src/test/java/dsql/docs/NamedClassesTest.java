package dsql.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The pages about the design name classes that exist.
@Tag("unit")
class NamedClassesTest {

  private static final Pattern ENTRY = Pattern.compile("^### (.*)$", Pattern.MULTILINE);

  @Test
  void eachDesignDecisionIsUnderAClassOrAFile() throws IOException {
    String text = Files.readString(Path.of("docs/design-decisions.md"));
    Set<String> named = new TreeSet<>();
    for (String heading : ENTRY.matcher(text).results().map(r -> r.group(1)).toList()) {
      assertTrue(heading.matches("`[\\w.]+`(, `[\\w.]+`)*"), heading);
      named.addAll(MarkdownPage.words(heading));
    }
    assertTrue(named.size() > 30, named::toString);
    assertEquals(Set.of(), missing(named));
    // No decision stands above the first class of its chapter.
    for (String chapter : text.split("\n## ", -1)) {
      assertTrue(!chapter.split("\n### ", 2)[0].contains("\n**"), chapter);
    }
  }

  @Test
  void eachHopIsAClass() throws IOException {
    MarkdownPage page = MarkdownPage.read("docs/architecture.md");
    Set<String> named = new TreeSet<>();
    for (String heading :
        List.of("An insert, hop by hop", "An insert with a key", "The kinds of values")) {
      named.addAll(page.table(heading, 0).keySet());
    }
    String text = Files.readString(page.path());
    String query = text.substring(text.indexOf("## A query"), text.indexOf("## The kinds"));
    Pattern.compile("^\\| (`[^|]+) \\|", Pattern.MULTILINE)
        .matcher(query)
        .results()
        .forEach(row -> named.addAll(MarkdownPage.words(row.group(1))));
    assertTrue(named.size() > 25, named::toString);
    assertEquals(Set.of(), missing(named));
  }

  private static Set<String> missing(Set<String> named) throws IOException {
    Set<String> missing = new TreeSet<>(named);
    try (Stream<Path> files = Files.walk(Path.of("src"))) {
      missing.removeAll(
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith(".java"))
              .map(name -> name.substring(0, name.length() - ".java".length()))
              .collect(Collectors.toSet()));
    }
    missing.removeIf(name -> name.contains(".") && Files.exists(Path.of(name)));
    return missing;
  }
}
