package dsql.evidence;

import dsql.evidence.Construct.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `docs/dsql-evidence.md`, whose sections of constructs each hold one table.
record Page(List<Row> rows, Set<String> sources) {

  static final Path PATH = Path.of("docs/dsql-evidence.md");

  private static final String HEADER = "| Construct | Grade | Source | Otherwise | Test | Case |";
  private static final Pattern SOURCE = Pattern.compile("- `([^`]+)` [^ ].*");
  private static final Pattern CODE = Pattern.compile("`` (.+?) ``|`([^`]+)`");

  /// How well a construct is known to work; the words are the page's.
  enum Grade {
    RECORDED("recorded"),
    AWS_CODE("AWS code"),
    AWS_DOCS("AWS docs"),
    UNPROVEN("unproven"),

    /// Of the function or its driver; no cluster has a say in it.
    OWN("own");

    private final String word;

    Grade(String word) {
      this.word = word;
    }

    static Optional<Grade> of(String word) {
      for (Grade grade : values()) {
        if (grade.word.equals(word)) {
          return Optional.of(grade);
        }
      }
      return Optional.empty();
    }
  }

  /// A construct's row.
  ///
  /// @param otherwise what the function does where the server refuses it or answers otherwise
  /// @param test `Class#method`, of the way to go on
  /// @param example the title of a case of the conformance table
  record Row(
      Construct construct,
      String grade,
      String source,
      String otherwise,
      String test,
      String example) {}

  Page {
    rows = List.copyOf(rows);
    sources = Set.copyOf(sources);
  }

  static Page read() {
    try {
      return parse(Files.readAllLines(PATH));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Page parse(List<String> lines) {
    List<Row> rows = new ArrayList<>();
    Set<String> sources = new HashSet<>();
    Optional<Kind> kind = Optional.empty();
    for (String line : lines) {
      Matcher source = SOURCE.matcher(line);
      if (line.startsWith("## ")) {
        kind = Kind.ofSection(line.substring(3));
      } else if (kind.isPresent() && isRow(line)) {
        rows.add(row(kind.get(), line));
      } else if (kind.isEmpty() && source.matches()) {
        sources.add(source.group(1));
      }
    }
    return new Page(rows, sources);
  }

  private static boolean isRow(String line) {
    return line.startsWith("|") && !line.equals(HEADER) && !line.startsWith("| ---");
  }

  private static Row row(Kind kind, String line) {
    List<String> cells = cells(line);
    if (cells.size() != 6) {
      throw new IllegalArgumentException("not six cells: " + line);
    }
    Matcher code = CODE.matcher(cells.get(0));
    if (!code.matches()) {
      throw new IllegalArgumentException("a construct stands in backquotes: " + line);
    }
    String text = code.group(1) == null ? code.group(2) : code.group(1);
    return new Row(
        new Construct(kind, text),
        cells.get(1),
        cells.get(2),
        cells.get(3),
        cells.get(4).replace("`", ""),
        cells.get(5));
  }

  /// In a table a bar is written with a backslash before it.
  private static List<String> cells(String line) {
    List<String> cells = new ArrayList<>();
    for (String cell : line.substring(1, line.lastIndexOf('|')).split("(?<!\\\\)\\|", -1)) {
      cells.add(cell.replace("\\|", "|").strip());
    }
    return cells;
  }

  Set<Construct> constructs() {
    Set<Construct> constructs = new HashSet<>();
    rows.forEach(row -> constructs.add(row.construct));
    return constructs;
  }
}
