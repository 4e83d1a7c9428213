package dsql.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.local.ConformanceTable.Case;
import dsql.local.ConformanceTable.Expected;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The form of the conformance table, and what `docs/local-dsql.md` says of it.
@Tag("unit")
class ConformanceTableTest {

  @Test
  void noTitleComesTwice() throws IOException {
    Set<String> titles = new HashSet<>();
    for (Case c : ConformanceTable.read()) {
      assertTrue(titles.add(c.title()), c.title());
    }
  }

  /// A gap that closes, or a new one, has to change this and the page.
  @Test
  void theGapsAreThoseThatThePageNames() throws IOException {
    assertEquals(
        List.of(
            "generated values in a contended transaction",
            "foreign key violation in a contended transaction"),
        ConformanceTable.read().stream().filter(c -> !c.gap().isEmpty()).map(Case::title).toList());
    String page = Files.readString(Path.of("docs/local-dsql.md")).replaceAll("\\s+", " ");
    assertTrue(
        page.contains(
            "a gap that closes fails the build: generated values show in a contended transaction; so"
                + " does a foreign key's violation, but only at COMMIT."));
  }

  @Test
  void whatIsSaidOfAStatementIsRead() {
    Case c =
        ConformanceTable.parse(
                List.of(
                    "== a [b]",
                    "needs admin",
                    "a> SELECT ?, ?",
                    "$ x",
                    "$ ∅",
                    "wait",
                    "!! 23505 40001 42P01"))
            .getFirst();
    assertEquals("a b true", c.title() + " " + c.source() + " " + c.needs("admin"));
    assertEquals("x", c.steps().getFirst().parameters().getFirst());
    assertEquals(2, c.steps().getFirst().parameters().size());
    assertTrue(c.steps().getFirst().waits());
    assertEquals(
        new Expected.Failed(List.of("23505", "40001", "42P01"), ""),
        c.steps().getFirst().expected());
    assertThrows(
        IllegalArgumentException.class, () -> ConformanceTable.parse(List.of("== no source")));
  }
}
