package dsql.action;

import java.util.ArrayList;
import java.util.List;

/// Gathers everything wrong with one request, so that the caller hears all of it at once. Confined
/// to one invocation.
public final class Faults {

  /// Faults reported of one request at most.
  public static final int MAX = 20;

  /// Bytes of one member's name in a pointer at most: no name of a column has as many, even where
  /// each of its characters is escaped.
  private static final int MEMBER_BYTES = 7 * Identifier.MAX_BYTES;

  private final List<Fault> faults = new ArrayList<>();

  /// Notes a fault; beyond [#MAX] it is dropped.
  public void add(String pointer, Fault.Code code, String detail) {
    if (!full()) {
      faults.add(new Fault(pointer, code, detail));
    }
  }

  /// Whether any more would be dropped, so that none need be looked for.
  public boolean full() {
    return faults.size() == MAX;
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

  /// A pointer to a member or an element below another. One that is cut already stays as it is:
  /// pointers are made for each of an event's values, and must not grow with its names.
  public static String at(String pointer, String member) {
    if (pointer.length() > Fault.POINTER_BYTES) {
      return pointer;
    }
    String name = Excerpt.of(member, MEMBER_BYTES);
    boolean plain = name.indexOf('~') < 0 && name.indexOf('/') < 0;
    return pointer + '/' + (plain ? name : name.replace("~", "~0").replace("/", "~1"));
  }

  /// A pointer to an element of an array.
  public static String at(String pointer, int index) {
    return pointer.length() > Fault.POINTER_BYTES ? pointer : pointer + '/' + index;
  }
}
