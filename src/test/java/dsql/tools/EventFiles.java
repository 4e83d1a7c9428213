package dsql.tools;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// The files of `events/`.
public final class EventFiles {

  /// A table is created before rows go in, and rows go in before they are read.
  private static final List<String> ORDER =
      List.of(
          "create.json",
          "insert.json",
          "query.json",
          "create-purchase.json",
          "insert-purchase.json",
          "query-purchase.json",
          "http-insert.json",
          "http-query.json",
          "schedule-rule.json",
          "schedule-insert.json");

  private EventFiles() {}

  /// The events of a directory, each after those that it needs.
  public static List<Path> of(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> file.toString().endsWith(".json"))
          .sorted(Comparator.comparingInt(EventFiles::rank).thenComparing(Path::getFileName))
          .toList();
    }
  }

  private static int rank(Path file) {
    int place = ORDER.indexOf(file.getFileName().toString());
    return place < 0 ? ORDER.size() : place;
  }
}
