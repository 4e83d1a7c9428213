package dsql.db.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.TestClock;
import dsql.db.connect.TokenSource;
import dsql.db.pool.ConnectionPool.Limits;
import dsql.db.pool.ConnectionPool.State;
import dsql.db.pool.StubConnections.Stub;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.core.TransactionState;

@Tag("unit")
class ConnectionPoolTest {

  private static final Duration LIFETIME = Duration.ofMinutes(50);
  private static final Duration MAX_IDLE = Duration.ofSeconds(10);

  private final TestClock clock = new TestClock();
  private final StubConnections stubs = new StubConnections();
  private final List<String> heard = new CopyOnWriteArrayList<>();
  private final List<String> causes = new CopyOnWriteArrayList<>();

  private final PoolListener listener =
      new PoolListener() {
        @Override
        public void opened(Duration took) {
          heard.add("opened " + took);
        }

        @Override
        public void closed(CloseReason reason, Duration age, @Nullable Throwable cause) {
          heard.add("closed " + reason + " " + age);
          causes.add(cause == null ? "none" : cause.toString());
        }
      };
  private final List<ConnectionPool> pools = new ArrayList<>();

  /// What the jitter draws: zero takes nothing away.
  private double drawn;

  /// Every test gives back what it borrows; then nothing stays open, every connection was closed
  /// once and with a reason, and no permit is lost.
  @AfterEach
  void nothingLeaks() {
    for (ConnectionPool pool : pools) {
      assertEquals(0, pool.state().active(), "a permit is lost");
      pool.close();
      State state = pool.state();
      assertEquals(state.opened(), state.closed());
      assertEquals(0, state.total());
    }
    assertEquals(0, stubs.stillOpen(), "a connection was left open");
    assertEquals(stubs.opened(), heard.stream().filter(line -> line.startsWith("closed ")).count());
  }

  private ConnectionPool pool(int max) {
    RandomGenerator random = () -> (long) (drawn * 0x1.0p53) << 11;
    ConnectionPool pool =
        new ConnectionPool(new Limits(max, LIFETIME, MAX_IDLE), stubs, clock, random, listener);
    pools.add(pool);
    return pool;
  }

  private Deadline seconds(long seconds) {
    return Deadline.in(Duration.ofSeconds(seconds), clock);
  }

  private Connection borrowAndReturn(ConnectionPool pool) throws SQLException {
    try (Lease lease = pool.borrow(seconds(5))) {
      return lease.connection();
    }
  }

  @Test
  void opensNothingUntilAsked() throws SQLException {
    ConnectionPool pool = pool(8);
    assertEquals(new State(0, 0, 0, 0, 0, 0), pool.state());
    try (Lease first = pool.borrow(seconds(5))) {
      assertEquals(new State(1, 1, 0, 0, 1, 0), pool.state());
      try (Lease second = pool.borrow(seconds(5))) {
        assertNotSame(first.connection(), second.connection());
        assertEquals(new State(2, 2, 0, 0, 2, 0), pool.state());
      }
      assertEquals(new State(2, 1, 1, 0, 2, 0), pool.state());
    }
    assertEquals(new State(2, 0, 2, 0, 2, 0), pool.state());
    assertEquals(List.of("opened PT0S", "opened PT0S"), heard);
  }

  @Test
  void lendsTheOneThatCameBackLast() throws SQLException {
    ConnectionPool pool = pool(3);
    Lease a = pool.borrow(seconds(5));
    Lease b = pool.borrow(seconds(5));
    Lease c = pool.borrow(seconds(5));
    c.close();
    a.close();
    b.close();
    try (Lease first = pool.borrow(seconds(5));
        Lease second = pool.borrow(seconds(5));
        Lease third = pool.borrow(seconds(5))) {
      assertSame(b.connection(), first.connection());
      assertSame(a.connection(), second.connection());
      assertSame(c.connection(), third.connection());
    }
    assertEquals(3, stubs.opened());
  }

