package dsql.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The conformance table, read from `conformance.txt`, which explains its own form.
public final class ConformanceTable {
  private static final String NEEDS = "admin|cluster";

  private ConformanceTable() {}

  /// A case: its title, its source, why it does not hold here (empty if it does), what it needs,
  /// what is done.
  public record Case(
      String title, String source, String gap, List<String> needs, List<Step> steps) {

    private static Case of(String heading) {
      int source = heading.lastIndexOf(" [");
      if (source < 0 || !heading.endsWith("]")) {
        throw new IllegalArgumentException("conformance table: no source in " + heading);
      }
      return new Case(
          heading.substring(0, source),
          heading.substring(source + 2, heading.length() - 1),
          "",
          List.of(),
          new ArrayList<>());
    }

    private Case withGap(String reason) {
      return new Case(title, source, reason, needs, steps);
    }

    private Case needing(String need) {
      if (!need.matches(NEEDS)) {
        throw new IllegalArgumentException("conformance table: unknown need " + need);
      }
      List<String> more = Stream.concat(needs.stream(), Stream.of(need)).toList();
      return new Case(title, source, gap, more, steps);
    }

    public boolean needs(String need) {
      return needs.contains(need);
    }
  }

  /// One statement in one session; whether the job that it starts is waited for.
  public record Step(
      char session,
      String sql,
      List<@Nullable String> parameters,
      boolean waits,
      Expected expected) {}

  /// What a statement answers.
  public sealed interface Expected {
    /// No error.
    record Success() implements Expected {
      @Override
      public String toString() {
        return "no error";
      }
    }

    /// Nobody knows.
    record Anything() implements Expected {
      @Override
      public String toString() {
        return "not known";
      }
    }

    record Rows(List<String> rows) implements Expected {
      @Override
      public String toString() {
        return rows.stream().map(row -> "= " + row).collect(Collectors.joining(" "));
      }
    }

    record Count(int count) implements Expected {
      @Override
      public String toString() {
        return "n " + count;
      }
    }

    /// One of some states; the message only if it is not empty.
    record Failed(List<String> states, String message) implements Expected {
      public boolean matches(String state, String text) {
        return states.contains(state) && (message.isEmpty() || message.equals(text));
      }

      @Override
      public String toString() {
        return "! " + (String.join(" or ", states) + " " + message).strip();
      }
    }
  }

  /// Every case of the table.
  public static List<Case> read() throws IOException {
    try (InputStream in = ConformanceTable.class.getResourceAsStream("conformance.txt")) {
      if (in == null) {
        throw new IOException("no conformance table");
      }
      return parse(new BufferedReader(new InputStreamReader(in, UTF_8)).lines().toList());
    }
  }

  /// The cases that some lines hold.
  public static List<Case> parse(List<String> lines) {
    List<Case> cases = new ArrayList<>();
    for (String line : lines) {
      if (!line.isBlank() && !line.startsWith("#")) {
        read(line, cases);
      }
    }
    return cases;
  }

  /// How many statements the cases have.
  public static int statements(List<Case> cases) {
    return cases.stream().mapToInt(c -> c.steps().size()).sum();
  }

  private static void read(String line, List<Case> cases) {
    if (line.startsWith("== ")) {
      cases.add(Case.of(line.substring(3)));
      return;
    }
    Case last = cases.getLast();
    if (line.startsWith("?? ")) {
      cases.set(cases.size() - 1, last.withGap(line.substring(3)));
    } else if (line.startsWith("needs ")) {
      cases.set(cases.size() - 1, last.needing(line.substring(6)));
    } else if (line.startsWith("> ", 1)) {
      last.steps.add(
          new Step(line.charAt(0), line.substring(3), List.of(), false, new Expected.Success()));
    } else {
      last.steps.add(more(line, last.steps.removeLast()));
    }
  }

  // What a line says of the statement before it.
  private static Step more(String line, Step step) {
    if (line.equals("wait")) {
      return new Step(step.session, step.sql, step.parameters, true, step.expected);
    }
    if (line.startsWith("$ ")) {
      List<@Nullable String> parameters = new ArrayList<>(step.parameters);
      parameters.add(line.equals("$ ∅") ? null : line.substring(2));
      return new Step(step.session, step.sql, parameters, step.waits, step.expected);
    }
    return new Step(
        step.session, step.sql, step.parameters, step.waits, expected(line, step.expected));
  }

  private static Expected expected(String line, Expected before) {
    String[] words = line.split(" ", 3);
    return switch (words[0]) {
      case "!" -> new Expected.Failed(List.of(words[1]), words[2]);
      case "!~" -> new Expected.Failed(List.of(words[1]), "");
      case "!!" -> new Expected.Failed(List.of(line.substring(3).split(" ", -1)), "");
      case "?" -> new Expected.Anything();
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
