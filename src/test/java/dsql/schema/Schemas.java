package dsql.schema;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// The JSON Schemas of the project, each compiled once. Safe for concurrent use.
final class Schemas {

  /// Of the working directory, which is the project's.
  static final Path DIRECTORY = Path.of("schemas");

  /// The one that all of them are written in.
  static final String DIALECT = SpecificationVersion.DRAFT_2020_12.getDialectId();

  /// What relative references are resolved against; never fetched.
  private static final String BASE = "https://dsql.invalid/schemas/";

  /// The function's own limits are what is tested, not a parser's.
  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxStringLength(Integer.MAX_VALUE)
                          .maxNumberLength(Integer.MAX_VALUE)
                          .maxNestingDepth(Integer.MAX_VALUE)
                          .maxNameLength(Integer.MAX_VALUE)
                          .build())
                  .build())
          // As doubles, large numbers would be infinite, which no type of a schema is.
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  private static final YAMLMapper YAML = new YAMLMapper();

  private static final SchemaRegistry REGISTRY =
      SchemaRegistry.withDefaultDialect(
          SpecificationVersion.DRAFT_2020_12, builder -> builder.schemas(Schemas::source));

  private static final Map<String, Schema> COMPILED = new ConcurrentHashMap<>();

  private Schemas() {}

  private static @Nullable String source(String uri) {
    return uri.startsWith(BASE) ? text(DIRECTORY.resolve(uri.substring(BASE.length()))) : null;
  }

  /// What a schema finds wrong with a value.
  ///
  /// @param reference a file of the directory, and optionally a `#/pointer` in it
  static List<String> faults(String reference, JsonNode value) {
    return COMPILED
        .computeIfAbsent(reference, name -> REGISTRY.getSchema(SchemaLocation.of(BASE + name)))
        .validate(value)
        .stream()
        .map(Error::toString)
        .toList();
  }

  /// What is wrong with a schema itself.
  static List<Error> schemaFaults(JsonNode schema) {
    return REGISTRY.getSchema(SchemaLocation.of(DIALECT)).validate(schema);
  }

  /// The schema that stands in a node, with references relative to the directory's parent.
  static Schema inline(JsonNode schema) {
    return REGISTRY.getSchema(SchemaLocation.of("https://dsql.invalid/inline"), schema);
  }

  static JsonNode json(String text) {
    // The function passes over a byte order mark, a parser of characters need not.
    return JSON.readTree(text.startsWith("\ufeff") ? text.substring(1) : text);
  }

  static JsonNode yaml(Path file) {
    return YAML.readTree(text(file));
  }

  static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The names of all schemas.
  static List<String> names() {
    try (Stream<Path> files = Files.list(DIRECTORY)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
