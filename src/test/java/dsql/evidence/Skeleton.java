package dsql.evidence;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// The verbs of a statement, nested as their parentheses are. Confined to one thread.
final class Skeleton {
  private static final String ROWS = "VALUES";

  private final Deque<List<String>> levels = new ArrayDeque<>();

  Skeleton() {
    levels.push(new ArrayList<>());
  }

  void add(String verb) {
    levels.element().add(verb);
  }

  void open() {
    levels.push(new ArrayList<>());
  }

  void close() {
    if (levels.size() == 1) {
      return;
    }
    List<String> inner = levels.pop();
    String text = String.join(" ", inner);
    if (!inner.isEmpty()) {
      boolean nested = inner.size() == 1 && text.startsWith("(");
      add(nested ? text : '(' + text + ')');
    }
  }

  /// Another row follows, if it is rows that are listed here.
  void comma() {
    List<String> level = levels.element();
    if (!level.isEmpty() && level.getLast().equals(ROWS)) {
      level.set(level.size() - 1, ROWS + "×n");
    }
  }

  /// How deep the parentheses are, 0 outside of all.
  int depth() {
    return levels.size() - 1;
  }

  /// The verbs outside of parentheses come first to last, those inside where they stand.
  String text() {
    while (levels.size() > 1) {
      close();
    }
    return String.join(" ", levels.element());
  }

  boolean holds(String verb) {
    return levels.getLast().contains(verb);
  }

  String first() {
    List<String> outer = levels.getLast();
    return outer.isEmpty() ? "empty" : outer.getFirst();
  }
}
