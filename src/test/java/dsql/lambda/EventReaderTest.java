package dsql.lambda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dsql.action.Fault;
import dsql.action.Faults;
import dsql.action.InvalidRequest;
import dsql.action.Problem;
import dsql.json.Json;
import dsql.json.JsonWriter;
import dsql.lambda.Invocation.ActionText;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Doors are told apart by the event's shape. Texts use `'` for `"`.
@Tag("unit")
class EventReaderTest {

  private static final String QUERY = "{\"action\":\"query\",\"table\":\"t\"}";

  @Test
  void theActionItselfIsDirect() {
    assertEquals(QUERY, text(assertInstanceOf(Invocation.Direct.class, read(QUERY)).action()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"{'action':null}", "{'action':7,'x':1}", "{'action':''}"})
  void anythingWithAnActionIsDirect(String event) {
    assertInstanceOf(Invocation.Direct.class, read(event));
  }

  @Test
  void keepsTheFaultsOfItsText() {
    Invocation.Direct direct =
        assertInstanceOf(Invocation.Direct.class, read("{'action':'query','action':'create'}"));
    assertEquals(List.of("/action"), pointers(direct.faults()));
  }

  @Test
  void readsAnHttpEvent() {
    assertEquals(
        new Invocation.Http(
            "POST",
            Optional.of("application/json"),
            Optional.of("gzip"),
            Optional.of("k-1"),
            Optional.of("{}"),
            true),
        read(
            """
            {'version':'2.0','headers':{'content-type':'application/json','content-encoding':'gzip','idempotency-key':'k-1'},
             'requestContext':{'http':{'method':'POST','path':'/'}},'body':'{}',
             'isBase64Encoded':true}
            """));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'requestContext':{'http':{'method':'GET'}}}",
        "{'requestContext':{'http':{'method':'GET'}},'headers':null,'body':null,'isBase64Encoded':null}",
        "{'requestContext':{'http':{'method':'GET'}},'headers':[],'body':{},'isBase64Encoded':'true'}",
        "{'requestContext':{'http':{'method':'GET'}},'headers':{'content-type':1},'action':'query'}",
        "{'requestContext':{'http':{'method':'GET'}},'detail-type':'Scheduled Event','source':'aws.events'}"
      })
  void readsAnHttpEventWithMissingOrMalformedParts(String event) {
    assertEquals(
        new Invocation.Http(
            "GET", Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), false),
        read(event));
  }

  @ParameterizedTest
  @ValueSource(strings = {"aws.events", "aws.scheduler"})
  void aScheduleCarriesItsActionAsObjectOrText(String source) {
    for (String detail : List.of(QUERY, new JsonWriter().value(QUERY).toString())) {
      Invocation.Scheduled scheduled =
          assertInstanceOf(Invocation.Scheduled.class, read(scheduled(source, detail)));
      ActionText action = scheduled.action().orElseThrow();
      assertEquals(QUERY, text(action.action()));
      action.faults().throwIfAny();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "null", "\"\"", "\" \"", "\"{}\"", "\"null\""})
  void aScheduleMayCarryNothing(String detail) {
    assertEquals(
        Optional.empty(),
        assertInstanceOf(Invocation.Scheduled.class, read(scheduled("aws.events", detail)))
            .action());
    assertEquals(
        new Invocation.Scheduled(Optional.empty(), Optional.empty()),
        read("{'detail-type':'Scheduled Event','source':'aws.events'}"));
    assertEquals(
        new Invocation.Scheduled(Optional.of("i"), Optional.empty()),
        read("{'id':'i','detail-type':'Scheduled Event','source':'aws.events'}"));
  }

  @Test
  void aSchedulesFaultsPointIntoItsAction() {
    String twice = "{\"action\":\"query\",\"a\":{\"b\":1,\"b\":2}}";
    for (String detail : List.of(twice, new JsonWriter().value(twice).toString())) {
      Invocation.Scheduled scheduled =
          assertInstanceOf(
              Invocation.Scheduled.class,
              read(
                  "{\"x\":1,\"x\":2,\"detail-type\":\"Scheduled Event\",\"source\":\"aws.events\","
                      + "\"detail\":"
                      + detail
                      + "}"));
      assertEquals(List.of("/a/b"), pointers(scheduled.action().orElseThrow().faults()));
    }
  }

  @Test
  void aScheduleWhoseTextIsNotJsonIsMalformed() {
    Problem problem = problem(scheduled("aws.scheduler", "\"{query}\""));
    assertEquals(Problem.Code.MALFORMED_JSON, problem.code());
    assertEquals(
        "The event's detail is not valid JSON: not JSON at line 1 column 2", problem.detail());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        "null",
        "1",
        "'query'",
        "[{'action':'query'}]",
        "{'Action':'query'}",
        "{'table':'t'}",
        "{'version':'1.0','httpMethod':'POST','path':'/','body':'{}'}",
        "{'requestContext':{'httpMethod':'POST'}}",
        "{'requestContext':{'http':{'method':1}}}",
        "{'requestContext':{'http':'POST'}}",
        "{'requestContext':null}",
        "{'Records':[{'eventSource':'aws:sqs','body':'{}'}]}",
        "{'detail-type':'Scheduled Event','source':'my.app','detail':{}}",
        "{'detail-type':'Object Created','source':'aws.events','detail':{}}",
        "{'detail-type':1,'source':'aws.events'}",
        "{'detail':{'action':'query'}}"
      })
  void anythingElseIsUnknown(String event) {
    assertEquals(Problem.Code.UNKNOWN_EVENT, problem(event.replace('\'', '"')).code());
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      textBlock =
          """
          `` | The event is not valid JSON: the JSON text ends early
          {"action":"query" | The event is not valid JSON: the JSON text ends early
          action=query | The event is not valid JSON: not JSON at line 1 column 1
          {} {} | The event is not valid JSON: not JSON at line 1 column 4
          """)
  void whatIsNoJsonIsMalformed(String event, String detail) {
    Problem problem = problem(event);
    assertEquals(Problem.Code.MALFORMED_JSON, problem.code());
    assertEquals(detail, problem.detail());
  }

  @Test
  void whatIsNotUtf8IsMalformed() {
    Event received =
        EventReader.read(
            new ByteArrayInputStream("{\"action\":\"é\"}".getBytes(StandardCharsets.ISO_8859_1)));
    assertEquals(
        Problem.of(
            Problem.Code.MALFORMED_JSON, "The event is not valid JSON: the text is not UTF-8"),
        assertInstanceOf(Invocation.Unreadable.class, received.invocation()).problem());
  }

  private static String scheduled(String source, String detail) {
    return "{\"detail-type\":\"Scheduled Event\",\"source\":\""
        + source
        + "\",\"detail\":"
        + detail
        + "}";
  }

  private static Problem problem(String event) {
    return assertInstanceOf(Invocation.Unreadable.class, readAsIs(event)).problem();
  }

  private static Invocation read(String event) {
    return readAsIs(event.replace('\'', '"'));
  }

  private static Invocation readAsIs(String event) {
    return received(event).invocation();
  }

  private static Event received(String event) {
    return EventReader.read(new ByteArrayInputStream(event.getBytes(StandardCharsets.UTF_8)));
  }

  private static List<String> pointers(Faults faults) {
    return assertThrows(InvalidRequest.class, faults::throwIfAny).faults().stream()
        .map(Fault::pointer)
        .toList();
  }

  private static String text(Json json) {
    JsonWriter out = new JsonWriter();
    json.writeTo(out);
    return out.toString();
  }
}
