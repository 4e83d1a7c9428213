package dsql.json;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/// Writes JSON text into a growing array of UTF-8. It takes care of commas and escapes, but does
/// not check that members have names and that brackets match: its callers are few and tested.
/// Confined to one thread.
public final class JsonWriter {

  /// Non-zero for the bytes that a string must escape; bytes of multi-byte characters need no
  /// escape.
  private static final byte[] ESCAPED = new byte[256];

  static {
    Arrays.fill(ESCAPED, 0, ' ', (byte) 1);
    ESCAPED['"'] = 1;
    ESCAPED['\\'] = 1;
  }

  /// The number of characters copied out of a string at a time.
  private static final int CHUNK = 64;

  private final char[] chars = new char[CHUNK];
  private byte[] buffer;
  private int length;
  private boolean comma;

  public JsonWriter() {
    this(512);
  }

  /// @param capacity the initial size of the buffer in bytes
  public JsonWriter(int capacity) {
    buffer = new byte[Math.max(16, capacity)];
  }

  public JsonWriter beginObject() {
    return open('{');
  }

  public JsonWriter endObject() {
    return close('}');
  }

  public JsonWriter beginArray() {
    return open('[');
  }

  public JsonWriter endArray() {
    return close(']');
  }

  /// A member's name; its value follows.
  public JsonWriter name(String name) {
    separate();
    quote(name);
    put(':');
    comma = false;
    return this;
  }

  /// A name in the form that [#name(byte\[\])] takes: quoted, escaped and with its colon.
  public static byte[] encodedName(String name) {
    JsonWriter out = new JsonWriter(name.length() + 16);
    out.name(name);
    return out.toByteArray();
  }

  /// A member's name, encoded once for many rows; its value follows.
  public JsonWriter name(byte[] encoded) {
    int n = encoded.length;
    reserve(n + 1);
    if (comma) {
      buffer[length++] = ',';
    }
    System.arraycopy(encoded, 0, buffer, length, n);
    length += n;
    comma = false;
    return this;
  }

  public JsonWriter value(String text) {
    separate();
    quote(text);
    return this;
  }

  /// Writes a string.
  public JsonWriter value(byte[] utf8) {
    int n = utf8.length;
    // Three more for a comma and the quotes.
    reserve(n + 3);
    separate();
    put('"');
    int start = 0;
    for (int i = plain(utf8, 0); i < n; i = plain(utf8, start)) {
      bytes(utf8, start, i);
      escape((char) utf8[i]);
      start = i + 1;
    }
    bytes(utf8, start, n);
    put('"');
    return this;
  }

  /// The index of the next byte that needs an escape, or the length if there is none.
  private static int plain(byte[] utf8, int from) {
    int i = from;
    for (int last = utf8.length - 4; i <= last; i += 4) {
      int escapes =
          ESCAPED[utf8[i] & 0xff]
              | ESCAPED[utf8[i + 1] & 0xff]
              | ESCAPED[utf8[i + 2] & 0xff]
              | ESCAPED[utf8[i + 3] & 0xff];
      if (escapes != 0) {
        break;
      }
    }
    while (i < utf8.length && ESCAPED[utf8[i] & 0xff] == 0) {
      i++;
    }
    return i;
  }

  public JsonWriter value(long number) {
    if (number < 0 || number > 9) {
      return literal(Long.toString(number));
    }
    separate();
    put((int) ('0' + number));
    return this;
  }

  /// Writes a number of thousandths, which must not be negative, with three decimals.
  public JsonWriter thousandths(long number) {
    value(number / 1000);
    int rest = (int) (number % 1000);
    put('.');
    put('0' + rest / 100);
    put('0' + rest / 10 % 10);
    put('0' + rest % 10);
    return this;
  }

  public JsonWriter value(boolean bool) {
    return literal(bool ? "true" : "false");
  }

  public JsonWriter nullValue() {
    return literal("null");
  }

  /// Writes a number or a keyword in ASCII, unchanged.
  public JsonWriter literal(String ascii) {
    separate();
    ascii(ascii);
    return this;
  }

  /// A value that is JSON text already.
  public JsonWriter json(byte[] utf8) {
    separate();
    bytes(utf8, 0, utf8.length);
    return this;
  }

  /// A value that is JSON text already.
  public JsonWriter json(String text) {
    return json(text.getBytes(StandardCharsets.UTF_8));
  }

  /// Ends the line after a value; the next line may hold another text.
  public JsonWriter endLine() {
    put('\n');
    comma = false;
    return this;
  }

  /// The bytes written so far.
  public int length() {
    return length;
  }

