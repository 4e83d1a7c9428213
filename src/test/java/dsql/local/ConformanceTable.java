package dsql.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;

/// The conformance table, read from `conformance.txt`, which explains its own form.
final class ConformanceTable {
  private ConformanceTable() {}

  /// A case: its title with its source, why it does not hold (empty if it does), what is done.
  record Case(String title, String gap, List<Step> steps) {}

  /// One statement in one session.
  record Step(char session, String sql, Expected expected) {}

  /// What a statement answers.
  sealed interface Expected {
    record Success() implements Expected {}

    record Rows(List<String> rows) implements Expected {}

    record Count(int count) implements Expected {}

    /// One of some states; the message only if it is not empty.
    record Failed(List<String> states, String message) implements Expected {
      boolean matches(String state, String text) {
        return states.contains(state) && (message.isEmpty() || message.equals(text));
      }
    }
  }

  static List<Case> read() throws IOException {
    List<Case> cases = new ArrayList<>();
    try (InputStream in = ConformanceTable.class.getResourceAsStream("conformance.txt")) {
      if (in == null) {
        throw new IOException("no conformance table");
      }
      BufferedReader lines = new BufferedReader(new InputStreamReader(in, UTF_8));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.isBlank() && !line.startsWith("#")) {
          read(line, cases);
        }
      }
    }
    return cases;
  }

  private static void read(String line, List<Case> cases) {
    if (line.startsWith("== ")) {
      cases.add(new Case(line.substring(3), "", new ArrayList<>()));
      return;
    }
    Case last = cases.getLast();
    if (line.startsWith("?? ")) {
      cases.set(cases.size() - 1, new Case(last.title, line.substring(3), last.steps));
    } else if (line.startsWith("> ", 1)) {
      last.steps.add(new Step(line.charAt(0), line.substring(3), new Expected.Success()));
    } else {
      Step step = last.steps.removeLast();
      last.steps.add(new Step(step.session, step.sql, expected(line, step.expected)));
    }
  }

  private static Expected expected(String line, Expected before) {
    String[] words = line.split(" ", 3);
    return switch (words[0]) {
      case "!" -> new Expected.Failed(List.of(words[1]), words[2]);
      case "!~" -> new Expected.Failed(List.of(words[1]), "");
      case "!!" -> new Expected.Failed(List.of(words[1], words[2]), "");
      case "n" -> new Expected.Count(Integer.parseInt(words[1]));
      case "=" -> {
        List<String> rows = new ArrayList<>();
        if (before instanceof Expected.Rows(List<String> more)) {
          rows.addAll(more);
        }
        rows.add(line.substring(2));
        yield new Expected.Rows(rows);
      }
      default -> throw new IllegalArgumentException("conformance table: " + line);
    };
  }
}