  @Test
  void isBoundedUnderManyThreads() throws Exception {
    int max = 4;
    int threads = 8;
    ConnectionPool pool = pool(max);
    Set<Connection> lent = ConcurrentHashMap.newKeySet();
    CyclicBarrier start = new CyclicBarrier(threads);
    CyclicBarrier allLent = new CyclicBarrier(max);
    try (ExecutorService workers = Executors.newFixedThreadPool(threads)) {
      List<Future<Void>> done = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        int worker = i;
        Callable<Void> work =
            () -> {
              start.await();
              for (int round = 0; round < 500; round++) {
                try (Lease lease = pool.borrow(seconds(60))) {
                  assertTrue(lent.add(lease.connection()), "lent to two at once");
                  if (round == 0) {
                    allLent.await();
                  }
                  if ((worker + round) % 50 == 0) {
                    lease.discard(new SQLException("lost"));
                  }
                  lent.remove(lease.connection());
                }
              }
              return null;
            };
        done.add(workers.submit(work));
      }
      for (Future<Void> each : done) {
        each.get(60, TimeUnit.SECONDS);
      }
    }
    assertEquals(max, stubs.mostOpen());
    assertTrue(pool.state().total() <= max);
  }

  @Test
  void retiresAtItsLifetimeAndNotBefore() throws SQLException {
    ConnectionPool pool = pool(1);
    Connection first = borrowAndReturn(pool);
    clock.advance(LIFETIME.minusMillis(1));
    assertSame(first, borrowAndReturn(pool));
    clock.advance(Duration.ofMillis(1));
    assertNotSame(first, borrowAndReturn(pool));
    assertEquals(List.of("opened PT0S", "closed LIFETIME PT50M", "opened PT0S"), heard);
  }

  @Test
  void jitterTakesUpToHalfOfTheLifetime() throws SQLException {
    ConnectionPool pool = pool(1);
    drawn = 0.999_999_999;
    Connection first = borrowAndReturn(pool);
    clock.advance(Duration.ofMinutes(25).minusMillis(1));
    assertSame(first, borrowAndReturn(pool));
    clock.advance(Duration.ofMillis(2));
    drawn = 0.5;
    Connection second = borrowAndReturn(pool);
    assertNotSame(first, second);
    clock.advance(Duration.ofSeconds(37 * 60 + 30).minusMillis(1));
    assertSame(second, borrowAndReturn(pool));
    clock.advance(Duration.ofMillis(1));
    assertNotSame(second, borrowAndReturn(pool));
  }

  /// The server counts from the handshake, which is after opening began.
  @Test
  void ageCountsFromBeforeTheConnectionWasOpened() throws SQLException {
    ConnectionPool pool =
        new ConnectionPool(
            new Limits(1, LIFETIME, MAX_IDLE),
            deadline -> {
              clock.advance(Duration.ofSeconds(3));
              return stubs.open(deadline);
            },
            clock,
            () -> 0L,
            listener);
    pools.add(pool);
    try (Lease lease = pool.borrow(seconds(5))) {
      assertEquals(Duration.ofSeconds(3), lease.age());
      assertEquals(2_000, stubs.get(0).networkTimeout, "what is left after opening");
    }
    clock.advance(LIFETIME.minusSeconds(3));
    borrowAndReturn(pool);
    assertEquals(List.of("opened PT3S", "closed LIFETIME PT50M", "opened PT3S"), heard);
  }

  @Test
  void closesEveryOldOneItMeets() throws SQLException {
    ConnectionPool pool = pool(3);
    List<Lease> leases = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      leases.add(pool.borrow(seconds(5)));
    }
    leases.forEach(Lease::close);
    clock.advance(LIFETIME);
    borrowAndReturn(pool);
    assertEquals(new State(1, 0, 1, 0, 4, 3), pool.state());
  }

  @Test
  void asksOnlyWhenIdleForLong() throws SQLException {
    ConnectionPool pool = pool(1);
    borrowAndReturn(pool);
    clock.advance(MAX_IDLE);
    borrowAndReturn(pool);
    assertEquals(List.of(), stubs.get(0).calls);
    clock.advance(MAX_IDLE.plusMillis(1));
    borrowAndReturn(pool);
    assertEquals(List.of("isValid within 2000"), stubs.get(0).calls);
    // It was just used: no second question.
    borrowAndReturn(pool);
    assertEquals(1, stubs.get(0).calls.size());
  }

  @Test
  void asksWhereTheClockWasSetBackAndTellsOfNoNegativeAge() throws SQLException {
    ConnectionPool pool = pool(1);
    borrowAndReturn(pool);
    clock.set(Duration.ofHours(-1));
    try (Lease lease = pool.borrow(seconds(5))) {
      assertEquals(List.of("isValid within 2000"), stubs.get(0).calls);
      assertEquals(Duration.ZERO, lease.idle());
      assertEquals(Duration.ZERO, lease.age());
    }
    pool.close();
    assertEquals(List.of("opened PT0S", "closed POOL_CLOSED PT0S"), heard);
  }

  @Test
  void validationDrawsOnTheDeadline() throws SQLException {
    ConnectionPool pool = pool(1);
    borrowAndReturn(pool);
    clock.advance(Duration.ofMinutes(1));
    try (Lease lease = pool.borrow(Deadline.in(Duration.ofMillis(300), clock))) {
      Stub stub = stubs.of(lease.connection());
      assertEquals(List.of("isValid within 300"), stub.calls);
      assertEquals(300, stub.networkTimeout);
    }
  }

  @Test
  void takesAnotherWhereOneDoesNotAnswer() throws SQLException {
    ConnectionPool pool = pool(3);
    Lease a = pool.borrow(seconds(5));
    Lease b = pool.borrow(seconds(5));
    Lease c = pool.borrow(seconds(5));
    a.close();
    b.close();
    c.close();
    clock.advance(Duration.ofMinutes(1));
    stubs.get(2).valid = false;
    stubs.get(1).timeoutFailure = Optional.of(new SQLException("gone"));
    assertSame(a.connection(), borrowAndReturn(pool));
    assertEquals(3, stubs.opened());
    assertEquals(
        List.of("closed VALIDATION_FAILED PT1M", "closed VALIDATION_FAILED PT1M"),
        heard.subList(3, 5));
  }

  @Test
  void opensANewOneWhereNoneAnswers() throws SQLException {
    ConnectionPool pool = pool(1);
    borrowAndReturn(pool);
    clock.advance(Duration.ofMinutes(1));
    stubs.get(0).valid = false;
    stubs.get(0).closeFailure = Optional.of(new SQLException("closing failed"));
    borrowAndReturn(pool);
    assertEquals(2, stubs.opened());
  }

  @Test
  void closesWhatFailsInAnUnforeseenWay() throws SQLException {
    ConnectionPool pool = pool(1);
    borrowAndReturn(pool);
    clock.advance(Duration.ofMinutes(1));
    stubs.get(0).timeoutFailure = Optional.of(new IllegalStateException("a driver's bug"));
    borrowAndReturn(pool);
    assertEquals(1, stubs.get(0).closes());
    assertEquals(List.of("java.lang.IllegalStateException: a driver's bug"), causes);
  }

  @Test
  void tellsItsStateWhenNoneCameFree() throws SQLException {
    ConnectionPool pool = pool(1);
    try (Lease _ = pool.borrow(seconds(5))) {
      PoolExhausted exhausted =
          assertThrows(
              PoolExhausted.class, () -> pool.borrow(Deadline.in(Duration.ofMillis(7), clock)));
      assertEquals(
          "No connection came free within 7 ms (total=1, active=1, idle=0, waiting=0).",
          exhausted.getMessage());
      assertNull(exhausted.getCause());
    }
  }

  @Test
  void tellsTheLastConnectFailureUntilOneSucceeds() throws SQLException {
    ConnectionPool pool = pool(2);
    try (Lease _ = pool.borrow(seconds(5))) {
      SQLException refused = new SQLException("refused");
      stubs.failWith(refused);
      assertSame(refused, assertThrows(SQLException.class, () -> pool.borrow(seconds(5))));
      assertEquals(new State(1, 1, 0, 0, 1, 0), pool.state());
      // While the second permit is taken by an attempt that will fail too.
      List<PoolExhausted> exhausted = new ArrayList<>();
      stubs.beforeOpen(
          () -> exhausted.add(assertThrows(PoolExhausted.class, () -> pool.borrow(seconds(0)))));
      assertThrows(SQLException.class, () -> pool.borrow(seconds(5)));
      assertSame(refused, exhausted.getFirst().getCause());
      stubs.beforeOpen(() -> {});
      stubs.failWith(null);
      try (Lease _ = pool.borrow(seconds(5))) {
        PoolExhausted later = assertThrows(PoolExhausted.class, () -> pool.borrow(seconds(0)));
        assertNull(later.getCause());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"SQLException", "TokenSource.Unavailable", "OutOfMemoryError"})
  void keepsThePermitWhenOpeningFails(String kind) throws SQLException {
    ConnectionPool pool = pool(1);
    Throwable failure =
        switch (kind) {
          case "SQLException" -> new SQLException("refused");
          case "OutOfMemoryError" -> new OutOfMemoryError("thrown by a test");
          default -> new TokenSource.Unavailable(new SQLException("no credentials"), false);
        };
    stubs.failWith(failure);
    for (int i = 0; i < 3; i++) {
      assertSame(failure, assertThrows(Throwable.class, () -> pool.borrow(seconds(5))));
    }
    assertEquals(new State(0, 0, 0, 0, 0, 0), pool.state());
    stubs.failWith(null);
    borrowAndReturn(pool);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void closesOneThatCannotBeSetUp(boolean checked) throws SQLException {
    ConnectionPool pool = pool(1);
    Connection connection = borrowAndReturn(pool);
    Stub stub = stubs.of(connection);
    Exception failure = checked ? new SQLException("gone") : new IllegalStateException("bug");
    stub.timeoutFailure = Optional.of(failure);
    stub.closeFailure = Optional.of(new SQLException("closing failed"));
    assertSame(failure, assertThrows(Exception.class, () -> pool.borrow(seconds(5))));
    assertEquals(1, failure.getSuppressed().length);
    assertEquals(1, stub.closes());
    assertEquals(List.of("opened PT0S", "closed BROKEN PT0S"), heard);
    borrowAndReturn(pool);
  }

  @Test
  void socketsTimeOutWithTheDeadline() throws SQLException {
    ConnectionPool pool = pool(1);
    try (Lease lease = pool.borrow(Deadline.in(Duration.ofMillis(1_234), clock))) {
      assertEquals(1_234, stubs.of(lease.connection()).networkTimeout);
    }
    // Zero would be never.
    try (Lease lease = pool.borrow(Deadline.in(Duration.ofNanos(1), clock))) {
      assertEquals(1, stubs.of(lease.connection()).networkTimeout);
    }
    assertThrows(DeadlineExceeded.class, () -> pool.borrow(seconds(0)));
    assertEquals(new State(1, 0, 1, 0, 1, 0), pool.state());
    try (Lease lease = pool.borrow(Deadline.in(Duration.ofDays(365), clock))) {
      assertEquals(Integer.MAX_VALUE, stubs.of(lease.connection()).networkTimeout);
    }
  }

  @Test
  void returnsACleanOneUntouched() throws SQLException {
    ConnectionPool pool = pool(1);
    borrowAndReturn(pool);
    assertEquals(List.of(), stubs.get(0).calls);
  }

  @Test
  void rollsBackADirtyOne() throws SQLException {
    ConnectionPool pool = pool(1);
    try (Lease lease = pool.borrow(seconds(5))) {
      stubs.of(lease.connection()).autoCommit = false;
    }
    assertEquals(List.of("rollback", "setAutoCommit true"), stubs.get(0).calls);
    assertSame(stubs.get(0).connection, borrowAndReturn(pool));
  }

  @ParameterizedTest
  @ValueSource(strings = {"OPEN", "FAILED"})
  void endsATransactionBegunInSql(TransactionState state) throws SQLException {
    ConnectionPool pool = pool(1);
    try (Lease lease = pool.borrow(seconds(5))) {
      stubs.of(lease.connection()).transaction = state;
    }
    assertEquals(List.of("createStatement", "execute ROLLBACK"), stubs.get(0).calls);
    assertSame(stubs.get(0).connection, borrowAndReturn(pool));
  }

  @Test
  void closesOneThatCannotBeRolledBack() throws SQLException {
    ConnectionPool pool = pool(1);
    try (Lease lease = pool.borrow(seconds(5))) {
      Stub stub = stubs.of(lease.connection());
      stub.autoCommit = false;
      stub.rollbackFailure = Optional.of(new SQLException("gone"));
    }
    assertEquals(List.of("opened PT0S", "closed RESET_FAILED PT0S"), heard);
    assertEquals(List.of("java.sql.SQLException: gone"), causes);
    assertNotSame(stubs.get(0).connection, borrowAndReturn(pool));
  }

  @Test
  void givesBackEvenWhenResettingFailsInAnUnforeseenWay() throws SQLException {
    ConnectionPool pool = pool(1);
    Lease lease = pool.borrow(seconds(5));
    IllegalStateException failure = new IllegalStateException("a driver's bug");
    stubs.get(0).resetFailure = Optional.of(failure);
    assertSame(failure, assertThrows(IllegalStateException.class, lease::close));
    assertEquals(List.of("opened PT0S", "closed RESET_FAILED PT0S"), heard);
    borrowAndReturn(pool);
  }

  @Test
  void closesWhatIsDiscardedOrLost() throws SQLException {
    ConnectionPool pool = pool(1);
    try (Lease lease = pool.borrow(seconds(5))) {
      lease.discard(new SQLException("lost"));
    }
    try (Lease lease = pool.borrow(seconds(5))) {
      stubs.of(lease.connection()).lost = true;
    }
    assertEquals(
        List.of("opened PT0S", "closed BROKEN PT0S", "opened PT0S", "closed BROKEN PT0S"), heard);
    // A discarded one is not spoken to any more.
    assertEquals(List.of(), stubs.get(0).calls);
  }

  @Test
  void aLeaseGivesBackOnce() throws SQLException {
    ConnectionPool pool = pool(2);
    Lease lease = pool.borrow(seconds(5));
    lease.close();
    lease.close();
    assertEquals(new State(1, 0, 1, 0, 1, 0), pool.state());
    try (Lease _ = pool.borrow(seconds(5));
        Lease _ = pool.borrow(seconds(5))) {
      assertThrows(PoolExhausted.class, () -> pool.borrow(seconds(0)));
    }
  }

  @Test
  void closesIdleOnesNowAndLentOnesAsTheyComeBack() throws SQLException {
    ConnectionPool pool = pool(2);
    Lease idle = pool.borrow(seconds(5));
    Lease lent = pool.borrow(seconds(5));
    idle.close();
    pool.close();
    assertEquals(1, stubs.stillOpen());
    assertEquals(new State(1, 1, 0, 0, 2, 1), pool.state());
    assertThrows(IllegalStateException.class, () -> pool.borrow(seconds(5)));
    clock.advance(Duration.ofSeconds(1));
    lent.close();
    assertEquals(0, stubs.stillOpen());
    pool.close();
    assertEquals(
        List.of("closed POOL_CLOSED PT0S", "closed POOL_CLOSED PT1S"), heard.subList(2, 4));
  }

  @Test
  void anInterruptEndsTheWait() throws SQLException {
    ConnectionPool pool = pool(1);
    try (Lease _ = pool.borrow(seconds(5))) {
      Thread.currentThread().interrupt();
      assertThrows(PoolExhausted.class, () -> pool.borrow(seconds(60)));
      assertTrue(Thread.interrupted(), "the interrupt is kept for the caller");
    }
  }

  @Test
  void wakesAWaiterWhenOneComesBack() throws Exception {
    ConnectionPool pool = pool(1);
    Lease lease = pool.borrow(seconds(5));
    try (ExecutorService other = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Connection> waiter = other.submit(() -> borrowAndReturn(pool));
      while (pool.state().waiting() == 0) {
        Thread.onSpinWait();
      }
      assertFalse(waiter.isDone());
      lease.close();
      assertSame(lease.connection(), waiter.get(60, TimeUnit.SECONDS));
    }
  }

  /// The JVM's own threads are of another group.
  @Test
  void startsNoThread() throws SQLException {
    Thread[] before = new Thread[100];
    Thread[] after = new Thread[100];
    int count = Thread.enumerate(before);
    ConnectionPool pool = pool(2);
    borrowAndReturn(pool);
    clock.advance(LIFETIME);
    borrowAndReturn(pool);
    pool.close();
    Set<Thread> started = new HashSet<>(Arrays.asList(after).subList(0, Thread.enumerate(after)));
    // A thread of an earlier test may end meanwhile.
    started.removeAll(Arrays.asList(before).subList(0, count));
    assertEquals(Set.of(), started);
  }

  @Test
  void holdsOneAtLeast() {
    for (int max : IntStream.of(0, -1).toArray()) {
      assertThrows(IllegalArgumentException.class, () -> new Limits(max, LIFETIME, MAX_IDLE));
    }
  }
}
