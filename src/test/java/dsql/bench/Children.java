package dsql.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// JVMs of this program's own.
final class Children {

  private Children() {}

  /// Runs a class of this class path to its end.
  ///
  /// @param program what starts the JVM, such as `taskset` with its options; empty for nothing
  /// @return its standard output; its standard error is this JVM's
  static List<String> run(
      List<String> program, List<String> flags, Class<?> main, List<String> arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(program);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.addAll(arguments);
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      List<String> lines = output.readAllLines();
      int status = process.waitFor();
      if (status != 0) {
        throw new IOException(main.getName() + " ended with " + status + ": " + lines);
      }
      return lines;
    } finally {
      process.destroyForcibly();
    }
  }

  /// Pins a program and all that it starts to one CPU.
  static List<String> onOneCpu() {
    return List.of(
        "taskset", "-c", Integer.toString(Runtime.getRuntime().availableProcessors() - 1));
  }
}
