package dsql.db.pool;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;

/// Makes and connects the socket of one connection attempt. The driver instantiates it by its name,
/// and takes it connected as it is: left to itself, it would look the host's name up again, for as
/// long as that takes, and try the first address only.
public final class DeadlineSocketFactory extends SocketFactory {

  private final Duration first;
  private final int port;
  private final List<InetAddress> addresses = new ArrayList<>();

  /// A factory for one attempt.
  ///
  /// @param attempt what [#attempt] wrote
  public DeadlineSocketFactory(String attempt) {
    String[] words = attempt.split(" ", -1);
    this.first = Duration.ofMillis(Long.parseLong(words[0]));
    this.port = Integer.parseInt(words[1]);
    for (int i = 2; i < words.length; i++) {
      addresses.add(InetAddress.ofLiteral(words[i]));
    }
  }

  /// What a factory is told, in the one text that the driver hands on.
  ///
  /// @param first what connecting and the handshake have
  /// @param addresses the host's, one at least
  static String attempt(Duration first, int port, InetAddress[] addresses) {
    StringBuilder text =
        new StringBuilder().append(ConnectionPool.millis(first)).append(' ').append(port);
    for (InetAddress address : addresses) {
      text.append(' ').append(address.getHostAddress());
    }
    return text.toString();
  }

  /// A socket to the first address that takes it. Each gets its part of the time that is left, so
  /// that one which never answers, such as an IPv6 address without a route, leaves some to the
  /// next.
  @Override
  public Socket createSocket() throws IOException {
    long end = System.nanoTime() + first.toNanos();
    @Nullable IOException failure = null;
    for (int i = 0; i < addresses.size(); i++) {
      Duration left = Duration.ofNanos(end - System.nanoTime());
      DeadlineSocket socket = new DeadlineSocket(left);
      try {
        int part = ConnectionPool.millis(left.dividedBy(addresses.size() - i));
        socket.connect(new InetSocketAddress(addresses.get(i), port), part);
        return socket;
      } catch (IOException e) {
        if (failure != null) {
          e.addSuppressed(failure);
        }
        failure = e;
        socket.close();
      }
    }
    throw failure != null ? failure : new SocketTimeoutException("There is no address.");
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
    return new UnsupportedOperationException("Sockets are made connected, by createSocket().");
  }
}
