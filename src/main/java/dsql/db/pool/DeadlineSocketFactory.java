package dsql.db.pool;

import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import javax.net.SocketFactory;

/// Makes the socket of one connection attempt. The driver instantiates it by its name, with the
/// milliseconds that the attempt has.
public final class DeadlineSocketFactory extends SocketFactory {

  private final Duration first;

  /// A factory for one attempt.
  ///
  /// @param milliseconds that the connect and the handshake have, in digits
  public DeadlineSocketFactory(String milliseconds) {
    this.first = Duration.ofMillis(Long.parseLong(milliseconds));
  }

  @Override
  public Socket createSocket() {
    return new DeadlineSocket(first);
  }

  @Override
  public Socket createSocket(String host, int port) {
    throw connected();
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
    throw connected();
  }

  @Override
  public Socket createSocket(InetAddress host, int port) {
    throw connected();
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort) {
    throw connected();
  }

  private static UnsupportedOperationException connected() {
    return new UnsupportedOperationException("The driver connects its sockets by itself.");
  }
}
