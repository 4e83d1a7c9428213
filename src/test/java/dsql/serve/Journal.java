package dsql.serve;

import com.sun.net.httpserver.HttpExchange;
import dsql.json.JsonWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;

/// The last requests, each with the lines that the function wrote while it answered. Safe for
/// concurrent use.
public final class Journal {

  /// How many requests are kept.
  static final int KEPT = 50;

  /// What is written down of one request's lines.
  private static final int LINES_BYTES = 64 * 1024;

  /// Where lines go while a request is answered.
  private static final ScopedValue<ByteArrayOutputStream> LINES = ScopedValue.newInstance();

  private final Deque<Answered> requests = new ArrayDeque<>();

  /// A request that is being answered.
  ///
  /// @param lines what the function has written so far
  record Entry(
      String requestId, Instant at, String method, String target, ByteArrayOutputStream lines) {

    Entry(String requestId, Instant at, HttpExchange exchange) {
      this(
          requestId,
          at,
          exchange.getRequestMethod(),
          exchange.getRequestURI().toString(),
          new ByteArrayOutputStream());
    }

    /// The work's result; what it writes to [#lines()] is kept here.
    String call(Work work) throws Exception {
      return ScopedValue.where(LINES, lines).<String, Exception>call(work::run);
    }

    Answered answered(Answer answer, Duration took) {
      return new Answered(this, answer.status(), answer.body().length, took);
    }
  }

  /// What may fail.
  interface Work {
    String run() throws Exception;
  }

  /// A request with what came of it.
  record Answered(Entry entry, int status, int bytes, Duration took) {}

  /// Takes the lines of the request that the writing thread is answering, and drops others.
  static OutputStream lines() {
    return lines(OutputStream.nullOutputStream());
  }

  /// The same, and all of it goes on to another stream.
  static OutputStream lines(OutputStream all) {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        all.write(bytes, offset, length);
        if (LINES.isBound()) {
          ByteArrayOutputStream lines = LINES.get();
          lines.write(bytes, offset, Math.clamp(LINES_BYTES - (long) lines.size(), 0, length));
        }
      }

      @Override
      public void flush() throws IOException {
        all.flush();
      }
    };
  }

  synchronized void add(Answered answered) {
    requests.addFirst(answered);
    if (requests.size() > KEPT) {
      requests.removeLast();
    }
  }

  /// The requests as JSON, the last one first.
  synchronized String json() {
    JsonWriter out = new JsonWriter(1024).beginArray();
    for (Answered request : requests) {
      Entry entry = request.entry();
      out.beginObject().name("requestId").value(entry.requestId());
      out.name("at").value(entry.at().toString());
      out.name("method").value(entry.method()).name("target").value(entry.target());
      out.name("status").value(request.status()).name("bytes").value(request.bytes());
      out.name("millis").value(request.took().toMillis());
      out.name("lines").beginArray();
      entry.lines().toString(StandardCharsets.UTF_8).lines().forEach(out::value);
      out.endArray().endObject();
    }
    return out.endArray().toString();
  }
}
