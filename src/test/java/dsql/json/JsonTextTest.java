package dsql.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import dsql.action.Fault;
import dsql.action.Faults;
import dsql.action.InvalidRequest;
import dsql.codec.RequestText;
import dsql.json.JsonText.Malformed;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("unit")
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
    assertThrows(Malformed.class, () -> RequestText.parse(text, new Faults()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\n", "{", "[", "{\"a\":1", "[1,", "{\"a\":"})
  void saysThatTheTextEnds(String text) {
    Malformed malformed =
        assertThrows(Malformed.class, () -> RequestText.parse(text, new Faults()));
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
    assertEquals(text, written(RequestText.parse(text, new Faults())));
    assertEquals(text, written(parse(text, StandardCharsets.UTF_8)));
  }

  @Test
  void takesTheFourKindsOfWhiteSpace() throws Malformed {
    assertEquals("{\"a\":[1,2]}", written(parse(" \t\r\n{ \"a\" :\n[1 ,\t2 ]\r} \n\t")));
  }

  @Test
  void keepsNumbersThatAColumnCanHold() throws Malformed {
    String digits = "9".repeat(131_072) + "." + "1".repeat(16_383) + "e-0005";
    assertEquals(digits, written(parse(digits)));
    String inside = "{\"a\":[-" + digits + ",1]}";
    assertEquals(inside, written(parse(inside)));
  }

  @Test
  void readsEveryEscape() throws Malformed {
    assertEquals(
        new Json.Str("a\"\\/\b\f\n\r\té\u0000😀z"),
        parse("\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00E9\\u0000\\ud83d\\uDE00z\""));
  }

  @Test
  void passesOverAByteOrderMark() throws Malformed {
    assertEquals("{}", written(parse("\ufeff{}", StandardCharsets.UTF_8)));
    assertThrows(Malformed.class, () -> parse("\ufeff\ufeff{}"));
    assertThrows(Malformed.class, () -> parse("{\ufeff}"));
  }

  /// Broken in all sorts of ways, a text is accepted where another strict reader accepts it, and
  /// means the same.
  @Test
  void agreesWithAnotherReaderOnBrokenTexts() {
    String whole =
        "{\"a\":[1,-0.5e+10,\"x\\u00e9\\n\",{\"b\":null,\"c\":true}], \"d\":{} ,\"e\":[[],false,0]}";
    String pieces = "{}[]\",:\\/ue0129.-+tfn \n\t\u0001é";
    Random random = new Random(7);
    int accepted = 0;
    for (int i = 0; i < 20_000; i++) {
      StringBuilder broken = new StringBuilder(whole);
      for (int n = random.nextInt(3); n >= 0 && !broken.isEmpty(); n--) {
        int at = random.nextInt(broken.length());
        String piece = pieces.charAt(random.nextInt(pieces.length())) + "";
        switch (random.nextInt(4)) {
          case 0 -> broken.deleteCharAt(at);
          case 1 -> broken.insert(at, piece);
          case 2 -> broken.replace(at, at + 1, piece);
          default -> broken.setLength(Math.max(1, at));
        }
      }
      String text = broken.toString();
      String other = otherReaders(text);
      accepted += other == null ? 0 : 1;
      String own;
      try {
        own = written(RequestText.parse(text, new Faults()));
      } catch (Malformed e) {
        own = null;
      }
      assertEquals(other, own, text);
    }
    assertTrue(accepted > 1000, "some of " + accepted + " are not broken");
  }

  /// What Gson makes of a text, null where it is refused.
  private static @Nullable String otherReaders(String text) {
    try (JsonReader reader = new JsonReader(new StringReader(text))) {
      reader.setStrictness(Strictness.STRICT);
      JsonWriter out = new JsonWriter();
      copy(reader, out);
      return reader.peek() == JsonToken.END_DOCUMENT ? out.toString() : null;
    } catch (IOException e) {
      return null;
    }
  }

  private static void copy(JsonReader in, JsonWriter out) throws IOException {
    switch (in.peek()) {
      case BEGIN_OBJECT -> {
        Set<String> names = new HashSet<>();
        in.beginObject();
        out.beginObject();
        while (in.hasNext()) {
          String name = in.nextName();
          copy(in, names.add(name) ? out.name(name) : new JsonWriter());
        }
        in.endObject();
        out.endObject();
      }
      case BEGIN_ARRAY -> {
        in.beginArray();
        out.beginArray();
        while (in.hasNext()) {
          copy(in, out);
        }
        in.endArray();
        out.endArray();
      }
      case STRING -> out.value(in.nextString());
      case NUMBER -> out.literal(in.nextString());
      case BOOLEAN -> out.value(in.nextBoolean());
      case NULL -> {
        in.nextNull();
        out.nullValue();
      }
      default -> throw new IOException("no value");
    }
  }

  @Test
  void pointsAtEveryDuplicateAndKeepsTheFirst() throws Malformed {
    Faults faults = new Faults();
    Json value =
        RequestText.parse(
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
    RequestText.parse("{\"a\":1,\"A\":2}", faults);
    assertTrue(faults.none());
    RequestText.parse("{\"a\":1,\"\\u0061\":2}", faults);
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
              Malformed.class,
              () -> RequestText.parse(new ByteArrayInputStream(bytes), new Faults()));
      assertEquals("the text is not UTF-8", malformed.getMessage());
    }
  }

  @Test
  void tellsWhereItBreaksAndNothingOfItsReader() {
    Malformed malformed =
        assertThrows(
            Malformed.class,
            () -> RequestText.parse("{\n  \"secret at line 9 path\": tru }", new Faults()));
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
    assertThrows(UncheckedIOException.class, () -> RequestText.parse(failing, new Faults()));
  }

  private static Json parse(String text) throws Malformed {
    return RequestText.parse(text, new Faults());
  }

  private static Json parse(String text, Charset charset) throws Malformed {
    return RequestText.parse(new ByteArrayInputStream(text.getBytes(charset)), new Faults());
  }

  private static String written(Json json) {
    JsonWriter out = new JsonWriter();
    json.writeTo(out);
    return out.toString();
  }
}
