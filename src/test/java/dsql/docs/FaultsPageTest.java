package dsql.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.local.fault.ExistingIndex;
import dsql.local.fault.Failure;
import dsql.local.fault.Faults;
import dsql.local.fault.Rejection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The faults that `docs/local-dsql.md` lists are those that can be ordered.
@Tag("unit")
class FaultsPageTest {

  private static final Pattern CASE =
      Pattern.compile("^ +case \"([a-z-]+)\" ->", Pattern.MULTILINE);

  @Test
  void everyOrderHasARowWithAnExampleThatIsTaken() throws IOException {
    Map<String, List<String>> table =
        MarkdownPage.read("docs/local-dsql.md").table("Make it fail", 0);
    String source = Files.readString(Path.of("src/test/java/dsql/local/fault/Faults.java"));
    assertEquals(
        CASE.matcher(source).results().map(r -> r.group(1)).collect(Collectors.toSet()),
        table.keySet());
    Faults faults = new Faults(() -> {});
    table.forEach((word, cells) -> {
      String example = cells.get(1).replace("`", "");
      assertTrue(example.startsWith(word), example);
      faults.order(example);
    });
    assertThrows(IllegalArgumentException.class, () -> faults.order("fail-everything 1"));
  }

  @Test
  void everyKindOfFailureIsNamed() throws IOException {
    TreeSet<String> missing = new TreeSet<>();
    for (Enum<?>[] kinds : List.of(Failure.values(), Rejection.values(), ExistingIndex.values())) {
      for (Enum<?> kind : kinds) {
        missing.add(kind.name());
      }
    }
    assertTrue(missing.size() > 8, missing::toString);
    String page = Files.readString(Path.of("docs/local-dsql.md"));
    missing.removeIf(kind -> Pattern.compile("\\b" + kind + "\\b").matcher(page).find());
    assertEquals(new TreeSet<>(), missing);
  }
}
