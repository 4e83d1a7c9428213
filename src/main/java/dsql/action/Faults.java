package dsql.action;

import java.util.ArrayList;
import java.util.List;

/// Collects the faults of one request, so that the caller gets all of them at once. Confined to one
/// invocation.
public final class Faults {

  /// Limit on the faults reported for one request: enough to work with, in a reply of bounded size.
  public static final int MAX = 20;

  /// Limit on the bytes of one member's name in a pointer; no column's name reaches it, even if
  /// each of its characters is escaped.
  private static final int MEMBER_BYTES = 7 * Identifier.MAX_BYTES;

  private final List<Fault> faults = new ArrayList<>();

  /// Adds a fault, unless there are [#MAX] already.
  public void add(String pointer, Fault.Code code, String detail) {
    if (!full()) {
      faults.add(new Fault(pointer, code, detail));
    }
  }

  /// Adds a fault with the code [Fault.Code#INVALID_VALUE], unless there are [#MAX] already.
  public void invalid(String pointer, String detail) {
    add(pointer, Fault.Code.INVALID_VALUE, detail);
  }

  /// Whether another fault would be dropped, so that looking for more is useless.
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

  /// Whether no fault has been found so far.
  public boolean none() {
    return faults.isEmpty();
  }

  /// Ends the decoding if there is any fault.
  ///
  /// @throws InvalidRequest with the faults found
  public void throwIfAny() {
    if (!faults.isEmpty()) {
      throw new InvalidRequest(faults);
    }
  }

  /// A pointer to a member or an element of the value at another pointer. A pointer that has
  /// reached its limit grows no further, because one is made for each of an event's values.
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
