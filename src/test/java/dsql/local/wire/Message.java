package dsql.local.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.Checksum;
import org.jspecify.annotations.Nullable;

/// One message of the protocol, version 3: a type byte and a body.
///
/// The body is shared, not copied: whoever holds a message must not change it.
public final class Message {
  public static final Message SYNC = of('S').end();
  public static final Message FLUSH = of('H').end();
  public static final Message TERMINATE = of('X').end();
  public static final Message PARSE_COMPLETE = of('1').end();
  public static final Message BIND_COMPLETE = of('2').end();
  public static final Message CLOSE_COMPLETE = of('3').end();
  public static final Message NO_DATA = of('n').end();
  public static final Message EMPTY_QUERY = of('I').end();

  private final char type;
  private final byte[] body;

  Message(char type, byte[] body) {
    this.type = type;
    this.body = body;
  }

  public char type() {
    return type;
  }

  byte[] body() {
    return body;
  }

  public int length() {
    return body.length;
  }

  /// Mixes the body into a checksum.
  public void digest(Checksum checksum) {
    checksum.update(type);
    checksum.update(body, 0, body.length);
  }

  /// Reads the body from its start.
  public Body read() {
    return new Body(body);
  }

  /// Starts a message of this type.
  public static Builder of(char type) {
    return new Builder(type);
  }

  /// A reader's position in a body.
  public static final class Body {
    private final byte[] bytes;
    private int at;

    Body(byte[] bytes) {
      this.bytes = bytes;
    }

    public boolean hasMore() {
      return at < bytes.length;
    }

    public char character() throws ProtocolException {
      need(1);
      return (char) (bytes[at++] & 0xff);
    }

    public int int16() throws ProtocolException {
      need(2);
      int value = ByteBuffer.wrap(bytes).getShort(at) & 0xffff;
      at += 2;
      return value;
    }

    public int int32() throws ProtocolException {
      need(4);
      int value = ByteBuffer.wrap(bytes).getInt(at);
      at += 4;
      return value;
    }

    /// A zero-terminated string.
    public String string() throws ProtocolException {
      int end = at;
      while (end < bytes.length && bytes[end] != 0) {
        end++;
      }
      if (end == bytes.length) {
        throw new ProtocolException("invalid string in message");
      }
      String text = new String(bytes, at, end - at, UTF_8);
      at = end + 1;
      return text;
    }

    /// A value with a length before it, -1 for null.
    public @Nullable String value() throws ProtocolException {
      int length = int32();
      if (length < 0) {
        return null;
      }
      need(length);
      String text = new String(bytes, at, length, UTF_8);
      at += length;
      return text;
    }

    /// A value's bytes with a length before them; none for null.
    public byte[] bytes() throws ProtocolException {
      int length = int32();
      if (length <= 0) {
        return new byte[0];
      }
      need(length);
      at += length;
      return Arrays.copyOfRange(bytes, at - length, at);
    }

    /// Moves past a value with a length before it.
    public void skip() throws ProtocolException {
      int length = int32();
      if (length > 0) {
        need(length);
        at += length;
      }
    }

    /// What is left, unread.
    public byte[] rest() {
      return Arrays.copyOfRange(bytes, at, bytes.length);
    }

    private void need(int count) throws ProtocolException {
      if (count > bytes.length - at) {
        throw new ProtocolException("insufficient data left in message");
      }
    }
  }

  /// Gathers a body.
  public static final class Builder {
    private final char type;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream(64);

    Builder(char type) {
      this.type = type;
    }

    public Builder character(char value) {
      out.write(value);
      return this;
    }

    public Builder int16(int value) {
      out.write(value >> 8);
      out.write(value);
      return this;
    }

    public Builder int32(int value) {
      return int16(value >> 16).int16(value);
    }

    public Builder string(String value) {
      out.writeBytes(value.getBytes(UTF_8));
      out.write(0);
      return this;
    }

    /// A value with its length before it.
    public Builder value(@Nullable String value) {
      if (value == null) {
        return int32(-1);
      }
      byte[] bytes = value.getBytes(UTF_8);
      int32(bytes.length);
      out.writeBytes(bytes);
      return this;
    }

    public Builder bytes(byte[] bytes) {
      out.writeBytes(bytes);
      return this;
    }

    public Message end() {
      return new Message(type, out.toByteArray());
    }
  }
}
