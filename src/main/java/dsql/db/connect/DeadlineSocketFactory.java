package dsql.db.connect;

import dsql.db.pool.ConnectionPool;
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

/// Creates and connects the socket of one connection attempt. The driver instantiates this class by
/// its name and accepts a connected socket. Otherwise it would look up the host's name again, with
/// no limit on the time, and try only the first address.
public final class DeadlineSocketFactory extends SocketFactory {

  private final Duration first;
  private final int port;
  private final List<InetAddress> addresses = new ArrayList<>();

  /// A factory for one attempt.
  ///
  /// @param attempt the text that [#attempt] returned
  public DeadlineSocketFactory(String attempt) {
    String[] words = attempt.split(" ", -1);
    this.first = Duration.ofMillis(Long.parseLong(words[0]));
    this.port = Integer.parseInt(words[1]);
    for (int i = 2; i < words.length; i++) {
      addresses.add(InetAddress.ofLiteral(words[i]));
    }
  }

  /// The factory's parameters, in the only text that the driver passes on.
  ///
  /// @param first the time for the connect and the handshake
  /// @param addresses the host's addresses, at least one
  static String attempt(Duration first, int port, InetAddress[] addresses) {
    StringBuilder text =
        new StringBuilder().append(ConnectionPool.millis(first)).append(' ').append(port);
    for (InetAddress address : addresses) {
      text.append(' ').append(address.getHostAddress());
    }
    return text.toString();
  }

  /// A socket connected to the first address that accepts it. Each address gets a share of the time
  /// left, so that one that never answers, such as an IPv6 address without a route, leaves time for
  /// the next.
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
    throw failure != null ? failure : new SocketTimeoutException("The host has no address.");
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
    return new UnsupportedOperationException(
        "Only createSocket() is supported; it returns a connected socket.");
  }
}
