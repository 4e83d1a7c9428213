package dsql.json;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import dsql.action.Fault;
import dsql.action.Faults;
import dsql.json.Json.Arr;
import dsql.json.Json.Bool;
import dsql.json.Json.Member;
import dsql.json.Json.Null;
import dsql.json.Json.Num;
import dsql.json.Json.Obj;
import dsql.json.Json.Str;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads JSON text by [RFC 8259](https://www.rfc-editor.org/rfc/rfc8259), to the letter.
public final class JsonText {

  /// Levels of arrays and objects at most.
  public static final int MAX_DEPTH = 64;

  /// The text is not JSON.
  public static final class Malformed extends Exception {
    private static final long serialVersionUID = 1L;

    Malformed(String message) {
      super(message);
    }
  }

  /// Reads one value, in UTF-8, to the end of the stream.
  ///
  /// @param faults gets a fault for each duplicate key
  /// @throws UncheckedIOException when the stream itself fails
  public static Json parse(InputStream utf8, Faults faults) throws Malformed {
    // The decoder of a charset, unlike the charset, reports what is not UTF-8.
    return parse(new InputStreamReader(utf8, StandardCharsets.UTF_8.newDecoder()), faults);
  }

  /// Reads one value, the whole of the text.
  ///
  /// @param faults gets a fault for each duplicate key
  public static Json parse(String text, Faults faults) throws Malformed {
    return parse(new StringReader(text), faults);
  }

  private static Json parse(Reader text, Faults faults) throws Malformed {
    JsonReader reader = new JsonReader(text);
    reader.setStrictness(Strictness.STRICT);
    try {
      Json value = new JsonText(reader, faults).read();
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw new Malformed("text follows the JSON value");
      }
      return value;
    } catch (CharacterCodingException e) {
      throw new Malformed("the text is not UTF-8");
    } catch (MalformedJsonException e) {
      throw new Malformed("not JSON" + position(e.getMessage()));
    } catch (EOFException e) {
      throw new Malformed("the JSON text ends early");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private final JsonReader in;
  private final Faults faults;

  /// Where the reader stands: names and indexes, turned into a pointer only for a fault.
  private final List<Object> path = new ArrayList<>();

  private JsonText(JsonReader in, Faults faults) {
    this.in = in;
    this.faults = faults;
  }

  private Json read() throws IOException, Malformed {
    JsonToken token = in.peek();
    boolean opens = token == JsonToken.BEGIN_OBJECT || token == JsonToken.BEGIN_ARRAY;
    if (opens && path.size() == MAX_DEPTH) {
      throw new Malformed("nested deeper than " + MAX_DEPTH + " levels");
    }
    return switch (token) {
      case BEGIN_OBJECT -> readObject();
      case BEGIN_ARRAY -> readArray();
      case STRING -> new Str(in.nextString());
      case NUMBER -> new Num(in.nextString());
      case BOOLEAN -> new Bool(in.nextBoolean());
      case NULL -> {
        in.nextNull();
        yield new Null();
      }
      case END_ARRAY, END_OBJECT, NAME, END_DOCUMENT ->
          throw new MalformedJsonException("a value is missing");
    };
  }

  private Obj readObject() throws IOException, Malformed {
    List<Member> members = new ArrayList<>();
    Set<String> names = new HashSet<>();
    in.beginObject();
    while (in.hasNext()) {
      String name = in.nextName();
      path.add(name);
      Json value = read();
      if (names.add(name)) {
        members.add(new Member(name, value));
      } else {
        faults.add(pointer(), Fault.Code.DUPLICATE_KEY, "the field stands twice; keep one");
      }
      path.removeLast();
    }
    in.endObject();
    return new Obj(members);
  }

  private Arr readArray() throws IOException, Malformed {
    List<Json> elements = new ArrayList<>();
    in.beginArray();
    while (in.hasNext()) {
      path.add(elements.size());
      elements.add(read());
      path.removeLast();
    }
    in.endArray();
    return new Arr(elements);
  }

  private String pointer() {
    String pointer = "";
    for (Object step : path) {
      pointer = Faults.at(pointer, step.toString());
    }
    return pointer;
  }

  /// The reader's own `at line 3 column 4`; the rest of its message speaks of its Java API.
  private static String position(@Nullable String message) {
    if (message == null) {
      return "";
    }
    int at = message.indexOf(" at line ");
    int end = message.indexOf(" path", Math.max(at, 0));
    return at < 0 ? "" : message.substring(at, end < 0 ? message.length() : end);
  }
}
