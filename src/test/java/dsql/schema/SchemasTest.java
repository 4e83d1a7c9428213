package dsql.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.SharedDsql;
import dsql.action.ColumnType;
import dsql.action.DefaultFunction;
import dsql.action.Fault;
import dsql.action.Faults;
import dsql.action.InvalidRequest;
import dsql.action.Problem;
import dsql.codec.RequestDecoder;
import dsql.codec.RequestText;
import dsql.json.JsonText;
import dsql.json.LowerCase;
import dsql.lambda.FunctionError;
import dsql.lambda.LocalFunction;
import dsql.local.LocalDsql;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// The schemas against the code's own lists, the sample events, and the language's edges.
@Tag("endToEnd")
class SchemasTest {

  private static final String QUERY = "{\"action\":\"query\",\"table\":\"t\"}";

  static List<String> names() {
    return Schemas.names();
  }

  @ParameterizedTest
  @MethodSource("names")
  void everyFileIsAValidSchema(String name) {
    JsonNode schema = Schemas.json(Schemas.text(Schemas.DIRECTORY.resolve(name)));
    assertEquals(Schemas.DIALECT, schema.get("$schema").stringValue());
    assertEquals(List.of(), Schemas.schemaFaults(schema));
    assertFalse(Schemas.schemaFaults(Schemas.json("{\"minLength\":-1}")).isEmpty());
    for (JsonNode reference : schema.findValues("$ref")) {
      String[] parts = reference.stringValue().split("#", 2);
      JsonNode target =
          parts[0].isEmpty()
              ? schema
              : Schemas.json(Schemas.text(Schemas.DIRECTORY.resolve(parts[0])));
      assertFalse(
          parts.length > 1 && target.at(parts[1]).isMissingNode(), () -> reference + " in " + name);
    }
  }

  @Test
  void theSampleEventsSatisfyTheSchemas() throws IOException {
    Map<String, Boolean> valid = new TreeMap<>();
    try (Stream<Path> files = Files.list(Path.of("events"))) {
      files.forEach(file ->
          valid.put(
              file.getFileName().toString(),
              Exchanges.eventFaults(Schemas.json(Schemas.text(file))).isEmpty()));
    }
    assertTrue(valid.size() > 7, valid::toString);
    assertEquals(false, valid.remove("bad-request.json"));
    assertEquals(Set.of(true), Set.copyOf(valid.values()), valid::toString);
  }

  @Test
  void everyProblemCodeHasItsStatus() {
    Map<String, Integer> codes = new TreeMap<>();
    for (JsonNode row : problem().at("/dependentSchemas/status/oneOf")) {
      for (JsonNode code : row.at("/properties/code/enum")) {
        codes.put(code.stringValue(), row.at("/properties/status/const").intValue());
      }
    }
    assertEquals(
        Arrays.stream(Problem.Code.values())
            .collect(
                Collectors.toMap(LowerCase::of, Problem.Code::status, (a, _) -> a, TreeMap::new)),
        codes);
    assertEquals(
        codes.keySet(), texts(schema("common.json").at("/$defs/problemCode/enum")), "common.json");
    Set<Integer> statuses = new TreeSet<>(codes.values());
    statuses.addAll(List.of(200, 201, 207));
    assertEquals(
        statuses,
        StreamSupport.stream(
                schema("http-response.json").at("/properties/statusCode/enum").spliterator(), false)
            .map(JsonNode::intValue)
            .collect(Collectors.toCollection(TreeSet::new)));
  }

  @Test
  void theCodesOwnListsAreTheSchemas() {
    assertEquals(
        words(Fault.Code.values()),
        texts(problem().at("/properties/errors/items/properties/code/enum")));
    assertEquals(words(Problem.Outcome.values()), texts(problem().at("/properties/outcome/enum")));
    assertEquals(
        Arrays.stream(FunctionError.class.getPermittedSubclasses())
            .map(Class::getName)
            .collect(Collectors.toCollection(TreeSet::new)),
        texts(schema("function-error.json").at("/properties/errorType/enum")));
    assertEquals(
        Arrays.stream(DefaultFunction.values())
            .map(DefaultFunction::sql)
            .collect(Collectors.toCollection(TreeSet::new)),
        texts(schema("create.json").at("/$defs/defaultFunction/examples")));
    assertEquals(
        EnumSet.complementOf(EnumSet.of(ColumnType.Base.OTHER)),
        texts(schema("create.json").at("/$defs/columnType/examples")).stream()
            .map(SchemasTest::base)
            .collect(Collectors.toSet()));
  }

