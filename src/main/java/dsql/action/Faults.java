package dsql.action;

import java.util.ArrayList;
import java.util.List;

/// Gathers everything wrong with one request, so that the caller hears all of it at once. Confined
/// to one invocation.
public final class Faults {

  /// Faults reported of one request at most.
  public static final int MAX = 20;

  private final List<Fault> faults = new ArrayList<>();

  /// Notes a fault; beyond [#MAX] it is dropped.
  public void add(String pointer, Fault.Code code, String detail) {
    if (faults.size() < MAX) {
      faults.add(new Fault(pointer, code, detail));
    }
  }

  /// The faults at or below a pointer, relative to it.
  public Faults below(String pointer) {
    Faults below = new Faults();
    for (Fault fault : faults) {
      if (fault.pointer().equals(pointer) || fault.pointer().startsWith(pointer + '/')) {
        below.add(fault.pointer().substring(pointer.length()), fault.code(), fault.detail());
      }
    }
    return below;
  }

  /// Whether nothing was noted so far.
  public boolean none() {
    return faults.isEmpty();
  }

  /// Ends the decoding when anything was noted.
  ///
  /// @throws InvalidRequest with what was noted
  public void throwIfAny() {
    if (!faults.isEmpty()) {
      throw new InvalidRequest(faults);
    }
  }

  /// A pointer to a member or an element below another.
  public static String at(String pointer, String member) {
    boolean plain = member.indexOf('~') < 0 && member.indexOf('/') < 0;
    return pointer + '/' + (plain ? member : member.replace("~", "~0").replace("/", "~1"));
  }

  /// A pointer to an element of an array.
  public static String at(String pointer, int index) {
    return pointer + '/' + index;
  }
}
