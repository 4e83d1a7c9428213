package dsql.db.retry;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The figures of a session.
///
/// @param attempts the number of attempts begun
/// @param retries the attempts that were begun because an earlier one of the same transaction
///   failed
/// @param conflicts the attempts that ended in a conflict (40001)
/// @param opened the number of connections opened for it
/// @param waited the time spent between attempts
/// @param borrowing the time spent on getting leases: until a connection came free, was validated
///   or was logged in
/// @param working the time spent on leases: on statements, their rows, commits and rollbacks
/// @param connectionAge the age of the last lent connection when it was lent; null if none was
public record Work(
    int attempts,
    int retries,
    int conflicts,
    int opened,
    Duration waited,
    Duration borrowing,
    Duration working,
    @Nullable Duration connectionAge) {

  /// The figures of an invocation without a session.
  public static final Work NONE =
      new Work(0, 0, 0, 0, Duration.ZERO, Duration.ZERO, Duration.ZERO, null);
}
