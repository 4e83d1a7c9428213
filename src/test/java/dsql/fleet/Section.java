package dsql.fleet;

import java.util.List;
import java.util.Map;

/// A question, its table, and what is drawn of it.
///
/// @param lines what is drawn, by name: one number for each second
record Section(
    String name,
    String title,
    String text,
    List<String> head,
    List<List<String>> rows,
    Map<String, List<Integer>> lines) {

  String table() {
    StringBuilder table = new StringBuilder();
    table.append("| ").append(String.join(" | ", head)).append(" |\n|");
    head.forEach(_ -> table.append(" --- |"));
    table.append('\n');
    rows.forEach(row -> table.append("| ").append(String.join(" | ", row)).append(" |\n"));
    return table.toString();
  }
}
