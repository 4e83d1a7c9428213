package dsql.docs;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/// A page of the documentation, by its headings.
public final class MarkdownPage {

  private static final Pattern FENCED =
      Pattern.compile("^ *```.*?^ *```$", Pattern.MULTILINE | Pattern.DOTALL);

  private static final Pattern HEADING = Pattern.compile("^#{1,6} (.+)$", Pattern.MULTILINE);

  private static final Pattern LINK = Pattern.compile("!?\\[[^\\]]*\\]\\(([^)\\s]+)\\)");

  private static final Pattern CODE = Pattern.compile("`([^`]+)`");

  private final Path path;
  private final String text;

  private MarkdownPage(Path path, String text) {
    this.path = path;
    this.text = text;
  }

  /// Reads a page.
  public static MarkdownPage read(String path) throws IOException {
    return read(Path.of(path));
  }

  static MarkdownPage read(Path path) throws IOException {
    return of(path, Files.readString(path));
  }

  /// A page that is not read from its file.
  static MarkdownPage of(Path path, String text) {
    return new MarkdownPage(path, FENCED.matcher(text).replaceAll(""));
  }

  Path path() {
    return path;
  }

  /// The anchors of its headings, as GitHub makes them.
  Set<String> anchors() {
    Set<String> anchors = new LinkedHashSet<>();
    Map<String, Integer> times = new HashMap<>();
    HEADING
        .matcher(text)
        .results()
        .forEach(heading -> {
          String anchor =
              heading
                  .group(1)
                  .toLowerCase(Locale.ROOT)
                  .replaceAll("[^\\p{L}\\p{N} _-]", "")
                  .replace(' ', '-');
          int before = times.merge(anchor, 1, Integer::sum) - 1;
          anchors.add(before == 0 ? anchor : anchor + '-' + before);
        });
    return anchors;
  }

  /// The targets of its links and images.
  List<String> links() {
    return LINK.matcher(CODE.matcher(text).replaceAll("")).results().map(r -> r.group(1)).toList();
  }

  /// A table below a heading, by the words in code in each row's first cell: each has the cells of
  /// its row.
  ///
  /// @param number which of the tables before the next heading, from 0
  public Map<String, List<String>> table(String heading, int number) {
    return table(heading, number, word -> word);
  }

  /// The same with other keys.
  Map<String, List<String>> table(String heading, int number, UnaryOperator<String> key) {
    List<List<String>> tables = new ArrayList<>();
    boolean inside = false;
    for (String line : section(heading).split("\n", -1)) {
      if (line.startsWith("|")) {
        if (!inside) {
          tables.add(new ArrayList<>());
        }
        tables.getLast().add(line);
      }
      inside = line.startsWith("|");
    }
    assertTrue(tables.size() > number, () -> path + " has no such table: " + heading);
    Map<String, List<String>> rows = new LinkedHashMap<>();
    List<String> lines = tables.get(number);
    for (String line : lines.subList(2, lines.size())) {
      List<String> cells =
          List.of(line.substring(1, line.lastIndexOf('|')).strip().split(" *\\| ?", -1));
      for (String word : words(cells.getFirst())) {
        assertNull(rows.put(key.apply(word), cells), () -> word + " twice in " + path);
      }
    }
    return rows;
  }

  /// The words in code.
  static Set<String> words(String cell) {
    Set<String> words = new TreeSet<>();
    CODE.matcher(cell).results().forEach(r -> words.add(r.group(1)));
    return words;
  }

  /// One cell of each row.
  static Map<String, String> column(Map<String, List<String>> table, int cell) {
    Map<String, String> column = new TreeMap<>();
    table.forEach((word, cells) -> column.put(word, cells.get(cell)));
    return column;
  }

  private String section(String heading) {
    String found = "";
    String[] parts = text.split("(?m)^(?=#{1,6} )", -1);
    for (String part : parts) {
      int end = part.indexOf('\n');
      if (end > 0 && part.substring(0, end).replaceFirst("^#+ ", "").equals(heading)) {
        found = part;
      }
    }
    assertTrue(!found.isEmpty(), () -> path + " has no heading " + heading);
    return found;
  }
}
