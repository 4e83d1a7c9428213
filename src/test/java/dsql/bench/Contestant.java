package dsql.bench;

import java.util.function.IntFunction;

/// One that is timed from an event's bytes to a reply's.
///
/// @param event the n-th event; making it is not timed
/// @param work what is timed
/// @param check throws when a reply is not the right one; not timed
/// @param reset runs before each timing, untimed
record Contestant(IntFunction<byte[]> event, Work work, Check check, Reset reset) {

  @FunctionalInterface
  interface Work {
    byte[] reply(byte[] event) throws Exception;
  }

  @FunctionalInterface
  interface Check {
    void check(byte[] reply) throws Exception;
  }

  @FunctionalInterface
  interface Reset {
    void run() throws Exception;
  }

  Contestant(IntFunction<byte[]> event, Work work, Check check) {
    this(event, work, check, () -> {});
  }

  /// Milliseconds of one run.
  double time(int n) throws Exception {
    byte[] input = event.apply(n);
    reset.run();
    long start = System.nanoTime();
    byte[] reply = work.reply(input);
    long end = System.nanoTime();
    check.check(reply);
    return (end - start) / 1e6;
  }
}
