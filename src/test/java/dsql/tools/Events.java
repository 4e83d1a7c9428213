package dsql.tools;

import dsql.lambda.FunctionError;
import dsql.lambda.LocalFunction;
import dsql.local.LocalDsql;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// The main job: sends every event of a directory through the handler, against a local endpoint,
/// and prints each file's name and the reply.
final class Events {

  private Events() {}

  /// Runs it.
  ///
  /// @param arguments the directory
  public static void main(String[] arguments) throws IOException {
    try (LocalDsql dsql = LocalDsql.start();
        LocalFunction function = new LocalFunction(dsql, Map.of())) {
      run(function, Path.of(arguments[0]), System.out);
    }
  }

  /// Sends each event and prints the replies.
  static void run(LocalFunction function, Path directory, PrintStream out) throws IOException {
    for (Path file : EventFiles.of(directory)) {
      out.println(file.getFileName());
      out.println(reply(function, Files.readString(file)));
      out.println();
    }
  }

  private static String reply(LocalFunction function, String event) {
    try {
      return function.invoke(event);
    } catch (FunctionError e) {
      return e.getClass().getName() + ": " + e.getMessage();
    }
  }
}
