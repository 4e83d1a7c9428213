package dsql.tools;

import com.google.googlejavaformat.java.Main;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Formats the sources, or checks that they are formatted. Maven runs it from this file, so that it
/// also works where the rest does not compile.
final class Format {

  private Format() {}

  /// Ends with status 1 where a file is not formatted, or is not Java.
  ///
  /// @param arguments `check` or `write`, and the directory of the sources
  public static void main(String[] arguments) throws Exception {
    boolean write = arguments[0].equals("write");
    List<String> options = new ArrayList<>(List.of("--skip-reflowing-long-strings"));
    options.addAll(write ? List.of("--replace") : List.of("--dry-run", "--set-exit-if-changed"));
    options.addAll(sources(Path.of(arguments[1])));
    PrintWriter out =
        new PrintWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8), true);
    int status =
        new Main(out, out, InputStream.nullInputStream()).format(options.toArray(String[]::new));
    if (status != 0) {
      out.println(
          write
              ? "The files above are not Java that can be formatted."
              : "The files above are not formatted. To format all: mvn validate exec:exec@format");
      out.flush();
      System.exit(1);
    }
  }

  private static List<String> sources(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.map(Path::toString).filter(name -> name.endsWith(".java")).sorted().toList();
    }
  }
}
