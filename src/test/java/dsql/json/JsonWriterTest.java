package dsql.json;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("unit")
class JsonWriterTest {

  @Test
  void roundTripsEveryChar() throws IOException {
    for (int c = 0; c <= Character.MAX_VALUE; c++) {
      String text = "a" + (char) c + "z";
      assertEquals(text, readBack(new JsonWriter().value(text)), "U+" + Integer.toHexString(c));
    }
  }

  @Test
  void roundTripsRandomStrings() throws IOException {
    String alphabet =
        "aZ9 \"\\/\b\f\n\r\t\u0000\u001f\u007f\u0080é€\u2028\uffff😀\ud83d\ude00\ud800\udfff";
    Random random = new Random(20_261_123);
    for (int round = 0; round < 2000; round++) {
      StringBuilder text = new StringBuilder();
      int length = random.nextInt(round % 10 == 0 ? 1200 : 60);
      for (int i = 0; i < length; i++) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      assertEquals(text.toString(), readBack(new JsonWriter(1).value(text.toString())));
    }
  }

  @Test
  void writesUtf8AsItWritesTheText() {
    String text = "aZ9 \"\\/\b\f\n\r\t\u0000\u001f\u007f\u0080é€\u2028\uffff😀";
    for (String each : List.of("", "a", "\"", text, text + text, "\u0000" + text + '\\')) {
      byte[] utf8 = each.getBytes(StandardCharsets.UTF_8);
      assertEquals(
          new JsonWriter(1).beginArray().value(each).value(each).endArray().toString(),
          new JsonWriter(1).beginArray().value(utf8).value(utf8).endArray().toString());
      assertEquals(
          new JsonWriter(1).beginObject().name(each).value(1).name("b").value(2).toString(),
          new JsonWriter(1)
              .beginObject()
              .name(JsonWriter.encodedName(each))
              .value(1)
              .name(JsonWriter.encodedName("b"))
              .value(2)
              .toString());
    }
  }

  /// Bytes are looked at four at a time.
  @Test
  void escapesBytesWhereverTheyStand() {
    for (String escaped : List.of("\"", "\\", "\n", "\u0000", "\u001f")) {
      for (int before = 0; before < 9; before++) {
        for (int after = 0; after < 9; after++) {
          String text =
              "é".repeat(before / 2) + "a".repeat(before % 2) + escaped + "\u007f".repeat(after);
          assertEquals(
              new JsonWriter().value(text + text).toString(),
              new JsonWriter().value((text + text).getBytes(StandardCharsets.UTF_8)).toString());
        }
      }
    }
  }

  @Test
  void isValidUtf8EvenForHalvesOfSurrogatePairs() {
    byte[] json = new JsonWriter().value("\ud800x\udc00").toByteArray();
    assertEquals("\"\\ud800x\\udc00\"", new String(json, StandardCharsets.UTF_8));
    assertArrayEquals(
        "\"😀é€\"".getBytes(StandardCharsets.UTF_8), new JsonWriter().value("😀é€").toByteArray());
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '\0',
      textBlock =
          """
          8,\\b
          9,\\t
          10,\\n
          12,\\f
          13,\\r
          34,\\"
          92,\\\\
          0,\\u0000
          31,\\u001f
          47,/
          """)
  void escapesNoMoreThanItMust(int c, String written) {
    assertEquals('"' + written + '"', new JsonWriter().value(Character.toString(c)).toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"0", "-0", "1.10", "1e400", "123456789012345678901234567890.000", "-1E-7"})
  void keepsNumbersVerbatim(String literal) {
    assertEquals(
        "[" + literal + "]", new JsonWriter().beginArray().literal(literal).endArray() + "");
  }

  @Test
  void separatesMembersAndElements() {
    JsonWriter out = new JsonWriter();
    out.beginObject().name("a").value(1).name("b").beginArray().endArray();
    out.name("c").beginObject().endObject().name("d").beginArray().value(true).nullValue();
    out.beginObject().name("\"").value("x").endObject().json("{\"k\":[1]}").json("2");
    out.endArray().name("e").value(Long.MIN_VALUE).endObject();
    assertEquals(
        "{\"a\":1,\"b\":[],\"c\":{},\"d\":[true,null,{\"\\\"\":\"x\"},{\"k\":[1]},2],"
            + "\"e\":-9223372036854775808}",
        out.toString());
  }

  @Test
  void truncatesToTheEndOfAValue() {
    JsonWriter out = new JsonWriter().beginArray().value(1).value(2);
    int length = out.length();
    out.beginObject().name("gone").value("gone").endObject().truncate(length);
    assertEquals("[1,2,3]", out.value(3).endArray().toString());
    assertEquals(7, out.length());
  }

  /// What the count promises: the bytes it adds are those that quoting the text adds.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":\"b\"}",
        "[\"\\\\\",\"\\\"\",\"\\n\",\"\\u0001\"]",
        "[1, 2]",
        "{\n\t\"as\" :\r\n\t\"stored\"\n}",
        "[\"é€😀\"]"
      })
  void countsWhatAStringWouldEscape(String json) {
    JsonWriter out = new JsonWriter().beginArray().value("before");
    int start = out.length();
    out.json(json);
    String written = out.toString().substring(start);
    int quoted = new JsonWriter().value(written).length() - 2;
    assertEquals(quoted - (out.length() - start), out.escapesFrom(start));
  }

  @Test
  void growsFromNothing() throws IOException {
    String text = "€".repeat(100_000);
    assertEquals(text, readBack(new JsonWriter(0).value(text)));
    assertEquals(300_003, new JsonWriter(0).value(text).json(new byte[0]).length());
  }

  private static String readBack(JsonWriter out) throws IOException {
    try (JsonReader reader = new JsonReader(new StringReader(out.toString()))) {
      reader.setStrictness(Strictness.STRICT);
      return reader.nextString();
    }
  }
}