  /// Drops everything beyond `length`, which [#length()] must have returned after a whole value.
  public void truncate(int length) {
    this.length = length;
    comma = true;
  }

  /// Counts the bytes from there on for which a JSON string would need one more byte each: quotes,
  /// backslashes, and the tabs and line ends that a json column keeps between its tokens.
  public int escapesFrom(int start) {
    int escapes = 0;
    for (int i = start; i < length; i++) {
      switch (buffer[i]) {
        case '"', '\\', '\t', '\n', '\r' -> escapes++;
        default -> {}
      }
    }
    return escapes;
  }

  public byte[] toByteArray() {
    return Arrays.copyOf(buffer, length);
  }

  @Override
  public String toString() {
    return new String(buffer, 0, length, StandardCharsets.UTF_8);
  }

  private JsonWriter open(char bracket) {
    separate();
    put(bracket);
    comma = false;
    return this;
  }

  private JsonWriter close(char bracket) {
    put(bracket);
    comma = true;
    return this;
  }

  private void separate() {
    if (comma) {
      put(',');
    }
    comma = true;
  }

  private void quote(String text) {
    int n = text.length();
    put('"');
    for (int from = 0; from < n; from += CHUNK) {
      // Copied in bulk, because `charAt` would check bounds and encoding at each call.
      int to = Math.min(n, from + CHUNK);
      text.getChars(from, to, chars, 0);
      quote(text, from, to - from);
    }
    put('"');
  }

  /// Writes the first `count` characters of `chars`, which are those of the text at `from`.
  private void quote(String text, int from, int count) {
    // A char takes at most three bytes; an escape takes six and reserves them itself.
    reserve(3 * count);
    byte[] out = buffer;
    int at = length;
    for (int i = 0; i < count; i++) {
      char c = chars[i];
      if (c < 0x80) {
        if (c >= ' ' && c != '"' && c != '\\') {
          out[at++] = (byte) c;
        } else {
          length = at;
          escape(c);
          reserve(3 * (count - i));
          out = buffer;
          at = length;
        }
      } else if (c < 0x800) {
        out[at++] = (byte) (0xc0 | (c >> 6));
        out[at++] = (byte) (0x80 | (c & 0x3f));
      } else if (!Character.isSurrogate(c)) {
        out[at++] = (byte) (0xe0 | (c >> 12));
        out[at++] = (byte) (0x80 | (c >> 6 & 0x3f));
        out[at++] = (byte) (0x80 | (c & 0x3f));
      } else {
        length = at;
        surrogate(text, from + i);
        reserve(3 * (count - i));
        out = buffer;
        at = length;
      }
    }
    length = at;
  }

  /// Writes a surrogate: the first of a pair writes both, the second nothing.
  private void surrogate(String text, int i) {
    char c = text.charAt(i);
    boolean first = Character.isHighSurrogate(c);
    if (first && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
      int codePoint = Character.toCodePoint(c, text.charAt(i + 1));
      put(0xf0 | (codePoint >> 18));
      put(0x80 | (codePoint >> 12 & 0x3f));
      put(0x80 | (codePoint >> 6 & 0x3f));
      put(0x80 | (codePoint & 0x3f));
    } else if (first || i == 0 || !Character.isHighSurrogate(text.charAt(i - 1))) {
      // An unpaired surrogate has no UTF-8; its escape is still JSON.
      unicodeEscape(c);
    }
  }

  private void escape(char c) {
    switch (c) {
      case '"', '\\' -> {
        put('\\');
        put(c);
      }
      case '\n' -> ascii("\\n");
      case '\r' -> ascii("\\r");
      case '\t' -> ascii("\\t");
      case '\b' -> ascii("\\b");
      case '\f' -> ascii("\\f");
      default -> unicodeEscape(c);
    }
  }

  private void unicodeEscape(char c) {
    ascii("\\u" + HexFormat.of().toHexDigits(c));
  }

  private void bytes(byte[] source, int from, int to) {
    int n = to - from;
    reserve(n);
    System.arraycopy(source, from, buffer, length, n);
    length += n;
  }

  private void ascii(String text) {
    int n = text.length();
    reserve(n);
    for (int i = 0; i < n; i++) {
      buffer[length++] = (byte) text.charAt(i);
    }
  }

  private void put(int b) {
    reserve(1);
    buffer[length++] = (byte) b;
  }

  private void reserve(int more) {
    if (buffer.length - length < more) {
      buffer = Arrays.copyOf(buffer, Math.max(buffer.length + buffer.length / 2, length + more));
    }
  }
}
