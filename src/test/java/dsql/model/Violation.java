package dsql.model;

import java.util.List;

/// A step after which an invariant no longer holds.
final class Violation extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// What always holds.
  enum Invariant {
    /// In a life of its key no row of the request is committed twice, nor twice by one sender; and
    /// once where a sender was told that it is committed.
    EXACTLY_ONCE,
    /// No reply says what is not so.
    NO_FALSE_REPLY,
    /// Wherever things stand, the request sent once more, alone and undisturbed, writes the rest.
    RESEND_FINISHES
  }

  private final Invariant invariant;
  private final transient List<String> steps;

  Violation(Invariant invariant, String what) {
    this(invariant, what, List.of());
  }

  private Violation(Invariant invariant, String what, List<String> steps) {
    super(steps.isEmpty() ? what : what + "\n  " + String.join("\n  ", steps));
    this.invariant = invariant;
    this.steps = steps;
  }

  Invariant invariant() {
    return invariant;
  }

  List<String> steps() {
    return steps;
  }

  /// The same with the steps that led to it.
  Violation after(List<String> path) {
    return new Violation(invariant, String.valueOf(getMessage()), path);
  }
}
