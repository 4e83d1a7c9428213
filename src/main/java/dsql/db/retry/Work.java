package dsql.db.retry;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What a session did.
///
/// @param attempts attempts begun
/// @param retries those that were begun because an earlier one of the same transaction failed
/// @param conflicts those that ended in a conflict (40001)
/// @param opened connections opened for it
/// @param waited time between attempts
/// @param borrowing time until leases were got: one came free, was validated, or logged in
/// @param working time on leases: statements, their rows, commit or rollback
/// @param connectionAge of the connection lent last, at that moment; null when none was
public record Work(
    int attempts,
    int retries,
    int conflicts,
    int opened,
    Duration waited,
    Duration borrowing,
    Duration working,
    @Nullable Duration connectionAge) {

  /// What is done without a session.
  public static final Work NONE =
      new Work(0, 0, 0, 0, Duration.ZERO, Duration.ZERO, Duration.ZERO, null);
}
