package dsql.lambda;

import java.time.Duration;
import java.util.Optional;

/// The ways in which an event arrives, recognised by its shape.
public enum Door {
  DIRECT,
  HTTP,
  SCHEDULE;

  /// The door that an event came through; one that cannot be read counts as direct.
  static Door of(Invocation event) {
    return switch (event) {
      case Invocation.Http _ -> HTTP;
      case Invocation.Scheduled _ -> SCHEDULE;
      case Invocation.Direct _, Invocation.Unreadable _, Invocation.Failed _ -> DIRECT;
    };
  }

  /// The variable that restricts the actions of this door.
  String actionsVariable() {
    return name() + "_ACTIONS";
  }

  /// The caller's own time limit, besides the function's timeout: API Gateway gives up after 30 s.
  Optional<Duration> limit() {
    return this == HTTP ? Optional.of(Duration.ofSeconds(29)) : Optional.empty();
  }
}
