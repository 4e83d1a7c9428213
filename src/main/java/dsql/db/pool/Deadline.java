package dsql.db.pool;

import java.time.Duration;

/// The moment by which an invocation has to send its reply; it limits everything that waits. It is
/// not a time of day, so setting the clock neither lengthens nor shortens it. Safe for concurrent
/// use.
///
/// @param ticker the clock that it is read from
/// @param at the moment, as a reading of the ticker
public record Deadline(Ticker ticker, long at) {

  /// Limit on a deadline's distance: longer than any wait, and short enough that differences do not
  /// overflow.
  private static final Duration LONGEST = Duration.ofDays(100 * 365);

  /// The deadline that is that far from now.
  public static Deadline in(Duration budget, Ticker ticker) {
    return after(ticker.nanos(), budget, ticker);
  }

  /// The deadline that is that long after a moment.
  ///
  /// @param begun the moment, by the ticker
  public static Deadline after(long begun, Duration budget, Ticker ticker) {
    Duration bounded = budget.compareTo(LONGEST) < 0 ? budget : LONGEST;
    return new Deadline(ticker, begun + bounded.toNanos());
  }

  /// The time left; zero if the deadline has passed.
  public Duration remaining() {
    return Duration.ofNanos(Math.max(0, at - ticker.nanos()));
  }

  /// The time left, or the limit if that is less.
  public Duration atMost(Duration limit) {
    Duration left = remaining();
    return left.compareTo(limit) < 0 ? left : limit;
  }

  /// This deadline, or the one that is that far from now if it is sooner.
  public Deadline within(Duration limit) {
    return in(atMost(limit), ticker);
  }

  /// Whether it has passed.
  public boolean passed() {
    return at - ticker.nanos() <= 0;
  }

  /// The time since a moment.
  ///
  /// @param begun the moment, by the ticker
  public Duration since(long begun) {
    return Duration.ofNanos(ticker.nanos() - begun);
  }
}
