package dsql.json;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/// Reads JSON text strictly by [RFC 8259](https://www.rfc-editor.org/rfc/rfc8259). Numbers are kept
/// as they are written, however long. A byte order mark before the text is skipped.
public final class JsonText {

  /// Limit on the nesting of arrays and objects, which bounds the reader's recursion.
  public static final int MAX_DEPTH = 64;

  /// Limit on the values of one text, nested ones included: a value takes many times the memory of
  /// its text.
  public static final int MAX_VALUES = 1_000_000;

  /// The text is not JSON.
  public static class Malformed extends Exception {
    private static final long serialVersionUID = 1L;

    Malformed(String message) {
      super(message);
    }
  }

  /// The text has more than [#MAX_VALUES] values.
  public static final class TooLarge extends Malformed {
    private static final long serialVersionUID = 1L;

    TooLarge() {
      super("more than 1,000,000 values");
    }
  }

  /// What hears of each field that an object has twice, of which the first counts.
  public interface DuplicateFields {
    /// Called for each one.
    ///
    /// @param path the names and indexes that lead to the field; the list changes after the call
    void found(List<Object> path);
  }

  /// Reads one value, in UTF-8, to the end of the stream.
  ///
  /// @throws UncheckedIOException when the stream itself fails
  public static Json parse(InputStream utf8, DuplicateFields duplicates) throws Malformed {
    byte[] bytes;
    try {
      bytes = utf8.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new JsonReader(decoded(bytes), duplicates).read();
  }

  private static char[] decoded(byte[] utf8) throws Malformed {
    int all = 0;
    for (byte b : utf8) {
      all |= b;
    }
    if (all < 0) {
      try {
        // The decoder of a charset, unlike the charset, reports what is not UTF-8.
        CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8));
        return Arrays.copyOfRange(text.array(), text.position(), text.limit());
      } catch (CharacterCodingException e) {
        throw new Malformed("the text is not UTF-8");
      }
    }
    char[] ascii = new char[utf8.length];
    for (int i = 0; i < utf8.length; i++) {
      ascii[i] = (char) utf8[i];
    }
    return ascii;
  }

  /// Reads one value, the whole of the text; of a field that an object has twice the first counts.
  public static Json parse(String text) throws Malformed {
    return parse(text, _ -> {});
  }

  /// Reads one value, the whole of the text.
  public static Json parse(String text, DuplicateFields duplicates) throws Malformed {
    return new JsonReader(text.toCharArray(), duplicates).read();
  }

  private JsonText() {}
}
