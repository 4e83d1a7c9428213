package dsql.lambda;

import dsql.action.Faults;
import dsql.action.Problem;
import dsql.json.Json;
import java.util.Optional;

/// An event, by the door through which it arrived.
public sealed interface Invocation {

  /// The action object itself.
  ///
  /// @param faults the faults of its text
  record Direct(Json action, Faults faults) implements Invocation {}

  /// A request to an HTTP API or a Function URL, payload 2.0.
  ///
  /// @param body the text in the event
  record Http(
      String method,
      Optional<String> contentType,
      Optional<String> contentEncoding,
      Optional<String> idempotencyKey,
      Optional<String> body,
      boolean base64)
      implements Invocation {}

  /// A scheduled event of EventBridge.
  ///
  /// @param id the same in every delivery of the event
  /// @param action empty if the event carries none
  record Scheduled(Optional<String> id, Optional<ActionText> action) implements Invocation {}

  /// An action object and the faults of its text.
  record ActionText(Json action, Faults faults) {}

  /// An event that matches none of the above.
  ///
  /// @param form the form in which its sender reads the problem
  record Unreadable(Problem problem, UnknownEvent.Form form) implements Invocation {

    /// An event whose sender is not known.
    Unreadable(Problem problem) {
      this(problem, UnknownEvent.Form.THROWN);
    }
  }

  /// An event that could not be read because of an error, such as a lack of memory.
  record Failed(Error cause) implements Invocation {}
}
