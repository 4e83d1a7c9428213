package dsql.json;

import dsql.action.Failure;
import dsql.action.Faults;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Reads JSON text strictly by [RFC 8259](https://www.rfc-editor.org/rfc/rfc8259). Numbers are kept
/// as they are written, however long. A byte order mark before the text is skipped.
public final class JsonText {

  /// Limit on the nesting of arrays and objects, which bounds the reader's recursion.
  public static final int MAX_DEPTH = 64;

  /// Limit on the values of one text, nested ones included: a value takes many times the memory of
  /// its text.
  public static final int MAX_VALUES = 1_000_000;

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
  /// @throws Failure when it has more than [#MAX_VALUES] values
  /// @throws UncheckedIOException when the stream itself fails
  public static Json parse(InputStream utf8, Faults faults) throws Malformed {
    byte[] bytes;
    try {
      bytes = utf8.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new JsonReader(decoded(bytes), faults).read();
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

  /// Reads one value, the whole of the text.
  ///
  /// @param faults gets a fault for each duplicate key
  /// @throws Failure when it has more than [#MAX_VALUES] values
  public static Json parse(String text, Faults faults) throws Malformed {
    return new JsonReader(text.toCharArray(), faults).read();
  }

  private JsonText() {}
}
