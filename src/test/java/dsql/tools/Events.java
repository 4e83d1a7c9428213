package dsql.tools;

import dsql.lambda.FunctionError;
import dsql.lambda.LocalFunction;
import dsql.local.LocalDsql;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The main job: sends every event of a directory through the handler, against a local endpoint,
/// and prints each file's name and the reply.
public final class Events {

  /// A table is created before rows go in, and rows go in before they are read.
  private static final List<String> ORDER =
      List.of(
          "create.json",
          "insert.json",
          "query.json",
          "http-insert.json",
          "http-query.json",
          "schedule-rule.json",
          "schedule-insert.json");

  private Events() {}

  /// Runs it.
  ///
  /// @param arguments the directory
  public static void main(String[] arguments) throws IOException {
    try (LocalDsql dsql = LocalDsql.start();
        LocalFunction function = new LocalFunction(dsql, Map.of())) {
      for (Path file : files(Path.of(arguments[0]))) {
        System.out.println(file.getFileName());
        System.out.println(reply(function, Files.readString(file)));
        System.out.println();
      }
    }
  }

  /// The events of a directory, in the order in which they make sense.
  public static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> file.toString().endsWith(".json"))
          .sorted(Comparator.comparingInt(Events::rank).thenComparing(Path::getFileName))
          .toList();
    }
  }

  private static int rank(Path file) {
    int place = ORDER.indexOf(file.getFileName().toString());
    return place < 0 ? ORDER.size() : place;
  }

  private static String reply(LocalFunction function, String event) {
    try {
      return function.invoke(event);
    } catch (FunctionError e) {
      return e.getClass().getName() + ": " + e.getMessage();
    }
  }
}
