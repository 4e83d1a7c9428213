package dsql.local.session;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Accepts connections on the loopback address, one thread each. Safe for concurrent use.
public final class Front implements AutoCloseable {
  private static final int BACKLOG = 256;

  private final Cluster cluster;
  private final ServerSocket server;
  private final Thread acceptor;
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();

  /// Listens at once; port 0 takes any free one.
  public Front(Cluster cluster, int port) throws IOException {
    this.cluster = cluster;
    this.server = new ServerSocket(port, BACKLOG, InetAddress.getLoopbackAddress());
    this.acceptor = Thread.ofPlatform().daemon().name("dsql-accept-" + port()).start(this::accept);
  }

  public int port() {
    return server.getLocalPort();
  }

  private void accept() {
    for (long n = 1; !server.isClosed(); n++) {
      try {
        Socket socket = server.accept();
        cluster.arrivals.incrementAndGet();
        Connection connection = new Connection(cluster, socket);
        connections.add(connection);
        Thread.ofPlatform()
            .daemon()
            .name("dsql-session-" + n)
            .start(() -> {
              try {
                connection.run();
              } finally {
                connections.remove(connection);
              }
            });
      } catch (IOException e) {
        // Either the end, or a connection that was gone before it was accepted.
        System.getLogger(Front.class.getName()).log(System.Logger.Level.DEBUG, "accept", e);
      }
    }
  }

  /// Ends every connection and waits for its thread's work to be over.
  @Override
  public void close() {
    try {
      // A frozen thread would never see that its socket is closed.
      cluster.faults.clear();
      server.close();
      for (Connection connection : connections) {
        connection.close();
      }
      acceptor.join();
      for (Connection connection : connections) {
        connection.awaitEnd();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
