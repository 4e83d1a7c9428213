package dsql.model;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.model.Explorer.Explored;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/// What `docs/ledger-model.md` has to say.
final class ModelPage {

  private ModelPage() {}

  /// Holds a row of the page's first table against what was explored.
  static void holds(Exploration model, Explored explored) throws IOException {
    Scope scope = model.scope();
    String row =
        String.format(
            Locale.ROOT,
            "| `%s` | %d | %d | %d | %d | %d | %d | %,d | %,d |",
            model,
            scope.senders(),
            scope.rows(),
            scope.lost(),
            scope.refusals(),
            scope.changes(),
            scope.expiries(),
            explored.states(),
            explored.transitions());
    holds(row);
  }

  /// Holds that the page has a line that begins so.
  static void holds(String row) throws IOException {
    Path page = Path.of("docs/ledger-model.md");
    assertTrue(
        Files.readAllLines(page).stream().anyMatch(line -> line.startsWith(row)),
        () -> page + " has no line that begins with: " + row);
  }
}
