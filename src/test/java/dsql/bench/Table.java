package dsql.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Rows as a Markdown table, its columns aligned.
final class Table {

  private Table() {}

  static List<String> markdown(List<String> heads, List<List<String>> rows) {
    int[] width = new int[heads.size()];
    for (int i = 0; i < width.length; i++) {
      width[i] = Math.max(3, heads.get(i).length());
      for (List<String> row : rows) {
        width[i] = Math.max(width[i], row.get(i).length());
      }
    }
    List<String> lines = new ArrayList<>();
    lines.add(line(heads, width));
    lines.add(line(Collections.nCopies(width.length, "---"), width));
    rows.forEach(row -> lines.add(line(row, width)));
    return lines;
  }

  private static String line(List<String> cells, int[] width) {
    StringBuilder line = new StringBuilder("|");
    for (int i = 0; i < width.length; i++) {
      String cell = cells.get(i);
      line.append(' ').append(cell).repeat(' ', width[i] - cell.length()).append(" |");
    }
    return line.toString();
  }
}
