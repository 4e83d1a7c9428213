package dsql.local.session;

import dsql.local.wire.Refusal;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// One accepted socket, from its first byte to its last: handshake, login, then a [Session].
///
/// Whatever the client does ends here: garbage, silence and vanishing close the socket and the
/// PostgreSQL connection behind it.
final class Connection implements Runnable, Closeable {
  private final Cluster cluster;
  private final Socket socket;
  private volatile @Nullable Backend backend;
  private final CountDownLatch ended = new CountDownLatch(1);

  Connection(Cluster cluster, Socket socket) {
    this.cluster = cluster;
    this.socket = socket;
  }

  @Override
  public void run() {
    try (socket) {
      socket.setTcpNoDelay(true);
      cluster.faults.pause();
      StartupRequest request = Handshake.receive(cluster, socket);
      if (request != null) {
        serve(request);
      }
    } catch (EOFException | SocketException | SSLException e) {
      // The client left, spoke no TLS or did not like ours: nobody is there to be told.
      trace(e);
    } catch (IOException e) {
      trace(e);
    } finally {
      ended.countDown();
    }
  }

  private void serve(StartupRequest request) throws IOException {
    try (var channel = request.channel()) {
      Refusal refusal = Authenticator.check(cluster, request);
      if (refusal != null) {
        channel.write(refusal.toMessage()).flush();
        return;
      }
      try (Backend opened = Backend.open(cluster, request)) {
        backend = opened;
        Session session = new Session(cluster, channel, opened, socket, Taps.line(request));
        cluster.sessions.put(opened.pid(), session);
        try {
          socket.setSoTimeout(0);
          session.run();
        } finally {
          cluster.sessions.remove(opened.pid());
        }
      } catch (BackendRefusedException e) {
        channel.write(e.error()).flush();
      }
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
    Backend open = backend;
    if (open != null) {
      // Else a long statement would keep the session's thread.
      open.abandon();
    }
  }

  void awaitEnd() throws InterruptedException {
    ended.await();
  }

  private static void trace(IOException e) {
    System.getLogger(Connection.class.getName())
        .log(System.Logger.Level.DEBUG, "connection ended", e);
  }
}
