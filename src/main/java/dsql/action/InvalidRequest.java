package dsql.action;

import java.util.List;

/// The request cannot be run as it is; nothing was changed.
public final class InvalidRequest extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient List<Fault> faults;

  /// @param faults at least one
  public InvalidRequest(List<Fault> faults) {
    super(faults.getFirst().pointer() + ": " + faults.getFirst().detail());
    this.faults = List.copyOf(faults);
  }

  /// The faults, in the order in which they were found.
  public List<Fault> faults() {
    return faults;
  }

  /// The problem that the caller gets.
  public Problem problem() {
    return Problem.of(
            Problem.Code.INVALID_REQUEST,
            "The request has "
                + (faults.size() == 1 ? "a fault" : faults.size() + " faults")
                + "; nothing was done. "
                + getMessage())
        .at(faults);
  }
}
