package dsql.bench;

import dsql.bench.Measure.Ratio;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/// How large the artefact is.
final class Size implements Part {

  static final int GOAL = 4_500_000;

  @Override
  public List<Row> run(Settings settings) throws IOException {
    try (Artefact ours = Artefact.ours();
        Artefact usual = Artefact.usual()) {
      double here = ours.zippedBytes();
      double peer = usual.zippedBytes();
      Ratio megabytes = new Ratio("MB", here / 1e6, peer / 1e6, here / peer, here / peer);
      return List.of(
          new Row("artefact, zipped", "usual stack", megabytes, Goal.NONE),
          new Row("artefact, zipped", "", new Measure.Absolute("bytes", here), Goal.atMost(GOAL)));
    }
  }

  /// What of the artefact is whose, as a table.
  static List<String> weights() throws IOException {
    try (Artefact ours = Artefact.ours()) {
      List<List<String>> rows = new ArrayList<>();
      ours.weights().entrySet().stream()
          .sorted(Comparator.comparingLong(weight -> -weight.getValue()))
          .forEach(weight ->
              rows.add(
                  List.of(weight.getKey(), String.format(Locale.ROOT, "%,d", weight.getValue()))));
      return Table.markdown(List.of("in the artefact", "bytes, zipped"), rows);
    }
  }

  static void delete(Path directory) throws IOException {
    try (var files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
