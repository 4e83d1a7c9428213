package dsql;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// A relay that counts how often a client speaks after the server has: each time is a round trip,
/// and may be made to take a while. A token names no port, so it passes. Safe for concurrent use,
/// but counts for one connection.
public final class RoundTrips implements AutoCloseable {

  private final ServerSocket server;
  private final int target;
  private volatile Duration delay;
  private final AtomicInteger count = new AtomicInteger();
  private volatile boolean serverSpokeLast = true;

  /// Listens at once.
  ///
  /// @param target the port of the server behind
  public RoundTrips(int target) throws IOException {
    this(target, Duration.ZERO);
  }

  /// The same, for a measurement.
  ///
  /// @param delay what each round trip takes longer
  public RoundTrips(int target, Duration delay) throws IOException {
    this.target = target;
    this.delay = delay;
    this.server = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  public int port() {
    return server.getLocalPort();
  }

  /// Sets what each round trip takes longer from now on.
  public void delay(Duration longer) {
    delay = longer;
  }

  /// Round trips so far.
  public int count() {
    return count.get();
  }

  private void accept() {
    while (true) {
      try {
        Socket client = server.accept();
        Socket upstream = new Socket(InetAddress.getLoopbackAddress(), target);
        // A client speaks first, whatever came last on the connection before.
        serverSpokeLast = true;
        client.setTcpNoDelay(true);
        upstream.setTcpNoDelay(true);
        Thread.ofVirtual().start(() -> relay(client, upstream, true));
        Thread.ofVirtual().start(() -> relay(upstream, client, false));
      } catch (IOException e) {
        // Closed.
        return;
      }
    }
  }

  private void relay(Socket from, Socket to, boolean fromClient) {
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] buffer = new byte[65_536];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        if (fromClient && serverSpokeLast) {
          count.incrementAndGet();
          LockSupport.parkNanos(delay.toNanos());
          // What was sent meanwhile belongs to the same round trip.
          for (int more = in.available(); more > 0 && n < buffer.length; more = in.available()) {
            n += in.read(buffer, n, buffer.length - n);
          }
        }
        serverSpokeLast = !fromClient;
        out.write(buffer, 0, n);
      }
    } catch (IOException e) {
      // One side is gone; so is the other, now.
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
