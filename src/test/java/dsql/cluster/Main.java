package dsql.cluster;

import dsql.local.ConformanceTable;
import dsql.local.ConformanceTable.Case;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;

/// The check for a command line: see `docs/cluster.md`.
///
/// Ends with status 0 where nothing differs, 1 where something does, 2 where it could not run.
public final class Main {

  private Main() {}

  /// Reads the properties that begin with `cluster.`; an interrupt ends it once it has removed what
  /// it made.
  public static void main(String[] args) throws IOException {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    Check check;
    try {
      Target target = Target.of(System::getProperty);
      check = new Check(target, cases(target), out, System.err);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(Check.NOT_RUN);
      return;
    }
    CountDownLatch ended = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(check, ended), "dsql-check-stop"));
    int status = Check.NOT_RUN;
    try {
      status = check.run();
    } finally {
      ended.countDown();
    }
    System.exit(status);
  }

  /// The process is ending: once the check has, if it is still at it.
  private static void stop(Check check, CountDownLatch ended) {
    check.stop();
    try {
      ended.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  static List<Case> cases(Target target) throws IOException {
    Pattern only = Pattern.compile(target.only());
    return ConformanceTable.read().stream().filter(c -> only.matcher(c.title()).find()).toList();
  }
}
