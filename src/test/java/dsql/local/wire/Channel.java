package dsql.local.wire;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;

/// Both directions of one connection, message by message, buffered.
///
/// Nothing leaves before [#flush()]; reading never flushes. Confined to one thread, except
/// [#close()].
public final class Channel implements Closeable {
  private static final int BUFFER = 32 * 1024;

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private final int longest;

  private byte[] input = new byte[BUFFER];
  private int position;
  private int limit;
  private byte[] output = new byte[BUFFER];
  private int pending;

  /// Takes over a connected socket; a message longer than `longest` bytes ends the connection.
  public Channel(Socket socket, int longest) throws IOException {
    this(socket, socket.getInputStream(), socket.getOutputStream(), longest);
  }

  /// The same through streams laid over those of the socket.
  public Channel(Socket socket, InputStream in, OutputStream out, int longest) {
    this.socket = socket;
    this.in = in;
    this.out = out;
    this.longest = longest;
  }

  public Socket socket() {
    return socket;
  }

  /// Reads one message, waiting for it; [EOFException] when the other side is gone.
  public Message read() throws IOException {
    fill(5);
    char type = (char) (input[position] & 0xff);
    int length = peekInt(position + 1) - 4;
    if (length < 0 || length > longest) {
      throw new ProtocolException("invalid message length");
    }
    position += 5;
    return new Message(type, take(length));
  }

  /// Waits until something can be read; false if nothing came in time.
  public boolean await(Duration patience) throws IOException {
    if (limit > position) {
      return true;
    }
    socket.setSoTimeout((int) patience.toMillis());
    try {
      fill(1);
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    } finally {
      socket.setSoTimeout(0);
    }
  }

  /// Reads the untyped packet that starts a connection.
  public Message.Body readStartup() throws IOException {
    fill(4);
    int length = peekInt(position) - 4;
    if (length < 4 || length > 10_000) {
      throw new ProtocolException("invalid length of startup packet");
    }
    position += 4;
    return new Message.Body(take(length));
  }

  /// The type of the next message when its head is here already, else 0.
  public char buffered() {
    return limit > position ? (char) (input[position] & 0xff) : 0;
  }

  public Channel write(Message message) throws IOException {
    byte[] body = message.body();
    room(5);
    output[pending++] = (byte) message.type();
    putInt(body.length + 4);
    writeRaw(body);
    return this;
  }

  /// Writes a startup packet, which has no type.
  public Channel writeStartup(Message message) throws IOException {
    room(4);
    putInt(message.length() + 4);
    writeRaw(message.body());
    return this;
  }

  public Channel flush() throws IOException {
    if (pending > 0) {
      out.write(output, 0, pending);
      pending = 0;
    }
    out.flush();
    return this;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  private byte[] take(int length) throws IOException {
    byte[] body = new byte[length];
    int here = Math.min(length, limit - position);
    System.arraycopy(input, position, body, 0, here);
    position += here;
    if (here < length && in.readNBytes(body, here, length - here) < length - here) {
      throw new EOFException();
    }
    return body;
  }

  private void fill(int count) throws IOException {
    if (limit - position >= count) {
      return;
    }
    System.arraycopy(input, position, input, 0, limit - position);
    limit -= position;
    position = 0;
    while (limit < count) {
      int read = in.read(input, limit, input.length - limit);
      if (read < 0) {
        throw new EOFException();
      }
      limit += read;
    }
  }

  private int peekInt(int at) {
    return ByteBuffer.wrap(input).getInt(at);
  }

  private void writeRaw(byte[] bytes) throws IOException {
    if (bytes.length > BUFFER) {
      flush();
      out.write(bytes);
    } else {
      room(bytes.length);
      System.arraycopy(bytes, 0, output, pending, bytes.length);
      pending += bytes.length;
    }
  }

  private void room(int count) throws IOException {
    if (output.length - pending < count) {
      flush();
    }
  }

  private void putInt(int value) {
    output[pending++] = (byte) (value >> 24);
    output[pending++] = (byte) (value >> 16);
    output[pending++] = (byte) (value >> 8);
    output[pending++] = (byte) value;
  }
}
