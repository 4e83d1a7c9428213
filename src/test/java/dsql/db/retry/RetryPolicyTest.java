package dsql.db.retry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
final class RetryPolicyTest {

  private static final Duration BASE = Duration.ofMillis(10);
  private static final Duration CAP = Duration.ofSeconds(2);

  private final RetryPolicy policy = new RetryPolicy(5, BASE, CAP);

  @Test
  void aPauseIsFromTheBaseToThreeTimesTheLast() {
    assertEquals(BASE, policy.pauseAfter(BASE, always(0)));
    assertEquals(BASE, policy.pauseAfter(Duration.ofSeconds(1), always(0)));
    assertEquals(Duration.ofMillis(30).minusNanos(1), policy.pauseAfter(BASE, always(1)));
    assertEquals(
        Duration.ofMillis(300).minusNanos(1), policy.pauseAfter(Duration.ofMillis(100), always(1)));
  }

  @Test
  void noPauseIsLongerThanTheCap() {
    assertEquals(CAP, policy.pauseAfter(Duration.ofSeconds(1), always(1)));
    assertEquals(CAP, policy.pauseAfter(Duration.ofDays(1_000), always(1)));
  }

  @Test
  void aTurnTakesATenthToThreeTenthsOfTheTimeLeft() {
    Duration left = Duration.ofSeconds(20);
    assertEquals(Duration.ofSeconds(2), policy.pauseForTurn(left, always(0)));
    assertEquals(Duration.ofSeconds(6), policy.pauseForTurn(left, always(1)));
  }

  @Test
  void aTurnIsNeitherAskedForAtOnceNorForgotten() {
    Duration brief = Duration.ofSeconds(1);
    assertEquals(Duration.ofMillis(500), policy.pauseForTurn(brief, always(0)));
    assertEquals(Duration.ofSeconds(1), policy.pauseForTurn(brief, always(1)));
    assertEquals(Duration.ofSeconds(10), policy.pauseForTurn(Duration.ofMinutes(14), always(1)));
  }

  @Test
  void pausesSpreadOut() {
    SplittableRandom random = new SplittableRandom(7);
    Duration last = BASE;
    Duration sum = Duration.ZERO;
    for (int i = 0; i < 1_000; i++) {
      last = policy.pauseAfter(last, random);
      assertTrue(last.compareTo(BASE) >= 0 && last.compareTo(CAP) <= 0, last::toString);
      sum = sum.plus(last);
    }
    assertTrue(sum.compareTo(Duration.ofSeconds(100)) > 0, sum::toString);
  }

  @Test
  void aPolicyThatCannotBeIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new RetryPolicy(0, BASE, CAP));
    assertThrows(IllegalArgumentException.class, () -> new RetryPolicy(1, Duration.ZERO, CAP));
    assertThrows(IllegalArgumentException.class, () -> new RetryPolicy(1, CAP, BASE));
  }

  /// A generator that gives the least (0) or the greatest (1) number of every range.
  private static RandomGenerator always(int end) {
    return new RandomGenerator() {
      @Override
      public long nextLong() {
        return 0;
      }

      @Override
      public double nextDouble() {
        return end;
      }

      @Override
      public long nextLong(long origin, long bound) {
        return end == 0 ? origin : bound - 1;
      }
    };
  }
}
