package dsql.lambda;

import java.time.Duration;
import java.util.Optional;

/// The ways an event comes in, told apart by its shape.
enum Door {
  DIRECT,
  HTTP,
  SCHEDULE;

  /// The variable that restricts what this door may do.
  String actionsVariable() {
    return name() + "_ACTIONS";
  }

  /// What the caller's own clock allows, besides the function's timeout: API Gateway gives up after
  /// 30 s.
  Optional<Duration> limit() {
    return this == HTTP ? Optional.of(Duration.ofSeconds(29)) : Optional.empty();
  }
}
