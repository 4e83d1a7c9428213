package dsql.fleet;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Numbers over seconds as an SVG: one panel for each line, with its name and its greatest number.
/// Lines that differ in the last part of their names, before and now, have the same scale.
final class Chart {

  private static final int WIDTH = 720;
  private static final int HEIGHT = 90;

  private static final String STYLE =
      """
      <style>
      .page { fill: #ffffff } .text { fill: #1f2328 } .bar { fill: #0969da }
      text { font: 13px system-ui, 'Segoe UI', Helvetica, Arial, sans-serif }
      @media (prefers-color-scheme: dark) {
      .page { fill: #0d1117 } .text { fill: #f0f6fc } .bar { fill: #4493f8 }
      }
      </style>
      """;

  private Chart() {}

  static String svg(Map<String, List<Integer>> lines) {
    StringBuilder body = new StringBuilder();
    int y = 24;
    for (Map.Entry<String, List<Integer>> line : lines.entrySet()) {
      int most = most(line.getValue());
      int scale =
          lines.entrySet().stream()
              .filter(other -> compared(other.getKey()).equals(compared(line.getKey())))
              .mapToInt(other -> most(other.getValue()))
              .max()
              .orElse(most);
      int size = line.getValue().size();
      body.append(
          "<text class=\"text\" x=\"16\" y=\"%d\">%s; at most %d</text>\n"
              .formatted(y, line.getKey(), most));
      body.append("<path class=\"bar\" d=\"");
      double step = (double) (WIDTH - 32) / Math.max(1, size);
      for (int i = 0; i < size; i++) {
        double height = (double) HEIGHT * line.getValue().get(i) / scale;
        if (height > 0) {
          body.append(
              String.format(
                  Locale.ROOT,
                  "M%.1f %.1fv-%.1fh%.2fv%.1fz",
                  16 + i * step,
                  y + 8.0 + HEIGHT,
                  height,
                  Math.max(0.5, step),
                  height));
        }
      }
      body.append("\"/>\n");
      y += HEIGHT + 40;
    }
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\">\n".formatted(WIDTH, y)
        + STYLE
        + "<rect class=\"page\" width=\"%d\" height=\"%d\"/>\n".formatted(WIDTH, y)
        + body
        + "</svg>\n";
  }

  private static int most(List<Integer> numbers) {
    return Math.max(1, Sections.most(numbers, 0));
  }

  private static String compared(String name) {
    return name.replaceFirst(", (before|now.*)$", "");
  }
}
