package dsql.serve;

import dsql.tools.EventFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// The API's description as the console shows it: of the one operation of `openapi.yaml` it makes
/// one for each action, so that each has a form, and gives it the examples of `events/`.
final class Description {

  /// Each action's name, and its result's.
  static final Map<String, String> ACTIONS =
      Map.of("create", "created", "insert", "inserted", "query", "queried");

  private static final JsonMapper JSON = new JsonMapper();

  /// Where the schemas are in the description.
  private static final String SCHEMAS = "#/components/schemas/";

  /// A reference to a schema's file, or to a place in it.
  private static final Pattern OTHER_FILE = Pattern.compile("(?:schemas/)?([\\w-]+)\\.json#?(.*)");

  private Description() {}

  /// The description as JSON, with all schemas in it.
  static byte[] json(Path directory) throws IOException {
    ObjectNode description =
        (ObjectNode) new YAMLMapper().readTree(directory.resolve("openapi.yaml"));
    JsonNode operation = description.at("/paths/~1/post");
    // The local front takes requests unsigned.
    description.remove("security");
    ((ObjectNode) description.get("components")).remove("securitySchemes");
    description.putArray("servers").addObject().put("url", "/");
    ObjectNode paths = description.putObject("paths");
    for (String action : List.of("create", "insert", "query")) {
      // A fragment is never sent: all of these are the path /.
      ObjectNode post = (ObjectNode) operation.deepCopy();
      fill(post, action, JSON.readTree(directory.resolve("schemas/" + action + ".json")));
      addProblems(post, description.at("/components/responses/Problem"));
      addExamples(post, action, EventFiles.of(directory.resolve("events")));
      paths.putObject("/#" + action).set("post", post);
    }
    bundle(description, directory.resolve("schemas"));
    return JSON.writeValueAsBytes(description);
  }

  /// Brings the schemas in, each under its file's name, so that a browser fetches one file.
  private static void bundle(ObjectNode description, Path directory) throws IOException {
    pointInside(description, "");
    ObjectNode schemas = (ObjectNode) description.at("/components/schemas");
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.sorted().toList()) {
        String name = file.getFileName().toString().replace(".json", "");
        ObjectNode schema = (ObjectNode) JSON.readTree(file);
        schema.remove("$schema");
        pointInside(schema, name);
        schemas.set(name, schema);
      }
    }
  }

  /// @param file the one whose own places are meant by references without a file; empty for the
  ///   description, in which they stay
  private static void pointInside(JsonNode node, String file) {
    for (JsonNode parent : node.findParents("$ref")) {
      String reference = parent.path("$ref").asString("");
      Matcher other = OTHER_FILE.matcher(reference);
      if (other.matches()) {
        ((ObjectNode) parent).put("$ref", SCHEMAS + other.group(1) + other.group(2));
      } else if (!file.isEmpty()) {
        ((ObjectNode) parent).put("$ref", SCHEMAS + file + reference.substring(1));
      }
    }
  }

  private static void fill(ObjectNode post, String action, JsonNode schema) {
    String[] told = schema.path("description").asString("").split("(?<=\\.) ", 2);
    post.put("operationId", action).put("summary", told[0]);
    post.put("description", told.length > 1 ? told[1] : "").putArray("tags").add("actions");
    ((ObjectNode) post.get("requestBody")).remove("description");
    if (action.equals("insert")) {
      // Otherwise the form would send the example's key, the same with each request.
      post.path("parameters").forEach(parameter -> ((ObjectNode) parameter).remove("example"));
    } else {
      post.remove("parameters");
    }
    content(post).putObject("schema").put("$ref", "schemas/" + action + ".json");
    content(post).remove("examples");
    ((ObjectNode) post.get("responses"))
        .removeIf(response -> !response.has("$ref") && !keep(response, action));
  }

  /// Tells in one place what openapi.yaml tells for each status: a form is long enough without.
  private static void addProblems(ObjectNode post, JsonNode problem) {
    ObjectNode responses = (ObjectNode) post.get("responses");
    List<String> statuses = new ArrayList<>(responses.propertyNames());
    responses.removeIf(response -> response.has("$ref"));
    statuses.removeAll(responses.propertyNames());
    responses
        .putObject("default")
        .setAll((ObjectNode) problem.deepCopy())
        .put("description", "A problem, of status " + String.join(", ", statuses) + ".");
  }

  /// Takes the other actions' examples out of a response; false where no other is left.
  private static boolean keep(JsonNode response, String action) {
    ObjectNode success = (ObjectNode) response.at("/content/application~1json");
    success.putObject("schema").put("$ref", "schemas/" + ACTIONS.get(action) + ".json");
    if (success.get("examples") instanceof ObjectNode examples) {
      examples.removeIf(example -> !action.equals(example.at("/value/action").asString("")));
      return !examples.isEmpty();
    }
    return action.equals(success.at("/example/action").asString(""));
  }

  private static void addExamples(ObjectNode post, String action, List<Path> events)
      throws IOException {
    ObjectNode examples = content(post).putObject("examples");
    for (Path file : events) {
      JsonNode sent = action(JSON.readTree(file));
      if (action.equals(sent.path("action").asString(""))) {
        String name = file.getFileName().toString().replace(".json", "");
        examples.putObject(name).set("value", sent);
      }
    }
  }

  /// What an event asks for: itself, or what it carries as text. An event that only says that it is
  /// time asks for nothing here.
  private static JsonNode action(JsonNode event) {
    for (String carrier : List.of("body", "detail")) {
      if (event.path(carrier).isString()) {
        return JSON.readTree(event.get(carrier).stringValue());
      }
    }
    return event;
  }

  private static ObjectNode content(ObjectNode post) {
    return (ObjectNode) post.at("/requestBody/content/application~1json");
  }
}
