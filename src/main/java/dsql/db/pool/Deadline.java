package dsql.db.pool;

import java.time.Duration;

/// When an invocation's reply must be on its way. Everything that can wait draws on it. It is not a
/// time of day: a clock that somebody sets neither lengthens nor shortens it. Safe for concurrent
/// use.
///
/// @param ticker what it is read by
/// @param at the moment itself, by the ticker
public record Deadline(Ticker ticker, long at) {

  /// Far enough for every wait, and near enough for differences not to overflow.
  private static final Duration LONGEST = Duration.ofDays(100 * 365);

  /// A deadline that much from now.
  public static Deadline in(Duration budget, Ticker ticker) {
    return after(ticker.nanos(), budget, ticker);
  }

  /// A deadline that much after a moment.
  ///
  /// @param begun the moment, by the ticker
  public static Deadline after(long begun, Duration budget, Ticker ticker) {
    Duration bounded = budget.compareTo(LONGEST) < 0 ? budget : LONGEST;
    return new Deadline(ticker, begun + bounded.toNanos());
  }

  /// The time left, zero when none is.
  public Duration remaining() {
    return Duration.ofNanos(Math.max(0, at - ticker.nanos()));
  }

  /// The time left, or less.
  public Duration atMost(Duration limit) {
    Duration left = remaining();
    return left.compareTo(limit) < 0 ? left : limit;
  }

  /// This deadline, or one that much from now where that is sooner.
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
