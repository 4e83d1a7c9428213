package dsql.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The benchmarks, as one table and a picture. Linux with `taskset`.
///
/// `-Dbench=quick` is a rehearsal; `-Dbench.only=cold,bulk` runs some parts; `-Dbench.write` puts
/// the result into a page, between two marks, and its picture beside it; `-Dbench.before=directory`
/// adds warm rows against an earlier commit's checkout, built there.
public final class Bench {

  static final String BEGIN = "<!-- measured -->";
  static final String END = "<!-- /measured -->";

  private static final Map<String, List<Part>> PARTS = new LinkedHashMap<>();

  static {
    PARTS.put("size", List.of(new Size()));
    PARTS.put("cold", List.of(new ColdStarts()));
    PARTS.put("restore", List.of(new Restores()));
    PARTS.put("warm", both("warm", true));
    PARTS.put("trips", List.of(new Forked("trips", Tiers.ALL, true)));
    PARTS.put("network", List.of(new Forked("network", Tiers.ALL, true)));
    PARTS.put("bulk", both("bulk", true));
    PARTS.put("growth", List.of(new Forked("growth", Tiers.ALL, true)));
    PARTS.put("page", both("page", true));
    PARTS.put("memory", List.of(new PageMemory()));
    PARTS.put("concurrency", both("concurrency", false));
    PARTS.put("endpoint", List.of(new Endpoint()));
  }

  private static List<Part> both(String name, boolean pinned) {
    return List.of(new Forked(name, Tiers.ALL, pinned), new Forked(name, Tiers.C1, pinned));
  }

  private Bench() {}

  /// Runs it.
  ///
  /// @param arguments the page to write, and the directory of a picture without a page
  public static void main(String[] arguments) throws Exception {
    Settings settings = Settings.of(Path.of(arguments[0]));
    for (String part : settings.only()) {
      if (!PARTS.containsKey(part)) {
        throw new IllegalArgumentException("no part " + part + "; there are " + PARTS.keySet());
      }
    }
    String machine = Machine.shape();
    List<Row> rows = new ArrayList<>();
    for (Map.Entry<String, List<Part>> part : PARTS.entrySet()) {
      if (settings.includes(part.getKey())) {
        long start = System.nanoTime();
        // In a rehearsal C1 alone, if there is a choice: C2 takes longer to get warm than it lasts.
        List<Part> all = part.getValue();
        for (Part one : settings.quick() ? all.subList(all.size() - 1, all.size()) : all) {
          rows.addAll(one.run(settings));
        }
        System.err.printf("%s: %.0f s%n", part.getKey(), (System.nanoTime() - start) / 1e9);
      }
    }
    String when =
        LocalDate.now(ZoneOffset.UTC) + (settings.quick() ? ", a rehearsal of few runs: " : ": ");
    List<String> report = new ArrayList<>();
    report.add(when + machine + ".");
    report.add("");
    report.addAll(Table.markdown(Row.HEADS, rows.stream().map(Row::cells).toList()));
    if (settings.includes("size")) {
      report.add("");
      report.addAll(Size.weights());
    }
    report.forEach(System.out::println);
    if (settings.write()) {
      write(settings.file(), report);
    }
    Path pictures = settings.write() ? settings.file().resolveSibling(".") : Path.of(arguments[1]);
    Path picture = pictures.resolve("benchmarks.svg").normalize();
    Files.writeString(picture, Picture.svg(when + Machine.brief(), rows));
    System.err.println("The picture is in " + picture);
  }

  /// Replaces what stands between the marks.
  private static void write(Path file, List<String> report) throws IOException {
    String text = Files.readString(file);
    int begin = text.indexOf(BEGIN);
    int end = text.indexOf(END);
    if (begin < 0 || end < begin) {
      throw new IOException(file + " lacks " + BEGIN + " and " + END);
    }
    Files.writeString(
        file,
        text.substring(0, begin + BEGIN.length())
            + "\n"
            + String.join("\n", report)
            + "\n"
            + text.substring(end));
  }
}
