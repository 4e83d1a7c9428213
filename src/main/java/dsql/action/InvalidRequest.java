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

  /// What is wrong with it, in the order it was found.
  public List<Fault> faults() {
    return faults;
  }

  /// What a caller hears of it.
  public Problem problem() {
    return Problem.invalid(
        "The request has "
            + (faults.size() == 1 ? "a fault" : faults.size() + " faults")
            + "; nothing was done. "
            + getMessage(),
        faults);
  }
}
