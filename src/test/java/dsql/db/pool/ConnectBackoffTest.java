package dsql.db.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.TestClock;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("unit")
final class ConnectBackoffTest {

  /// Draws the middle of the jitter.
  private static final RandomGenerator MIDDLE = () -> Long.MIN_VALUE;

  private final TestClock clock = new TestClock();
  private final StubConnections stubs = new StubConnections();
  private final ConnectBackoff backoff = new ConnectBackoff();

  @Test
  void holdsDoubleFromTheSecondFailureOn() {
    List<Long> held = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      fail(1);
      held.add(left().toMillis());
    }
    assertEquals(List.of(0L, 1_000L, 2_000L, 4_000L, 8_000L, 8_000L, 8_000L, 8_000L), held);
  }

  @Test
  void whatWasTriedTogetherFailsOnce() {
    Instant begun = clock.instant();
    for (int i = 0; i < 8; i++) {
      clock.advance(Duration.ofMillis(1));
      backoff.failed(begun, clock.instant(), MIDDLE);
    }
    assertEquals(Duration.ZERO, left());
    for (int i = 0; i < 8; i++) {
      clock.advance(Duration.ofMillis(3));
      backoff.failed(clock.instant(), clock.instant(), MIDDLE);
    }
    assertEquals(Duration.ofSeconds(1), left());
  }

  @Test
  void aHoldEndsByItself() {
    fail(2);
    clock.advance(Duration.ofMillis(400));
    assertEquals(Duration.ofMillis(600), left());
    clock.advance(Duration.ofMinutes(1));
    assertEquals(Duration.ZERO, left());
  }

  @Test
  void aConnectionEndsTheRowOfFailures() {
    fail(9);
    backoff.answered();
    assertEquals(Duration.ZERO, left());
    fail(1);
    assertEquals(Duration.ZERO, left());
  }

  @Test
  void aRowIsForgottenInAMinute() {
    fail(6);
    clock.advance(left().plusSeconds(60));
    fail(1);
    assertEquals(Duration.ofSeconds(8), left());
    clock.advance(left().plusSeconds(61));
    fail(1);
    assertEquals(Duration.ZERO, left());
    fail(1);
    assertEquals(Duration.ofSeconds(1), left());
  }

  @Test
  void aClockThatWasSetBackHoldsNothing() {
    fail(9);
    clock.advance(Duration.ofHours(-1));
    assertEquals(Duration.ZERO, left());
  }

  @Test
  void holdsAreSpreadByAQuarter() {
    SplittableRandom random = new SplittableRandom(1);
    List<Duration> held = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      ConnectBackoff other = new ConnectBackoff();
      for (int failure = 0; failure < 2; failure++) {
        other.failed(clock.instant(), clock.instant(), random);
      }
      held.add(other.remaining(clock.instant()));
    }
    held.sort(Duration::compareTo);
    assertTrue(held.getFirst().toMillis() >= 750 && held.getFirst().toMillis() < 760);
    assertTrue(held.getLast().toMillis() > 1_240 && held.getLast().toMillis() <= 1_250);
  }

  @ParameterizedTest
  @CsvSource({
    "08001,true",
    "08006,true",
    "57P03,true",
    "XX000,true",
    "53300,true",
    // Some connections are accepted.
    "53400,false",
    // The cause remains until somebody removes it, and then the next attempt must be made.
    "28000,false",
    "53100,false",
    "3D000,false"
  })
  void onlyAnAbsentOrFullClusterHoldsConnectionsBack(String sqlState, boolean held) {
    try (ConnectionPool pool = pool(2)) {
      stubs.failWith(new SQLException("refused", sqlState));
      Deadline deadline = Deadline.in(Duration.ofSeconds(5), clock);
      for (int i = 0; i < 2; i++) {
        assertEquals(Duration.ZERO, pool.heldBack());
        assertThrows(SQLException.class, () -> pool.borrow(deadline));
      }
      assertEquals(held ? Duration.ofSeconds(1) : Duration.ZERO, pool.heldBack());
      stubs.failWith(new SQLException("rate exceeded", "53400"));
      assertThrows(SQLException.class, () -> pool.borrow(deadline));
      assertEquals(held ? Duration.ofSeconds(1) : Duration.ZERO, pool.heldBack());
      stubs.failWith(new SQLException("denied", "28000"));
      assertThrows(SQLException.class, () -> pool.borrow(deadline));
      assertEquals(Duration.ZERO, pool.heldBack());
    }
  }

  @Test
  void aConnectThatTheDeadlineCutsSaysNothingOfTheCluster() {
    try (ConnectionPool pool = pool(1)) {
      stubs.failWith(new SQLException("timed out", "08001"));
      stubs.beforeOpen(() -> clock.advance(Duration.ofSeconds(5)));
      for (int i = 0; i < 3; i++) {
        Deadline deadline = Deadline.in(Duration.ofSeconds(5), clock);
        assertThrows(SQLException.class, () -> pool.borrow(deadline));
      }
      assertEquals(Duration.ZERO, pool.heldBack());
    }
  }

  @Test
  void aPoolThatHasAConnectionIsNotHeldBack() throws SQLException {
    try (ConnectionPool pool = pool(2)) {
      Deadline deadline = Deadline.in(Duration.ofSeconds(5), clock);
      Lease lease = pool.borrow(deadline);
      stubs.failWith(new SQLException("too many", "53300"));
      for (int i = 0; i < 2; i++) {
        assertThrows(SQLException.class, () -> pool.borrow(deadline));
      }
      assertEquals(Duration.ZERO, pool.heldBack(), "one is lent");
      lease.close();
      assertEquals(Duration.ZERO, pool.heldBack(), "one is idle");
      clock.advance(Duration.ofHours(1));
      Deadline later = Deadline.in(Duration.ofSeconds(5), clock);
      for (int i = 0; i < 2; i++) {
        assertThrows(SQLException.class, () -> pool.borrow(later));
      }
      assertEquals(Duration.ofSeconds(1), pool.heldBack(), "it was too old");
    }
  }

  private ConnectionPool pool(int max) {
    ConnectionPool.Limits limits =
        new ConnectionPool.Limits(max, Duration.ofMinutes(50), Duration.ofSeconds(10));
    return new ConnectionPool(limits, stubs, clock, MIDDLE, new SilentListener());
  }

  private void fail(int times) {
    for (int i = 0; i < times; i++) {
      clock.advance(left());
      backoff.failed(clock.instant(), clock.instant(), MIDDLE);
    }
  }

  private Duration left() {
    return backoff.remaining(clock.instant());
  }
}
