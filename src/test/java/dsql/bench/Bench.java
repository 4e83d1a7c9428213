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

/// The benchmarks, as one table. Linux with `taskset`.
///
/// `-Dbench=quick` is a rehearsal; `-Dbench.only=cold,bulk` runs some parts; `-Dbench.write` puts
/// the result into a file, between two marks.
public final class Bench {

  static final String BEGIN = "<!-- measured -->";
  static final String END = "<!-- /measured -->";

  private static final Map<String, Part> PARTS = new LinkedHashMap<>();

  static {
    PARTS.put("size", new Size());
    PARTS.put("cold", new ColdStarts());
    PARTS.put("restore", new Restores());
    PARTS.put("warm", new Forked("warm", true));
    PARTS.put("bulk", new Forked("bulk", true));
    PARTS.put("growth", new Forked("growth", true));
    PARTS.put("page", new Forked("page", true));
    PARTS.put("memory", new PageMemory());
    PARTS.put("concurrency", new Forked("concurrency", false));
    PARTS.put("endpoint", new Endpoint());
  }

  private Bench() {}

  /// Runs it.
  ///
  /// @param arguments the file to write
  public static void main(String[] arguments) throws Exception {
    Settings settings = Settings.of(Path.of(arguments[0]));
    for (String part : settings.only()) {
      if (!PARTS.containsKey(part)) {
        throw new IllegalArgumentException("no part " + part + "; there are " + PARTS.keySet());
      }
    }
    String machine = Machine.shape();
    List<List<String>> rows = new ArrayList<>();
    for (Map.Entry<String, Part> part : PARTS.entrySet()) {
      if (settings.includes(part.getKey())) {
        long start = System.nanoTime();
        part.getValue().run(settings).forEach(row -> rows.add(row.cells()));
        System.err.printf("%s: %.0f s%n", part.getKey(), (System.nanoTime() - start) / 1e9);
      }
    }
    List<String> report = new ArrayList<>();
    report.add(
        LocalDate.now(ZoneOffset.UTC)
            + (settings.quick() ? ", a rehearsal of few runs: " : ": ")
            + machine
            + ".");
    report.add("");
    report.addAll(Table.markdown(Row.HEADS, rows));
    if (settings.includes("size")) {
      report.add("");
      report.addAll(Size.weights());
    }
    report.forEach(System.out::println);
    if (settings.write()) {
      write(settings.file(), report);
    }
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
