package dsql.db.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.TestClock;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
class DeadlineTest {

  private final TestClock clock = new TestClock();
  private final Deadline deadline = Deadline.in(Duration.ofSeconds(10), clock);

  @Test
  void runsDownToZeroAndNoFurther() {
    assertEquals(Duration.ofSeconds(10), deadline.remaining());
    clock.advance(Duration.ofMillis(9_999));
    assertEquals(Duration.ofMillis(1), deadline.remaining());
    assertFalse(deadline.passed());
    clock.advance(Duration.ofMillis(1));
    assertEquals(Duration.ZERO, deadline.remaining());
    assertTrue(deadline.passed());
    clock.advance(Duration.ofDays(1));
    assertEquals(Duration.ZERO, deadline.remaining());
    assertTrue(deadline.passed());
  }

  @Test
  void boundsOtherLimits() {
    assertEquals(Duration.ofSeconds(2), deadline.atMost(Duration.ofSeconds(2)));
    clock.advance(Duration.ofSeconds(9));
    assertEquals(Duration.ofSeconds(1), deadline.atMost(Duration.ofSeconds(2)));
    clock.advance(Duration.ofSeconds(9));
    assertEquals(Duration.ZERO, deadline.atMost(Duration.ofSeconds(2)));
  }

  @Test
  void hasPassedWhereNoTimeWasGiven() {
    assertTrue(Deadline.in(Duration.ZERO, clock).passed());
    assertTrue(Deadline.in(Duration.ofSeconds(-1), clock).passed());
  }

  @Test
  void isNotMovedByWhoeverSetsTheWallClock() {
    clock.set(Duration.ofHours(-1));
    assertEquals(Duration.ofSeconds(10), deadline.remaining());
    clock.set(Duration.ofHours(2));
    assertEquals(Duration.ofSeconds(10), deadline.remaining());
    clock.advance(Duration.ofSeconds(10));
    clock.set(Duration.ofHours(-9));
    assertTrue(deadline.passed());
  }

  @Test
  void endsWithASoonerOne() {
    assertEquals(Duration.ofSeconds(3), deadline.within(Duration.ofSeconds(3)).remaining());
    assertEquals(Duration.ofSeconds(10), deadline.within(Duration.ofHours(3)).remaining());
    assertEquals(
        deadline.remaining(), deadline.within(Duration.ofSeconds(Long.MAX_VALUE)).remaining());
    assertFalse(Deadline.in(Duration.ofSeconds(Long.MAX_VALUE), clock).passed());
  }
}
