package dsql.bench;

import dsql.bench.Measure.Ratio;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/// Rows as a picture: bars for the function and its peers, beneath one another, as SVG. Each bar
/// has its figure and its name beside it, so that nothing rests on colour.
final class Picture {

  /// Rows that share a scale.
  private record Panel(String title, Predicate<String> has) {}

  private static final List<Panel> PANELS =
      List.of(
          new Panel("Cold start, to the first reply", what -> what.startsWith("cold start")),
          new Panel("Restored from a snapshot, to the first reply", Picture::isRestore),
          new Panel("Warm, over loopback", what -> what.endsWith(", median")),
          new Panel(
              "Warm, by network delay",
              what -> what.endsWith(" a round trip") && !isRestore(what)));

  /// The peers that are drawn, and the class of their bars.
  private static final Map<String, String> PEERS =
      Map.of(
          "usual stack", "usual",
          "usual stack, restored", "usual",
          "raw driver", "raw",
          "the same without hooks", "raw");

  private static final int WIDTH = 880;
  private static final int LABELS = 380;
  private static final int LONGEST = 240;
  private static final int BAR = 14;
  private static final int STEP = 18;

  private static final String STYLE =
      """
      <style>
      .page { fill: #ffffff } .text { fill: #1f2328 } .quiet { fill: #59636e }
      .here { fill: #0969da } .usual { fill: #bc4c00 } .raw { fill: #6e7781 }
      text { font: 13px system-ui, 'Segoe UI', Helvetica, Arial, sans-serif }
      .head { font-size: 15px; font-weight: 600 }
      @media (prefers-color-scheme: dark) {
      .page { fill: #0d1117 } .text { fill: #f0f6fc } .quiet { fill: #9198a1 }
      .here { fill: #4493f8 } .usual { fill: #db6d28 } .raw { fill: #8b949e }
      }
      </style>
      """;

  private final StringBuilder body = new StringBuilder();
  private int y = 28;

  private Picture() {}

  /// @param when and where it was measured
  static String svg(String when, List<Row> rows) {
    Picture picture = new Picture();
    picture.text(16, "head text", "Milliseconds at the median; shorter is better");
    picture.y += 20;
    picture.text(16, "quiet", when);
    for (Panel panel : PANELS) {
      List<Row> drawn = rows.stream().filter(row -> isDrawn(panel, row)).toList();
      if (!drawn.isEmpty()) {
        picture.panel(panel.title, drawn);
      }
    }
    return picture.whole();
  }

  private static boolean isRestore(String what) {
    return what.startsWith("restored to first reply");
  }

  private static boolean isDrawn(Panel panel, Row row) {
    return row.measure() instanceof Ratio ratio
        && ratio.unit().equals("ms")
        && PEERS.containsKey(row.peer())
        && panel.has.test(row.what());
  }

  private void panel(String title, List<Row> rows) {
    y += 34;
    text(16, "head text", title);
    double most = 0;
    Map<String, List<Row>> groups = new LinkedHashMap<>();
    for (Row row : rows) {
      groups.computeIfAbsent(row.what(), _ -> new ArrayList<>()).add(row);
      Ratio ratio = (Ratio) row.measure();
      most = Math.max(most, Math.max(ratio.ours(), ratio.theirs()));
    }
    y += 8;
    for (Map.Entry<String, List<Row>> group : groups.entrySet()) {
      group(group.getKey(), group.getValue(), LONGEST / most);
    }
  }

  private void group(String what, List<Row> rows, double scale) {
    int top = y;
    y += BAR;
    text(32, "text", what);
    y = top;
    double last = Double.NaN;
    for (Row row : rows) {
      Ratio ratio = (Ratio) row.measure();
      // Peers that took turns with it in the same run share the function's bar.
      if (ratio.ours() != last) {
        bar("here", ratio.ours(), scale, "this function");
        last = ratio.ours();
      }
      bar(PEERS.getOrDefault(row.peer(), "raw"), ratio.theirs(), scale, row.peer());
    }
    y += 8;
  }

  private void bar(String kind, double value, double scale, String name) {
    double length = Math.max(1, value * scale);
    body.append(
        String.format(
            Locale.ROOT,
            "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>\n",
            kind,
            LABELS,
            y,
            length,
            BAR));
    y += BAR - 2;
    text((int) (LABELS + length) + 8, "text", Measure.digits(value) + " ms, " + name);
    y += STEP - BAR + 2;
  }

  private void text(int x, String kind, String text) {
    body.append(
        "<text class=\"%s\" x=\"%d\" y=\"%d\">%s</text>\n".formatted(kind, x, y, escaped(text)));
  }

  private String whole() {
    int height = y + 12;
    return """
    <svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img">
    <title>What an invocation takes, beside its peers</title>
    """
            .formatted(WIDTH, height, WIDTH, height)
        + STYLE
        + "<rect class=\"page\" width=\"100%\" height=\"100%\"/>\n"
        + body
        + "</svg>\n";
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
