package dsql.local;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/// Ends a program of the command line when its standard input does. Input that has ended before the
/// program is up, as that of a script's background job, counts as none: then only an interrupt ends
/// it. Safe for concurrent use.
public final class EndOfInput {

  private final CountDownLatch end = new CountDownLatch(1);
  private final AtomicBoolean up = new AtomicBoolean();

  private EndOfInput() {}

  /// Begins to watch.
  public static EndOfInput watch() {
    EndOfInput input = new EndOfInput();
    Thread.ofPlatform().daemon().name("stdin").start(input::read);
    return input;
  }

  /// From here on an end counts.
  public void up() {
    up.set(true);
  }

  /// Waits for it.
  public void await() throws InterruptedException {
    end.await();
  }

  private void read() {
    try {
      while (System.in.read() >= 0) {
        // Nothing is expected: only the end counts.
      }
    } catch (IOException e) {
      System.err.println("standard input: " + e.getMessage());
    }
    if (up.get()) {
      end.countDown();
    }
  }
}
