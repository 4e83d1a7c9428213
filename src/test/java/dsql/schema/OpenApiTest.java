package dsql.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.networknt.schema.Error;
import dsql.action.Problem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// What `openapi.yaml` says is so. That it is an OpenAPI 3.1 document, `.ci/run` has a validator
/// check.
@Tag("unit")
class OpenApiTest {

  private static final JsonNode DOCUMENT = Schemas.yaml(Path.of("openapi.yaml"));

  @Test
  void theSchemasInItAreSchemas() {
    List<JsonNode> schemas = new ArrayList<>(DOCUMENT.findValues("schema"));
    schemas.addAll(DOCUMENT.at("/components/schemas").values());
    for (JsonNode schema : schemas) {
      assertEquals(List.of(), Schemas.schemaFaults(schema), schema::toString);
    }
    assertEquals(13, schemas.size());
  }

  @Test
  void everyReferenceLeadsSomewhere() {
    List<String> references = new ArrayList<>();
    for (JsonNode reference : DOCUMENT.findValues("$ref")) {
      String text = reference.stringValue();
      references.add(text);
      assertTrue(
          text.startsWith("#")
              ? !DOCUMENT.at(text.substring(1)).isMissingNode()
              : isThere(text.split("#", 2)),
          text);
    }
    assertTrue(references.contains("schemas/action.json"), references::toString);
  }

  /// @param reference a file, and maybe a place in it
  private static boolean isThere(String[] reference) {
    Path file = Path.of(reference[0]);
    return Files.exists(file)
        && (reference.length == 1
            || !Schemas.json(Schemas.text(file)).at(reference[1]).isMissingNode());
  }

  @Test
  void everyExampleSatisfiesItsSchema() {
    int examples = 0;
    for (JsonNode content : DOCUMENT.findValues("content")) {
      for (JsonNode media : content) {
        List<JsonNode> values = new ArrayList<>(media.path("examples").findValues("value"));
        if (media.has("example")) {
          values.add(media.get("example"));
        }
        for (JsonNode value : values) {
          assertEquals(List.of(), faults(media.get("schema"), value), value::toString);
          examples++;
        }
      }
    }
    assertEquals(14, examples);
  }

  private static List<Error> faults(JsonNode schema, JsonNode value) {
    String reference = schema.path("$ref").asString("");
    JsonNode resolved = reference.startsWith("#") ? DOCUMENT.at(reference.substring(1)) : schema;
    return Schemas.inline(resolved).validate(value);
  }

  @Test
  void everyStatusOfTheFunctionIsDocumented() {
    Set<String> statuses = new TreeSet<>(List.of("200", "201", "207"));
    Arrays.stream(Problem.Code.values())
        // What other methods get.
        .filter(code -> code != Problem.Code.METHOD_NOT_ALLOWED)
        .forEach(code -> statuses.add(Integer.toString(code.status())));
    assertEquals(statuses, new TreeSet<>(DOCUMENT.at("/paths/~1/post/responses").propertyNames()));
  }
}
