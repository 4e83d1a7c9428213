package dsql.model;

import dsql.model.Violation.Invariant;

/// What a sender's reply says, held against what is so.
final class Replies {

  private Replies() {}

  /// The reply says that the rows before the next one are committed.
  static void committed(Sender me, World world) {
    if ((World.upTo(me.known) & ~me.seen) != 0) {
      throw new Violation(
          Invariant.NO_FALSE_REPLY, "the reply says committed of rows that are not in");
    }
  }

  /// The reply says of the next chunk that it is not committed, or of all rows where none is in.
  static void notCommitted(Sender me, World world) {
    Scope scope = world.scope;
    int to = me.known == 0 ? scope.rows() : scope.end(me.known, me.halved);
    int rows = World.rows(me.known, to);
    if ((me.own & rows) != 0) {
      throw falsely("but this sender has committed it");
    }
    if (overlaps(me.inFlight, rows)) {
      throw falsely("but this sender's lost commit may still land");
    }
    boolean outNow = world.isOut(me.known);
    if (!me.out && !outNow) {
      throw falsely("but it was in ever since this sender's last transaction");
    }
    if (scope.strict()) {
      strictly(rows, outNow, world);
    }
  }

  private static void strictly(int rows, boolean outNow, World world) {
    if (!outNow) {
      throw falsely("but another sender has committed it meanwhile");
    }
    for (Sender other : world.senders) {
      if (overlaps(other.inFlight, rows)) {
        throw falsely("but another sender's lost commit may still land");
      }
    }
  }

  private static Violation falsely(String why) {
    return new Violation(Invariant.NO_FALSE_REPLY, "the reply says not_committed, " + why);
  }

  private static boolean overlaps(int inFlight, int rows) {
    for (int from = 0; from < Scope.MAX_ROWS; from++) {
      for (int to = from + 1; to <= Scope.MAX_ROWS; to++) {
        if ((inFlight & Sender.flight(from, to)) != 0 && (World.rows(from, to) & rows) != 0) {
          return true;
        }
      }
    }
    return false;
  }
}
