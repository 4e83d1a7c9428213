package dsql.docs;

import static dsql.docs.MarkdownPage.column;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.action.ColumnType;
import dsql.action.Fault;
import dsql.action.Problem;
import dsql.db.pool.CloseReason;
import dsql.json.LowerCase;
import dsql.lambda.FunctionError;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/// The tables of `docs/reference` that list an enumeration of the code's.
@Tag("unit")
class ReferencePagesTest {

  @Test
  void everyProblemCodeHasARow() throws IOException {
    Map<String, List<String>> table = problems().table("Codes", 0);
    Map<String, String> told = new TreeMap<>();
    Map<String, String> code = new TreeMap<>();
    table.forEach((word, cells) -> {
      String retryable = cells.get(3).split("[,; ]", 2)[0];
      told.put(word, cells.get(1) + ' ' + retryable + ' ' + cells.get(4));
      assertTrue(cells.get(2).endsWith(".") && cells.get(5).length() > 5, word);
    });
    for (Problem.Code constant : Problem.Code.values()) {
      String retryable = constant.retryable() ? "yes" : "no";
      String outcome = LowerCase.of(constant.outcome());
      code.put(LowerCase.of(constant), constant.status() + " " + retryable + ' ' + outcome);
    }
    assertEquals(code, told);
  }

  @Test
  void theFieldsOfAProblemAreTheSchemas() throws IOException {
    assertEquals(
        new TreeSet<>(
            new JsonMapper()
                .readTree(Path.of("schemas/problem.json").toFile())
                .get("properties")
                .propertyNames()),
        problems().table("Fields", 0).keySet());
  }

  @Test
  void faultsOutcomesAndClassesAreTheCodes() throws IOException {
    assertEquals(words(Fault.Code.values()), problems().table("Faults", 0).keySet());
    assertEquals(words(Problem.Outcome.values()), problems().table("Outcomes", 0).keySet());
    assertEquals(
        Arrays.stream(FunctionError.class.getPermittedSubclasses())
            .map(Class::getName)
            .collect(Collectors.toCollection(TreeSet::new)),
        problems().table("Function errors", 0).keySet());
  }

  @Test
  void everyTypeHasItsFamily() throws IOException {
    MarkdownPage page = MarkdownPage.read("docs/reference/values.md");
    Set<String> types = new TreeSet<>();
    for (ColumnType.Base base : ColumnType.Base.values()) {
      if (base != ColumnType.Base.OTHER) {
        types.add(base.sqlName());
      }
    }
    Map<String, List<String>> table = page.table("Values", 0);
    assertEquals(types, table.keySet());
    column(table, 2)
        .values()
        .forEach(family -> assertTrue(family.matches("\\[[^]]+\\]\\(#[a-z-]+\\)"), family));
  }

  @Test
  void everyReasonToCloseAConnectionHasARow() throws IOException {
    assertEquals(
        words(CloseReason.values()),
        MarkdownPage.read("docs/reference/telemetry.md").table("Other lines", 1).keySet());
  }

  private static MarkdownPage problems() throws IOException {
    return MarkdownPage.read("docs/reference/problems.md");
  }

  private static Set<String> words(Enum<?>[] constants) {
    return Arrays.stream(constants)
        .map(LowerCase::of)
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
