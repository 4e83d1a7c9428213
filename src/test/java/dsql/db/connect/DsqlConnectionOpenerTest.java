package dsql.db.connect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.SharedDsql;
import dsql.db.pool.Deadline;
import dsql.db.pool.Ticker;
import dsql.lambda.LocalFunction;
import dsql.local.LocalDsql;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.function.Executable;

/// What opening a connection waits for, and that each wait ends in time: real sockets and the real
/// driver, and a resolver that is as slow as a test wants.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class DsqlConnectionOpenerTest {

  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(400);

  /// More than a machine with other things to do adds, and far from what is bounded.
  private static final Duration SOON = Duration.ofSeconds(8);

  private final LocalDsql dsql;
  private final CountDownLatch answers = new CountDownLatch(1);
  private final AtomicInteger lookups = new AtomicInteger();

  DsqlConnectionOpenerTest(LocalDsql dsql) {
    this.dsql = dsql;
  }

  @BeforeEach
  void trust() {
    LocalFunction.trust(dsql);
  }

  @Test
  void aResolverThatHangsEndsWithTheDeadline() throws Exception {
    DsqlConnectionOpener opener = opener(LONG, this::slowly);
    SQLException late = assertThrowsSoon(SQLException.class, () -> opener.open(in(SHORT)));
    assertEquals("08001", late.getSQLState());
    answers.countDown();
    opener.open(in(LONG)).close();
  }

  @Test
  void aResolverThatHangsEndsWithTheConnectTimeout() {
    DsqlConnectionOpener opener = opener(SHORT, this::slowly);
    SQLException late = assertThrowsSoon(SQLException.class, () -> opener.open(in(LONG)));
    assertEquals("08001", late.getSQLState());
    answers.countDown();
  }

  @Test
  void allWhoConnectMeanwhileWaitForOneLookup() throws Exception {
    CountDownLatch waiting = new CountDownLatch(8);
    // A token is asked for after the look-up has begun.
    DsqlConnectionOpener opener =
        opener(
            LONG,
            this::slowly,
            _ -> {
              waiting.countDown();
              return dsql.token("admin");
            });
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Connection>> all = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        all.add(threads.submit(() -> opener.open(in(LONG))));
      }
      waiting.await();
      answers.countDown();
      for (Future<Connection> one : all) {
        one.get().close();
      }
    }
    assertEquals(1, lookups.get());
  }

  @Test
  void aNameThatIsNotFoundIsAFailureToConnect() {
    DsqlConnectionOpener opener =
        opener(
            LONG,
            () -> {
              throw new UnknownHostException("unknown");
            });
    SQLException unknown = assertThrows(SQLException.class, () -> opener.open(in(LONG)));
    assertEquals("08001", unknown.getSQLState());
    assertInstanceOf(UnknownHostException.class, unknown.getCause());
  }

  @Test
  void anErrorInTheLookupIsNoFailureToConnect() {
    DsqlConnectionOpener opener =
        opener(
            LONG,
            () -> {
              throw new OutOfMemoryError("thrown by a test");
            });
    assertThrows(OutOfMemoryError.class, () -> opener.open(in(LONG)));
  }

  @Test
  void anAddressThatTakesNoneLeavesTimeToTheNext() throws Exception {
    InetAddress none = InetAddress.ofLiteral("127.0.0.2");
    DsqlConnectionOpener refused = opener(LONG, () -> new InetAddress[] {none, dsqlAddress()});
    refused.open(in(LONG)).close();
    // Nobody takes what waits in its queue, so that the next hears nothing.
    try (ServerSocket full = new ServerSocket()) {
      full.bind(new InetSocketAddress(none, dsql.port()), 1);
      List<Socket> queue = fill(full);
      refused.open(in(Duration.ofSeconds(4))).close();
      SQLException all =
          assertThrowsSoon(
              SQLException.class,
              () -> opener(LONG, () -> new InetAddress[] {none, none}).open(in(SHORT)));
      assertEquals("08001", all.getSQLState());
      for (Socket socket : queue) {
        socket.close();
      }
    }
  }

  @Test
  void aServerThatTakesTheConnectionAndIsSilentEndsWithTheDeadline() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      DsqlConnectionOpener opener =
          new DsqlConnectionOpener(
              "localhost", silent.getLocalPort(), "admin", LONG, _ -> dsql.token("admin"));
      assertThrowsSoon(SQLException.class, () -> opener.open(in(SHORT)));
    }
    dsql.faults().freeze();
    try {
      assertThrowsSoon(SQLException.class, () -> opener(LONG, this::at).open(in(SHORT)));
    } finally {
      dsql.faults().thaw();
    }
  }

  /// What an earlier invocation allowed says nothing about how long closing may take.
  @Test
  void closingAConnectionWhoseServerIsSilentDoesNotWait() throws Exception {
    Connection connection = opener(LONG, this::at).open(in(LONG));
    connection.setNetworkTimeout(Runnable::run, Math.toIntExact(LONG.toMillis()));
    connection.isValid(0);
    dsql.faults().freeze();
    try {
      long begun = System.nanoTime();
      connection.close();
      assertSoon(begun);
    } finally {
      dsql.faults().thaw();
    }
  }

  @Test
  void addressesReachTheSocketAsTheyAre() throws Exception {
    InetAddress[] both = {InetAddress.ofLiteral("::1"), InetAddress.ofLiteral("127.0.0.1")};
    assertEquals(
        "1500 5432 0:0:0:0:0:0:0:1 127.0.0.1",
        DeadlineSocketFactory.attempt(Duration.ofMillis(1500), 5432, both));
    String attempt = DeadlineSocketFactory.attempt(LONG, dsql.port(), both);
    try (Socket socket = new DeadlineSocketFactory(attempt).createSocket()) {
      assertTrue(socket.isConnected());
    }
  }

  private static List<Socket> fill(ServerSocket server) throws IOException {
    List<Socket> queue = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Socket socket = new Socket();
      socket.connect(server.getLocalSocketAddress(), 1000);
      queue.add(socket);
    }
    return queue;
  }

  private InetAddress[] slowly() throws InterruptedException {
    lookups.incrementAndGet();
    answers.await();
    return at();
  }

  private InetAddress[] at() {
    return new InetAddress[] {dsqlAddress()};
  }

  private static InetAddress dsqlAddress() {
    return InetAddress.getLoopbackAddress();
  }

  private DsqlConnectionOpener opener(Duration connect, Callable<InetAddress[]> lookup) {
    return opener(connect, lookup, _ -> dsql.token("admin"));
  }

  private DsqlConnectionOpener opener(
      Duration connect, Callable<InetAddress[]> lookup, TokenSource tokens) {
    return new DsqlConnectionOpener(dsql.host(), dsql.port(), "admin", connect, tokens, lookup);
  }

  private static Deadline in(Duration time) {
    return Deadline.in(time, Ticker.SYSTEM);
  }

  private static <T extends Throwable> T assertThrowsSoon(Class<T> type, Executable work) {
    long begun = System.nanoTime();
    T thrown = assertThrows(type, work);
    assertSoon(begun);
    return thrown;
  }

  private static void assertSoon(long begun) {
    Duration took = Duration.ofNanos(System.nanoTime() - begun);
    assertTrue(took.compareTo(SOON) < 0, () -> "it took " + took);
  }
}
