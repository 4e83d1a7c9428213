package dsql.lambda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.docs.MarkdownPage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.AbstractMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The tables of `docs/reference/configuration.md` have the variables that the function reads, with
/// their defaults and the parameters of the template.
@Tag("unit")
final class ConfigurationPageTest {

  private static final Map<String, String> REQUIRED =
      Map.of("CLUSTER_ENDPOINT", "example", "CLUSTER_USER", "admin");

  private final Map<String, List<String>> table = page().table("Configuration", 0);

  ConfigurationPageTest() throws IOException {}

  private static MarkdownPage page() throws IOException {
    return MarkdownPage.read("docs/reference/configuration.md");
  }

  @Test
  void everyVariableThatIsReadHasARow() throws IOException {
    Set<String> told = new TreeSet<>(table.keySet());
    told.addAll(page().table("Variables of the platform", 0).keySet());
    Set<String> read = asked();
    // The handler's own, which tells whether there will be a snapshot.
    assertTrue(
        Files.readString(Path.of("src/main/java/dsql/lambda/Handler.java"))
            .contains("variables.get(\"AWS_LAMBDA_INITIALIZATION_TYPE\")"));
    read.add("AWS_LAMBDA_INITIALIZATION_TYPE");
    assertEquals(read, told);
  }

  @Test
  void theDefaultsAreTheCodes() {
    Map<String, String> variables = new HashMap<>(REQUIRED);
    variables.put("AWS_REGION", "us-east-1");
    Config config = Config.from(variables);
    assertEquals(cell("POOL_MAX_LIFETIME"), config.pool().maxLifetime());
    assertEquals(cell("POOL_MAX_IDLE"), config.pool().maxIdle());
    assertEquals(cell("CONNECT_TIMEOUT"), config.connectTimeout());
    assertEquals(cell("LEDGER_TTL"), config.ledgerTtl());
    assertEquals(absent("RETRY_MAX_ATTEMPTS"), "" + config.retryMaxAttempts());
    assertEquals("`AWS_LAMBDA_MAX_CONCURRENCY`, else 1", absent("POOL_MAX"));
    assertEquals(1, config.pool().max());
    for (Door door : Door.values()) {
      String listed = absent(door.actionsVariable()).replace("`", "");
      variables.put(door.actionsVariable(), listed);
    }
    assertEquals(config.actions(), Config.from(variables).actions());
    assertEquals("`public` for admin, else `myschema`", absent("CLUSTER_SCHEMA"));
    assertEquals("public", config.cluster().schema().name());
    variables.put("CLUSTER_USER", "writer");
    assertEquals("myschema", Config.from(variables).cluster().schema().name());
  }

  private Duration cell(String variable) {
    return Duration.parse(absent(variable).replace("`", ""));
  }

  /// What the page says of the case in which the variable is absent.
  private String absent(String variable) {
    return table.getOrDefault(variable, List.of("", "", "")).get(2);
  }

  @Test
  void theRequiredOnesAreThoseThatCannotBeLeftOut() {
    for (String name : table.keySet()) {
      Map<String, String> variables = new HashMap<>(REQUIRED);
      variables.put("AWS_REGION", "us-east-1");
      boolean given = variables.remove(name) != null;
      boolean refused = false;
      try {
        Config.from(variables);
      } catch (InvalidConfiguration e) {
        refused = true;
      }
      assertEquals(given, refused, name);
      assertEquals(refused, absent(name).equals("required"), name);
    }
  }

  /// The template sets each variable by one line: to a parameter or to nothing.
  @Test
  void theParametersAreTheTemplates() throws IOException {
    String template = Files.readString(Path.of("template.yaml"));
    Map<String, String> set = new TreeMap<>();
    Map<String, String> told = new TreeMap<>();
    table.forEach((name, cells) -> {
      String line =
          Pattern.compile("^ +" + name + ": (.*)$", Pattern.MULTILINE)
              .matcher(template)
              .results()
              .map(r -> r.group(1))
              .findFirst()
              .orElseThrow(() -> new AssertionError(name));
      set.put(
          name,
          Pattern.compile("!Ref (\\w+)")
              .matcher(line)
              .results()
              .map(r -> r.group(1))
              .collect(Collectors.joining()));
      told.put(name, cells.get(3).replaceFirst(",.*", "").replace("`", ""));
    });
    assertEquals(set, told);
  }

  /// What a configuration asks its environment for.
  static Set<String> asked() {
    Set<String> asked = new TreeSet<>();
    // Each is a reason for further questions.
    for (String endpoint : List.of("example", "no host")) {
      Map<String, String> environment =
          new AbstractMap<>() {
            @Override
            public @Nullable String get(Object name) {
              asked.add((String) name);
              return switch ((String) name) {
                case "CLUSTER_ENDPOINT" -> endpoint;
                case "CLUSTER_USER" -> "admin";
                case "AWS_REGION" -> "us-east-1";
                default -> null;
              };
            }

            @Override
            public Set<Entry<String, String>> entrySet() {
              return REQUIRED.entrySet();
            }
          };
      try {
        Config.from(environment);
      } catch (InvalidConfiguration e) {
        assertEquals("no host", endpoint);
      }
    }
    return asked;
  }
}
