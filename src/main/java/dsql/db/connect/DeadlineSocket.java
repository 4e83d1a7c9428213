package dsql.db.connect;

import dsql.db.pool.ConnectionPool;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/// A socket whose timeout is a point in time, which applies to all calls until it is set again.
///
/// A plain socket's timeout starts again with each read and does not apply to writes. So a server
/// that trickles, a TLS close that waits for an answer, or a server that no longer reads would hold
/// an invocation beyond its end, and the driver's login has no timeout at all. Here the first
/// connect, every read and every write share one deadline; a timeout of zero changes nothing.
/// Setting the timeout also begins a new answer, which may have at most [AnswerTooLarge#LIMIT]
/// bytes.
///
/// Used by one thread at a time, as the driver does.
final class DeadlineSocket extends Socket {

  /// The number of bytes that a socket's buffers accept even if the other side does not read.
  private static final int SURELY_BUFFERED = 32 * 1024;

  private volatile long deadline;
  private long unread;
  private long received;

  /// @param first the timeout for the connect and the handshake, until another one is set
  DeadlineSocket(Duration first) {
    deadline = System.nanoTime() + first.toNanos();
  }

  @Override
  public void connect(SocketAddress endpoint, int timeout) throws IOException {
    int left = remainingMillis();
    super.connect(endpoint, timeout == 0 ? left : Math.min(timeout, left));
  }

  @Override
  public void setSoTimeout(int timeout) throws SocketException {
    if (isClosed()) {
      throw new SocketException("Socket is closed");
    }
    if (timeout > 0) {
      received = 0;
      deadline = System.nanoTime() + Duration.ofMillis(timeout).toNanos();
    }
  }

  @Override
  public InputStream getInputStream() throws IOException {
    return new FilterInputStream(super.getInputStream()) {
      @Override
      public int read() throws IOException {
        arm();
        return received(super.read(), 1);
      }

      @Override
      public int read(byte[] buffer, int offset, int length) throws IOException {
        arm();
        int n = super.read(buffer, offset, length);
        return received(n, n);
      }
    };
  }

  private int received(int result, int bytes) throws AnswerTooLarge {
    received += bytes;
    if (received > AnswerTooLarge.LIMIT) {
      throw new AnswerTooLarge();
    }
    return result;
  }

  @Override
  public OutputStream getOutputStream() throws IOException {
    return new FilterOutputStream(super.getOutputStream()) {
      @Override
      public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] buffer, int offset, int length) throws IOException {
        unread += length;
        if (unread <= SURELY_BUFFERED) {
          out.write(buffer, offset, length);
        } else {
          watched(out, buffer, offset, length);
        }
      }
    };
  }

  private void arm() throws IOException {
    unread = 0;
    super.setSoTimeout(remainingMillis());
  }

  private int remainingMillis() throws SocketTimeoutException {
    long left = deadline - System.nanoTime();
    if (left <= 0) {
      throw new SocketTimeoutException("The deadline has passed");
    }
    return ConnectionPool.millis(Duration.ofNanos(left));
  }

  /// Writes while another thread watches the deadline: only closing the socket ends a blocked
  /// write. The thread ends with the write.
  private void watched(OutputStream out, byte[] buffer, int offset, int length) throws IOException {
    remainingMillis();
    Thread watchdog = Thread.ofVirtual().start(this::closeAtDeadline);
    try {
      out.write(buffer, offset, length);
    } catch (IOException e) {
      if (deadline - System.nanoTime() > 0) {
        throw e;
      }
      SocketTimeoutException timeout = new SocketTimeoutException("The deadline has passed");
      timeout.addSuppressed(e);
      throw timeout;
    } finally {
      watchdog.interrupt();
    }
  }

  private void closeAtDeadline() {
    for (long left = deadline - System.nanoTime(); left > 0; left = deadline - System.nanoTime()) {
      LockSupport.parkNanos(left);
      if (Thread.currentThread().isInterrupted()) {
        return;
      }
    }
    try {
      close();
    } catch (IOException e) {
      // The write fails in any case, and its exception is reported.
    }
  }
}
