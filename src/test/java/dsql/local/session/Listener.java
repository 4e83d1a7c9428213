package dsql.local.session;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// Accepts connections, one thread each. Safe for concurrent use.
public final class Listener implements AutoCloseable {
  private static final int BACKLOG = 256;

  private final Cluster cluster;
  private final List<ServerSocket> servers = new ArrayList<>();
  private final List<Thread> acceptors = new ArrayList<>();
  private final AtomicLong sessions = new AtomicLong();
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();

  /// Listens at once, on the same port of each address; port 0 takes one that the first has free.
  public Listener(Cluster cluster, int port, List<InetAddress> addresses) throws IOException {
    this.cluster = cluster;
    try {
      for (InetAddress address : addresses) {
        servers.add(new ServerSocket(servers.isEmpty() ? port : port(), BACKLOG, address));
      }
    } catch (IOException e) {
      for (ServerSocket server : servers) {
        server.close();
      }
      throw e;
    }
    for (ServerSocket server : servers) {
      acceptors.add(
          Thread.ofPlatform().daemon().name("dsql-accept-" + port()).start(() -> accept(server)));
    }
  }

  public int port() {
    return servers.getFirst().getLocalPort();
  }

  private void accept(ServerSocket server) {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        cluster.arrivals.incrementAndGet();
        Connection connection = new Connection(cluster, socket);
        connections.add(connection);
        Thread.ofPlatform()
            .daemon()
            .name("dsql-session-" + sessions.incrementAndGet())
            .start(() -> {
              try {
                connection.run();
              } finally {
                connections.remove(connection);
              }
            });
      } catch (IOException e) {
        // Either the end, or a connection that was gone before it was accepted.
        System.getLogger(Listener.class.getName()).log(System.Logger.Level.DEBUG, "accept", e);
      }
    }
  }

  /// Ends every connection and waits for its thread's work to be over.
  @Override
  public void close() {
    try {
      // A frozen thread would never see that its socket is closed.
      cluster.faults.clear();
      for (ServerSocket server : servers) {
        server.close();
      }
      for (Connection connection : connections) {
        connection.close();
      }
      for (Thread acceptor : acceptors) {
        acceptor.join();
      }
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