  private static ColumnType.Base base(String type) {
    try {
      return ColumnType.forNewColumn(type).base();
    } catch (ColumnType.Refused e) {
      throw new AssertionError(type, e);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "'where':null,'select':null,'groupBy':null,'orderBy':null,'limit':null,'cursor':null",
        "'where':{}",
        "'where':{'a':null,'b':1.5,'c':'x','d':true}",
        "'where':{'a':{'gte':1,'lt':'2'},'b':{'in':[1,'2',true]},'c':{'notIn':['x']}}",
        "'where':{'a':{'like':'%'},'b':{'ilike':'_'},'c':{'between':[1,2]},'d':{'isNull':false}}",
        "'where':{'a':{'eq':null},'b':{'ne':{'json':[1]}},'c':{'in':[]}}",
        "'where':{'and':[{'a':1},{'or':[{'b':{'ne':2}},{'not':{'c':{'eq':'x','lte':'y'}}}]}]}",
        "'select':['a',{'column':'b','as':'c'},{'count':'*','as':'n'},{'sum':'d'},{'avg':'d'}],"
            + "'groupBy':['a','b']",
        "'select':[{'min':'a'},{'max':'a','as':'b'},{'count':'a'}],'groupBy':['c']",
        "'orderBy':[{'column':'a'},'c',{'column':'b','direction':'asc','nulls':'first'}]",
        "'limit':1,'cursor':'x'",
        "'limit':10000",
        "'limit':1e2",
        "'limit':100.0",
        "'where':{'a':{'at':'/x','type':'date','eq':1}},'orderBy':[{'column':'a','at':''}]",
        "'where':{'a':{'at':null,'type':null,'contains':1,'has':'x'}}",
        "'where':{'a':{'at':'/x','type':null,'eq':1}}",
        "'select':[{'count':'*','at':null,'type':null,'distinct':false}]",
        "'select':[{'column':'a','at':'','as':'b'},{'column':'a','at':'/b/~0'}]",
        "'select':[{'count':'*'}],'having':{'count':{'at':null,'gt':1}},'key':null",
        "'where':{'a':{'lte':[1],'gt':{'b':1}},'b':{'between':[[],{}]}}",
        "'select':['in'],'groupBy':['in'],'having':{'not':{'in':{'in':[1]}}}",
        "'having':{},'key':['a'],'select':['a']"
      })
  void acceptsAValidQuery(String fields) throws JsonText.Malformed {
    assertEquals(List.of(), Exchanges.eventFaults(query(fields)));
    decode(query(fields));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'colour':1",
        "'where':[]",
        "'where':'a'",
        "'where':{'a':[1]}",
        "'where':{'a':{}}",
        "'where':{'a':{'like':1}}",
        "'where':{'a':{'is':1}}",
        "'where':{'a':{'gt':null}}",
        "'where':{'a':{'in':[null]}}",
        "'where':{'a':{'in':1}}",
        "'where':{'not':{}}",
        "'where':{'or':[{}]}",
        "'groupBy':['a']",
        "'groupBy':['a'],'select':null",
        "'select':[{'sum':'*'}]",
        "'select':[{'count':null}]",
        "'where':{'a':{'between':[1]}}",
        "'where':{'a':{'between':[1,2,3]}}",
        "'where':{'a':{'isNull':'yes'}}",
        "'where':{'and':[]}",
        "'where':{'or':{'a':1}}",
        "'where':{'not':[{'a':1}]}",
        "'where':{'not':{'a':{'nope':1}}}",
        "'select':[]",
        "'select':['a','a']",
        "'select':[{'column':'a','sum':'b'}]",
        "'select':[{'median':'a'}]",
        "'select':[{'as':'a'}]",
        "'groupBy':[],'select':['a']",
        "'groupBy':'a','select':['a']",
        "'orderBy':[1]",
        "'orderBy':[{'column':'a','direction':'up'}]",
        "'orderBy':[{'column':'a','nulls':'none'}]",
        "'limit':0",
        "'limit':10001",
        "'limit':'1'",
        "'cursor':1",
        "'where':{'a':{'at':'/x'}}",
        "'where':{'a':{'at':'/x','type':'text'}}",
        "'where':{'a':{'type':'text','eq':1}}",
        "'where':{'a':{'at':null,'type':'text','eq':1}}",
        "'where':{'a':{'at':'/x','contains':1}}",
        "'where':{'a':{'at':'','has':'x'}}",
        "'orderBy':[{'column':'a','type':'text'}]",
        "'select':[{'sum':'a','type':'text'}]",
        "'select':[{'count':'*','distinct':true}]",
        "'select':[{'count':'*','at':'/x'}]",
        "'select':[{'column':'a','at':''}]",
        "'select':[{'column':'a','at':'/b/','as':null}]",
        "'select':[{'count':'*'}],'key':['a']",
        "'select':['a'],'groupBy':['a'],'key':['a']",
        "'select':['a'],'having':{'a':1}",
        "'select':['a'],'groupBy':['a'],'having':{'a':{'at':'/x','eq':1}}",
        "'select':['a'],'groupBy':['a'],'having':{'or':[{'a':{'has':'x'}}]}",
        "'select':['a'],'groupBy':['a'],'having':{'in':{'columns':['a'],'values':[]}}"
      })
  void refusesAnInvalidQuery(String fields) {
    assertFalse(Exchanges.eventFaults(query(fields)).isEmpty());
    assertThrows(InvalidRequest.class, () -> decode(query(fields)));
  }

  /// What the function itself makes of it.
  private static void decode(JsonNode request) throws JsonText.Malformed {
    Faults faults = new Faults();
    RequestDecoder.decode(RequestText.parse(request.toString(), faults), Optional.empty(), faults);
  }

  private static JsonNode query(String fields) {
    return Schemas.json(
        "{\"action\":\"query\",\"table\":\"t\""
            + (fields.isEmpty() ? "" : "," + fields.replace('\'', '"'))
            + "}");
  }

  /// Without this, the rest of the suite would check nothing.
  @Test
  @ExtendWith(SharedDsql.class)
  void whatAFunctionAnswersIsChecked(LocalDsql dsql) {
    long before = SchemaCheck.EXCHANGES.checked();
    try (LocalFunction function = new LocalFunction(dsql, Map.of())) {
      assertThrows(FunctionError.class, () -> function.invoke("{}"));
      function.invoke("{\"detail-type\":\"Scheduled Event\",\"source\":\"aws.events\"}");
    }
    assertTrue(SchemaCheck.EXCHANGES.checked() >= before + 2);

    Exchanges exchanges = new Exchanges();
    String tick =
        """
        {"action":"tick","outcome":"alive","pool":{"total":1,"idle":1,"opened":1,"closed":0},\
        "ledger":{"pruned":0}}\
        """;
    exchanges.answered(QUERY, tick);
    exchanges.answered(QUERY, tick.replace("\"pruned\":0", "\"pruned\":500,\"more\":true"));
    assertRefused(() -> exchanges.answered(QUERY, tick.replace("alive", "well")), "result.json");
    assertRefused(() -> exchanges.answered("{\"action\":\"query\"}", tick), "takes what");
    String http = "{\"requestContext\":{\"http\":{\"method\":\"POST\"}},\"body\":\"{}\"}";
    assertRefused(() -> exchanges.answered(http, tick), "takes what");
  }

  private static void assertRefused(Runnable exchange, String message) {
    String told = String.valueOf(assertThrows(AssertionError.class, exchange::run).getMessage());
    assertTrue(told.contains(message), told);
  }

  private static JsonNode problem() {
    return schema("problem.json");
  }

  private static JsonNode schema(String name) {
    return Schemas.json(Schemas.text(Schemas.DIRECTORY.resolve(name)));
  }

  private static Set<String> words(Enum<?>[] constants) {
    return Arrays.stream(constants)
        .map(LowerCase::of)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> texts(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false)
        .map(JsonNode::stringValue)
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
