package dsql.model;

import dsql.model.Violation.Invariant;
import java.util.Arrays;

/// The database and the senders at one moment. Mutable; packed into a long for each sender, of
/// which the first also holds the database.
final class World {

  static final int MAX_SENDERS = 3;
  private static final int SENDER_BITS = 44;

  final Scope scope;
  final Sender[] senders;

  /// Whether the key has a ledger row; where it says that the request stands; whether it has
  /// expired.
  boolean present;

  int next;
  boolean expired;

  /// The rows that are committed in this life of the key. A bit for each.
  int in;

  /// Whether the request fits the table.
  boolean fits = true;

  /// What may still happen.
  int lost;

  int refusals;
  int changes;
  int expiries;

  World(Scope scope) {
    this.scope = scope;
    this.senders = new Sender[scope.senders()];
    for (int i = 0; i < senders.length; i++) {
      senders[i] = new Sender();
    }
    lost = scope.lost();
    refusals = scope.refusals();
    changes = scope.changes();
    expiries = scope.expiries();
  }

  static int upTo(int row) {
    return (1 << row) - 1;
  }

  static int rows(int from, int to) {
    return upTo(to) & ~upTo(from);
  }

  /// Commits rows and their ledger row, if that row and the table have not changed since.
  void commit(Sender by, int from, int to) {
    write(by, from, to);
    moveKey(from, to);
  }

  /// Commits rows without their ledger row, which is a mistake.
  void write(Sender by, int from, int to) {
    int rows = rows(from, to);
    if ((in & rows) != 0) {
      throw new Violation(Invariant.EXACTLY_ONCE, "a row is committed twice in its key's life");
    }
    if ((by.own & rows) != 0) {
      throw new Violation(Invariant.EXACTLY_ONCE, "a sender commits a row that it knows to be in");
    }
    in |= rows;
    by.own |= rows;
    for (Sender sender : senders) {
      if (sender.running()) {
        sender.seen |= rows;
      }
    }
  }

  void moveKey(int from, int to) {
    boolean renews = from == 0 || !scope.has(Mutant.NO_RENEWAL);
    present = true;
    next = to;
    expired &= !renews;
    keyChanged();
    for (Sender sender : senders) {
      sender.old |= renews && sender.running();
    }
  }

  /// Removes the key's row. With an expired one a life of the key ends.
  void removeKey() {
    in = expired ? 0 : in;
    present = false;
    expired = false;
    next = 0;
    keyChanged();
  }

  /// Whoever has read the key's row or the catalog in an open transaction will not commit it: the
  /// first committer wins.
  private void keyChanged() {
    for (Sender sender : senders) {
      sender.fresh = false;
      sender.inFlight = 0;
    }
  }

  /// Somebody changes the table (OC001).
  void changeTable(boolean fitting) {
    changes--;
    fits = fitting;
    keyChanged();
  }

  /// No row of a key expires while there runs who ran when it was last moved: an invocation takes
  /// minutes, a key an hour at least.
  boolean mayExpire() {
    if (!present || expired || expiries == 0) {
      return false;
    }
    for (Sender sender : senders) {
      if (sender.running() && sender.old) {
        return false;
      }
    }
    return true;
  }

  /// Whether a row is not committed. Those of a life that has ended do not count.
  boolean isOut(int row) {
    return expired || (in >> row & 1) == 0;
  }

  private void observe() {
    for (Sender sender : senders) {
      if (sender.running()) {
        sender.out |= isOut(sender.known);
      }
    }
  }

  /// @param sorted whether states in which only the senders' places differ are one
  void pack(long[] words, boolean sorted) {
    observe();
    for (int i = 0; i < senders.length; i++) {
      words[i] = senders[i].pack();
    }
    if (sorted) {
      Arrays.sort(words, 0, senders.length);
    }
    long all = present ? 1 : 0;
    all = all << 3 | next;
    all = all << 1 | (expired ? 1 : 0);
    all = all << 4 | in;
    all = all << 1 | (fits ? 1 : 0);
    all = all << 2 | lost;
    all = all << 2 | refusals;
    all = all << 2 | changes;
    all = all << 2 | expiries;
    words[0] |= all << SENDER_BITS;
  }

  void unpack(long[] words) {
    long all = words[0] >>> SENDER_BITS;
    expiries = (int) (all & 3);
    changes = (int) (all >> 2 & 3);
    refusals = (int) (all >> 4 & 3);
    lost = (int) (all >> 6 & 3);
    fits = (all >> 8 & 1) != 0;
    in = (int) (all >> 9 & 15);
    expired = (all >> 13 & 1) != 0;
    next = (int) (all >> 14 & 7);
    present = (all >> 17 & 1) != 0;
    for (int i = 0; i < senders.length; i++) {
      senders[i].unpack(words[i] & (1L << SENDER_BITS) - 1);
    }
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(present ? "next_row " + next : "no key");
    text.append(expired ? ", expired" : "").append("; in ").append(Integer.toBinaryString(in));
    for (Sender sender : senders) {
      text.append("; ").append(sender.at).append(" known ").append(sender.known);
    }
    return text.toString();
  }
}
