package dsql.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.action.ActionName;
import dsql.action.DefaultFunction;
import dsql.action.Fault;
import dsql.action.Faults;
import dsql.action.InvalidRequest;
import dsql.codec.RequestDecoder;
import dsql.codec.RequestText;
import dsql.json.Json;
import dsql.json.JsonText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The tables of fields in `docs/reference/actions.md` have what the decoders take and what the
/// schemas, which all other tests hold against the replies, allow.
@Tag("unit")
class ActionsPageTest {

  private static final JsonMapper JSON = new JsonMapper();

  /// Words of JSON in a cell.
  private static final Pattern QUOTED = Pattern.compile("`\"(\\w+)\"`");

  private final MarkdownPage page = MarkdownPage.read("docs/reference/actions.md");

  ActionsPageTest() throws IOException {}

  /// A heading, an object of that kind with an unknown field, and the object's schema.
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '^',
      delimiter = ';',
      textBlock =
          """
          Fields of create; {"action":"create","table":"t","columns":[{"name":"a","type":"text"}],"zz":1}; create.json;
          A column; {"action":"create","table":"t","columns":[{"name":"a","type":"text","zz":1}]}; create.json; /$defs/column
          A foreign key; {"action":"create","table":"t","columns":[{"name":"a","type":"text"}],"foreignKeys":[{"columns":["a"],"table":"u","zz":1}]}; create.json; /$defs/foreignKey
          A check; {"action":"create","table":"t","columns":[{"name":"a","type":"text"}],"checks":[{"name":"c","where":{"a":"x"},"zz":1}]}; create.json; /$defs/check
          An index; {"action":"create","table":"t","columns":[{"name":"a","type":"text"}],"indexes":[{"name":"i","columns":["a"],"zz":1}]}; create.json; /$defs/index
          A part of an index's key; {"action":"create","table":"t","columns":[{"name":"a","type":"jsonb"}],"indexes":[{"name":"i","columns":[{"column":"a","at":"/x","zz":1}]}]}; create.json; /$defs/index/properties/columns/items/anyOf/1
          Fields of insert; {"action":"insert","table":"t","rows":[{"a":1}],"zz":1}; insert.json;
          onConflict; {"action":"insert","table":"t","rows":[{"a":1}],"onConflict":{"columns":["a"],"do":"update","zz":1}}; insert.json; /properties/onConflict
          Fields of query; {"action":"query","table":"t","zz":1}; query.json;
          An element of select; {"action":"query","table":"t","select":[{"count":"a","zz":1}]}; query.json; /$defs/count
          An element of orderBy; {"action":"query","table":"t","orderBy":[{"column":"a","zz":1}]}; query.json; /properties/orderBy/items/anyOf/1
          """)
  void theFieldsAreThoseOfTheDecoderAndOfTheSchema(
      String heading, String request, String file, @Nullable String pointer) throws Exception {
    Map<String, List<String>> table = page.table(heading, 0);
    Set<String> known = new TreeSet<>(known(request));
    // Refused by a fault of their own.
    if (heading.startsWith("A part")) {
      assertTrue(known.removeAll(List.of("direction", "nulls")));
    }
    assertEquals(known, table.keySet());
    JsonNode schema = schema(file, pointer);
    if (heading.equals("An element of select")) {
      assertEquals(selected(file), table.keySet());
      return;
    }
    assertEquals(names(schema.get("properties")), table.keySet());
    assertEquals(
        texts(schema.get("required")),
        keys(table, cells -> cells.get(2).equals("required")),
        "required");
    table.forEach((field, cells) ->
        assertEquals(
            words(file, schema.at("/properties/" + field)),
            QUOTED
                .matcher(cells.get(1))
                .results()
                .map(r -> r.group(1))
                .collect(Collectors.toCollection(TreeSet::new)),
            field));
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          Reply to create, 0, created.json,
          Reply to create, 1, created.json, /properties/steps/items
          Reply to insert, 0, inserted.json,
          Reply to insert, 1, inserted.json, /properties/chunks/items
          Reply to query, 0, queried.json,
          Reply to query, 1, queried.json, /properties/page
          tick, 0, ticked.json,
          """)
  void theRepliesHaveTheFieldsOfTheSchemas(
      String heading, int number, String file, @Nullable String pointer) throws IOException {
    Map<String, List<String>> table = page.table(heading, number);
    JsonNode schema = schema(file, pointer);
    assertEquals(names(schema.get("properties")), table.keySet());
    table.forEach((field, cells) -> {
      JsonNode property = schema.at("/properties/" + field);
      Set<String> inner = inner(property);
      boolean elsewhere = inner.isEmpty() || List.of("steps", "chunks", "page").contains(field);
      assertTrue(
          elsewhere || MarkdownPage.words(String.join(" ", cells)).containsAll(inner),
          () -> field + " has " + inner);
      JsonNode words = property.get("enum");
      if (words != null) {
        words.forEach(word ->
            assertTrue(
                word.isNull() || cells.get(1).contains("\"" + word.stringValue() + "\""),
                () -> field + " may be " + word));
      }
    });
  }

  @Test
  void theOperatorsAreThoseOfTheDecoderAndOfTheSchema() throws Exception {
    Set<String> operators = new TreeSet<>(page.table("A filter", 1).keySet());
    assertEquals(names(schema("query.json", "/$defs/operators").get("properties")), operators);
    // A type belongs to a member.
    operators.remove("type");
    assertEquals(
        new TreeSet<>(known("{\"action\":\"query\",\"table\":\"t\",\"where\":{\"a\":{\"zz\":1}}}")),
        operators);
    assertEquals(
        names(schema("query.json", "/$defs/filter").get("properties")),
        page.table("A filter", 0).keySet());
  }

  @Test
  void theActionsAndTheFunctionsAreTheCodes() throws IOException {
    Set<String> actions = new TreeSet<>(Set.of("tick"));
    for (ActionName action : ActionName.values()) {
      actions.add(action.text());
    }
    assertEquals(actions, page.table("Actions", 0).keySet());
    String text = Files.readString(page.path());
    int begin = text.indexOf("A function is one of ");
    Set<String> functions = MarkdownPage.words(text.substring(begin, text.indexOf('\n', begin)));
    assertEquals(
        Arrays.stream(DefaultFunction.values())
            .map(DefaultFunction::sql)
            .collect(Collectors.toCollection(TreeSet::new)),
        functions);
  }

  @Test
  void theExamplesAreTaken() throws Exception {
    String text = Files.readString(page.path());
    int requests = 0;
    for (String block : text.split("```json\n", -1)) {
      String json = block.substring(0, Math.max(0, block.indexOf("```")));
      if (json.startsWith("{\"action\"") && !json.contains("\"outcome\"")) {
        Faults faults = new Faults();
        RequestDecoder.decode(RequestText.parse(json, faults), Optional.empty(), faults);
        requests++;
      }
    }
    assertEquals(4, requests);
  }

  /// What a decoder says that it knows, when it meets the field `zz`.
  private static List<String> known(String request) throws JsonText.Malformed {
    Faults faults = new Faults();
    Json json = RequestText.parse(request, faults);
    InvalidRequest refused =
        assertThrows(
            InvalidRequest.class, () -> RequestDecoder.decode(json, Optional.empty(), faults));
    Fault fault =
        refused.faults().stream()
            .filter(f -> f.pointer().endsWith("/zz"))
            .findFirst()
            .orElseThrow(() -> new AssertionError(refused.faults()));
    assertEquals(Fault.Code.UNKNOWN_FIELD, fault.code());
    String list = fault.detail().replaceFirst("^.*known(?: here)?: ", "");
    return List.of(list.replace("; for a json column also", ",").split(", ", -1));
  }

  private static Set<String> keys(Map<String, List<String>> table, Predicate<List<String>> which) {
    Set<String> keys = new TreeSet<>();
    table.forEach((key, cells) -> {
      if (which.test(cells)) {
        keys.add(key);
      }
    });
    return keys;
  }

  /// The fields of every kind of element of `select`.
  private static Set<String> selected(String file) throws IOException {
    Set<String> fields = new TreeSet<>();
    for (JsonNode kind : schema(file, "/$defs/selected/anyOf")) {
      String name = kind.get("$ref").stringValue();
      if (name.startsWith("#")) {
        fields.addAll(names(schema(file, name.substring(1)).get("properties")));
      }
    }
    return fields;
  }

  /// The words that a field may be, but for a reference to another object.
  private static Set<String> words(String file, JsonNode property) {
    // An optional field of words may be null, too.
    JsonNode found = property.at("/anyOf/0").has("$ref") ? property.at("/anyOf/0") : property;
    JsonNode reference = found.get("$ref");
    if (reference != null && reference.stringValue().startsWith("#")) {
      found = schema(file, reference.stringValue().substring(1));
    }
    if (found.get("const") != null) {
      return Set.of(found.get("const").stringValue());
    }
    return found.get("enum") == null ? Set.of() : texts(found.get("enum"));
  }

  private static Set<String> inner(JsonNode property) {
    JsonNode object = property.get("items") == null ? property : property.get("items");
    return object.get("properties") == null ? Set.of() : names(object.get("properties"));
  }

  private static JsonNode schema(String file, @Nullable String pointer) {
    JsonNode root = JSON.readTree(Path.of("schemas", file).toFile());
    JsonNode found = pointer == null ? root : root.at(pointer);
    assertTrue(!found.isMissingNode(), () -> file + pointer);
    return found;
  }

  private static Set<String> names(JsonNode properties) {
    return new TreeSet<>(properties.propertyNames());
  }

  private static Set<String> texts(JsonNode array) {
    Set<String> texts = new TreeSet<>();
    array.forEach(text -> {
      if (!text.isNull()) {
        texts.add(text.stringValue());
      }
    });
    return texts;
  }
}
