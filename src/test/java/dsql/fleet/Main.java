package dsql.fleet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Asks every question of a fleet, prints the tables, and writes the page if it is told to.
public final class Main {

  /// What the page has around its tables is in the page itself, before this line.
  static final String BEGIN = "<!-- What follows is written by exec:exec@fleet. -->\n";

  private Main() {}

  /// Runs them.
  ///
  /// @param arguments the directory of the page
  public static void main(String[] arguments) throws IOException {
    List<Section> sections = Sections.all();
    sections.forEach(section -> System.out.println(section.title() + "\n\n" + section.table()));
    if (Boolean.getBoolean("fleet.write")) {
      write(Path.of(arguments[0]), sections);
    }
  }

  private static void write(Path docs, List<Section> sections) throws IOException {
    Path page = docs.resolve("scale.md");
    String text = Files.readString(page);
    StringBuilder whole = new StringBuilder(text.substring(0, text.indexOf(BEGIN))).append(BEGIN);
    Files.createDirectories(docs.resolve("scale"));
    for (Section section : sections) {
      whole.append("\n## %s\n\n%s\n\n".formatted(section.title(), section.text()));
      whole.append(section.table());
      whole.append("\n![%s](scale/%s.svg)\n".formatted(section.title(), section.name()));
      Files.writeString(
          docs.resolve("scale").resolve(section.name() + ".svg"), Chart.svg(section.lines()));
    }
    Files.writeString(page, whole.toString());
  }
}
