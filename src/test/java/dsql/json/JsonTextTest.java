package dsql.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.action.Fault;
import dsql.action.Faults;
import dsql.action.InvalidRequest;
import dsql.json.JsonText.Malformed;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTextTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{a:1}",
        "{'a':1}",
        "{\"a\" 1}",
        "{\"a\"=1}",
        "{\"a\":1;\"b\":2}",
        "{\"a\":1,}",
        "{,}",
        "{\"a\"}",
        "{\"a\":}",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1;2]",
        "[}",
        "{]",
        "]",
        ",",
        ":",
        "nul",
        "nulls",
        "NULL",
        "True",
        "FALSE",
        "undefined",
        "NaN",
        "Infinity",
        "-Infinity",
        "-",
        "+1",
        "01",
        "-01",
        "1.",
        ".5",
        "1e",
        "1e+",
        "0x10",
        "1_000",
        "'a'",
        "\"\\'\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12G4\"",
        "\"\\\n\"",
        "\"a\nb\"",
        "\"a\tb\"",
        "\"a\u0000b\"",
        "// comment\n1",
        "/* comment */1",
        "# comment\n1",
        ")]}'\n{}",
        "\u00a01",
        "1\u000b",
        "abc",
        "\"a",
        "\"\\",
        "1 2",
        "{} {}",
        "{}x",
        "\"a\" \"b\"",
        "{} null",
        "1,",
        "{}\u0000"
      })
  void refusesWhatIsNoJson(String text) {
    assertThrows(Malformed.class, () -> JsonText.parse(text, new Faults()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\n", "{", "[", "{\"a\":1", "[1,", "{\"a\":"})
  void saysThatTheTextEnds(String text) {
    Malformed malformed = assertThrows(Malformed.class, () -> JsonText.parse(text, new Faults()));
    assertEquals("the JSON text ends early", malformed.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "true",
        "false",
        "\"\"",
        "{}",
        "[]",
        "[[],{}]",
        "{\"\":{\"\":[]}}",
        "\"\\u0000\\ud800é😀\"",
        "{\"a\":[1,{\"b\":null}],\"A\":true}",
        "0",
        "-0",
        "-0.0",
        "1.10",
        "1e400",
        "1E+400",
        "-1e-7",
        "0.1000000000000000055511151231257827",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "-9223372036854775809",
        "123456789012345678901234567890"
      })
  void keepsEverythingAsWritten(String text) throws Malformed {
    assertEquals(text, written(JsonText.parse(text, new Faults())));
    assertEquals(text, written(parse(text, StandardCharsets.UTF_8)));
  }

  @Test
  void takesTheFourKindsOfWhiteSpace() throws Malformed {
    assertEquals("{\"a\":[1,2]}", written(parse(" \t\r\n{ \"a\" :\n[1 ,\t2 ]\r} \n\t")));
  }

  @Test
  void keepsNumbersThatAColumnCanHold() throws Malformed {
    String digits = "9".repeat(1000) + "." + "1".repeat(20);
    assertEquals(digits, written(parse(digits)));
  }

  @Test
  void pointsAtEveryDuplicateAndKeepsTheFirst() throws Malformed {
    Faults faults = new Faults();
    Json value =
        JsonText.parse(
            "{\"a\":1,\"a\":2,\"b\":[{},{\"x/y~\":1,\"x/y~\":{\"in\":1,\"in\":1}}],\"a\":3}",
            faults);
    assertEquals("{\"a\":1,\"b\":[{},{\"x/y~\":1}]}", written(value));
    InvalidRequest invalid = assertThrows(InvalidRequest.class, faults::throwIfAny);
    assertEquals(
        List.of("/a", "/b/1/x~1y~0/in", "/b/1/x~1y~0", "/a"),
        invalid.faults().stream().map(Fault::pointer).toList());
    assertTrue(invalid.faults().stream().allMatch(f -> f.code() == Fault.Code.DUPLICATE_KEY));
  }

  @Test
  void tellsNamesApartByCaseAndEscapesTogether() throws Malformed {
    Faults faults = new Faults();
    JsonText.parse("{\"a\":1,\"A\":2}", faults);
    assertTrue(faults.none());
    JsonText.parse("{\"a\":1,\"\\u0061\":2}", faults);
    assertFalse(faults.none());
  }

  @ParameterizedTest
  @ValueSource(strings = {"ISO-8859-1", "UTF-16", "UTF-16BE"})
  void refusesOtherEncodings(String charset) {
    assertThrows(Malformed.class, () -> parse("{\"name\":\"Zoë\"}", Charset.forName(charset)));
  }

  @Test
  void refusesBrokenUtf8() {
    byte[][] broken = {
      {'"', (byte) 0xff, '"'},
      {'"', (byte) 0xc3, '"'}, // cut short
      {'"', (byte) 0xc0, (byte) 0x80, '"'}, // overlong NUL
      {'"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"'}, // half a surrogate pair
      {'"', (byte) 0xf4, (byte) 0x90, (byte) 0x80, (byte) 0x80, '"'} // beyond U+10FFFF
    };
    for (byte[] bytes : broken) {
      Malformed malformed =
          assertThrows(
              Malformed.class, () -> JsonText.parse(new ByteArrayInputStream(bytes), new Faults()));
      assertEquals("the text is not UTF-8", malformed.getMessage());
    }
  }

  @Test
  void tellsWhereItBreaksAndNothingOfItsReader() {
    Malformed malformed =
        assertThrows(
            Malformed.class,
            () -> JsonText.parse("{\n  \"secret at line 9 path\": tru }", new Faults()));
    assertEquals("not JSON at line 2 column 28", malformed.getMessage());
  }

  @Test
  void boundsTheDepth() throws Malformed {
    String deepest = "[".repeat(JsonText.MAX_DEPTH) + "]".repeat(JsonText.MAX_DEPTH);
    assertEquals(deepest, written(parse(deepest)));
    for (String tooDeep : List.of('[' + deepest + ']', "{\"a\":" + deepest + '}')) {
      Malformed malformed = assertThrows(Malformed.class, () -> parse(tooDeep));
      assertEquals("nested deeper than 64 levels", malformed.getMessage());
    }
    assertThrows(Malformed.class, () -> parse("[".repeat(1_000_000)));
  }

  @Test
  void letsAFailingStreamFail() {
    // Nothing is connected to the other end.
    InputStream failing = new PipedInputStream();
    assertThrows(UncheckedIOException.class, () -> JsonText.parse(failing, new Faults()));
  }

  private static Json parse(String text) throws Malformed {
    return JsonText.parse(text, new Faults());
  }

  private static Json parse(String text, Charset charset) throws Malformed {
    return JsonText.parse(new ByteArrayInputStream(text.getBytes(charset)), new Faults());
  }

  private static String written(Json json) {
    JsonWriter out = new JsonWriter();
    json.writeTo(out);
    return out.toString();
  }
}
