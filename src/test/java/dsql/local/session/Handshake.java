package dsql.local.session;

import dsql.local.wire.Channel;
import dsql.local.wire.Message;
import dsql.local.wire.ProtocolException;
import dsql.local.wire.Refusal;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/// From the first byte to the startup packet.
///
/// A first byte of 0x16 is a TLS record: the client starts TLS directly and must then agree on the
/// application protocol `postgresql`. Anything else is a packet with a length: SSLRequest is
/// answered `S`, a request for GSS encryption `N`, a cancel request is read and ignored, and a
/// startup packet in the clear is refused.
final class Handshake {
  private static final String PROTOCOL = "postgresql";
  private static final int TLS_RECORD = 0x16;
  private static final int SSL_REQUEST = 80877103;
  private static final int GSS_REQUEST = 80877104;
  private static final int CANCEL_REQUEST = 80877102;
  private static final int VERSION_3 = 3;
  private static final int LONGEST_MESSAGE = 10 * 1024 * 1024;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private Handshake() {}

  /// The client that arrived, or null when there is nobody to serve.
  static @Nullable StartupRequest receive(Cluster cluster, Socket socket) throws IOException {
    socket.setSoTimeout((int) PATIENCE.toMillis());
    InputStream in = socket.getInputStream();
    int first = in.read();
    if (first < 0) {
      return null;
    }
    if (first == TLS_RECORD) {
      return startup(cluster, socket, secure(cluster, socket, first), true);
    }
    int code = request(in, first);
    if (code == GSS_REQUEST) {
      socket.getOutputStream().write('N');
      code = request(in, in.read());
    }
    return switch (code) {
      case SSL_REQUEST -> {
        socket.getOutputStream().write('S');
        yield startup(cluster, socket, secure(cluster, socket, -1), false);
      }
      case CANCEL_REQUEST -> null;
      default -> {
        if (code >>> 16 == VERSION_3) {
          new Channel(socket, LONGEST_MESSAGE)
              .write(
                  Refusal.fatal("08006", "unable to accept connection, access denied")
                      .withHint("TLS is required.")
                      .toMessage())
              .flush();
        }
        yield null;
      }
    };
  }

  // The code of a request packet whose first byte is read already.
  private static int request(InputStream in, int first) throws IOException {
    ByteBuffer packet = ByteBuffer.allocate(8).put((byte) first).put(in.readNBytes(7));
    if (first < 0 || packet.hasRemaining()) {
      throw new EOFException();
    }
    int length = packet.getInt(0);
    if (length < 8 || length > 10_000) {
      throw new ProtocolException("invalid length of startup packet");
    }
    return packet.getInt(4);
  }

  private static SSLSocket secure(Cluster cluster, Socket socket, int consumed) throws IOException {
    boolean direct = consumed >= 0;
    InputStream before =
        new ByteArrayInputStream(direct ? new byte[] {(byte) consumed} : new byte[0]);
    SSLSocket secure =
        (SSLSocket) cluster.context().getSocketFactory().createSocket(socket, before, true);
    SSLParameters parameters = secure.getSSLParameters();
    parameters.setApplicationProtocols(new String[] {PROTOCOL});
    parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
    if (!cluster.keyGroups.isEmpty()) {
      parameters.setNamedGroups(cluster.keyGroups.toArray(String[]::new));
    }
    secure.setSSLParameters(parameters);
    secure.startHandshake();
    if (direct && !PROTOCOL.equals(secure.getApplicationProtocol())) {
      throw new ProtocolException("direct TLS without the application protocol " + PROTOCOL);
    }
    return secure;
  }

  private static StartupRequest startup(
      Cluster cluster, Socket line, SSLSocket secure, boolean direct) throws IOException {
    Channel channel =
        new Channel(
            secure,
            FaultyStreams.input(secure.getInputStream(), cluster.faults, line),
            FaultyStreams.output(secure.getOutputStream(), cluster.faults, line),
            LONGEST_MESSAGE);
    Message.Body packet = channel.readStartup();
    int version = packet.int32();
    if (version >>> 16 != VERSION_3) {
      throw new ProtocolException("unsupported frontend protocol");
    }
    Map<String, String> parameters = new LinkedHashMap<>();
    for (String name = packet.string(); !name.isEmpty(); name = packet.string()) {
      parameters.put(name, packet.string());
    }
    return new StartupRequest(channel, parameters, sniHost(secure), direct);
  }

  private static String sniHost(SSLSocket secure) {
    if (!(secure.getSession() instanceof ExtendedSSLSession session)) {
      return "";
    }
    return session.getRequestedServerNames().stream()
        .filter(SNIHostName.class::isInstance)
        .map(name -> ((SNIHostName) name).getAsciiName())
        .findFirst()
        .orElse("");
  }
}
