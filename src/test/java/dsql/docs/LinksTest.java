package dsql.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Links between pages lead somewhere, and the README leads to every page.
@Tag("unit")
class LinksTest {

  private static final Path README = Path.of("README.md");

  @Test
  void everyRelativeLinkHasItsFileAndItsAnchor() throws IOException {
    List<String> broken = new ArrayList<>();
    int links = 0;
    for (Path path : pages()) {
      MarkdownPage page = MarkdownPage.read(path);
      links += page.links().size();
      broken.addAll(broken(page));
    }
    assertEquals(List.of(), broken);
    assertTrue(links > 60, "only " + links + " links are found");
  }

  @Test
  void theReadmeLinksEveryPage() throws IOException {
    Set<Path> linked = new HashSet<>();
    for (String link : MarkdownPage.read(README).links()) {
      linked.add(Path.of(link.split("#", 2)[0]).normalize());
    }
    List<Path> missing = new ArrayList<>(pages());
    missing.remove(README);
    missing.removeAll(linked);
    assertEquals(List.of(), missing);
  }

  @Test
  void aBrokenLinkIsFound() {
    MarkdownPage page =
        MarkdownPage.of(
            README,
            """
            # One's own `code`, twice
            # Twice
            ## Twice
            [a](LICENSE) [b](#ones-own-code-twice) [c](#twice-1) [d](https://example.com)
            [e](absent.md) [f](#absent) [g](docs/cluster.md#absent) `[h](no-link.md)` ![i](no.png)
            """);
    assertEquals(
        List.of(
            "README.md: absent.md",
            "README.md: #absent",
            "README.md: docs/cluster.md#absent",
            "README.md: no.png"),
        broken(page));
  }

  private static List<String> broken(MarkdownPage page) {
    List<String> broken = new ArrayList<>();
    for (String link : page.links()) {
      if (!link.contains("://") && !link.startsWith("mailto:") && !leads(page, link)) {
        broken.add(page.path() + ": " + link);
      }
    }
    return broken;
  }

  private static boolean leads(MarkdownPage page, String link) {
    String[] parts = link.split("#", 2);
    try {
      MarkdownPage target = page;
      if (!parts[0].isEmpty()) {
        Path file = page.path().resolveSibling(parts[0]).normalize();
        if (!Files.exists(file) || parts.length == 1) {
          return Files.exists(file);
        }
        target = MarkdownPage.read(file);
      }
      return target.anchors().contains(parts[1]);
    } catch (IOException e) {
      throw new AssertionError(link, e);
    }
  }

  /// The pages at the top and those of `docs`.
  private static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>();
    try (Stream<Path> top = Files.list(Path.of(""));
        Stream<Path> docs = Files.walk(Path.of("docs"))) {
      Stream.concat(top, docs)
          .filter(path -> path.toString().endsWith(".md"))
          .sorted()
          .forEach(pages::add);
    }
    return pages;
  }
}
