package dsql.local.session;

import dsql.local.fault.Faults;
import dsql.local.fault.Faults.Allowance;
import java.io.Closeable;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/// Streams of a client that hold, delay and cut as [Faults] say.
final class FaultyStreams {
  private FaultyStreams() {}

  /// Reads until the cut, then closes `line` and reports the end.
  static InputStream input(InputStream in, Faults faults, Closeable line) {
    return new FilterInputStream(in) {
      @Override
      public int read(byte[] buffer, int offset, int length) throws IOException {
        int count = in.read(buffer, offset, length);
        if (count <= 0) {
          return count;
        }
        if (faults.receiving(count).cut()) {
          line.close();
          throw new EOFException("cut by a fault");
        }
        return count;
      }
    };
  }

  /// Writes up to the cut, then closes `line`.
  static OutputStream output(OutputStream out, Faults faults, Closeable line) {
    return new FilterOutputStream(out) {
      @Override
      public void write(byte[] buffer, int offset, int length) throws IOException {
        faults.hold();
        Allowance allowance = faults.sending(length);
        out.write(buffer, offset, allowance.bytes());
        if (allowance.cut()) {
          out.flush();
          line.close();
          throw new EOFException("cut by a fault");
        }
      }
    };
  }
}
