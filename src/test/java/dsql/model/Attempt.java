package dsql.model;

import dsql.model.Sender.At;
import dsql.model.Sender.Failure;

/// How a sender's transactions end, as `Retry.Session.run` and the loop around it have it. Confined
/// to one thread.
abstract class Attempt {

  /// Takes the states that a step leads to.
  @FunctionalInterface
  interface Steps {
    void to(String what, World world);
  }

  final Scope scope;
  private final Steps steps;
  final World scratch;
  final long[] from;

  /// Whether nothing goes wrong that need not.
  final boolean quiet;

  /// The place of the sender at hand.
  int place;

  Attempt(Scope scope, boolean quiet, Steps steps) {
    this.scope = scope;
    this.quiet = quiet;
    this.steps = steps;
    this.scratch = new World(scope);
    this.from = new long[scope.senders()];
  }

  /// The sender at hand in a fresh copy of the state before the step.
  Sender again() {
    scratch.unpack(from);
    return scratch.senders[place];
  }

  void emit(String what) {
    steps.to(what, scratch);
  }

  /// A failure after which the transaction runs again, or for which the session gives up.
  void passing(At retried, boolean certain) {
    if (quiet) {
      return;
    }
    Sender me = again();
    me.certain &= certain;
    me.out &= certain;
    me.at = retried;
    clear(me);
    emit("meets a passing failure and runs again");
    me = again();
    me.certain &= certain;
    me.out &= certain;
    failed(me, Failure.PASSING);
    emit("meets a passing failure and gives up");
  }

  /// What is of one attempt only.
  static void clear(Sender me) {
    me.freed = false;
    me.fresh = false;
    me.failure = me.at == At.BLIND_LOOK ? me.failure : Failure.NONE;
  }

  static At start(At at) {
    return switch (at) {
      case FIRST_LOOK, FIRST_REMOVAL, CHECK -> At.FIRST_LOOK;
      case BLIND_LOOK, BLIND_REMOVAL -> At.BLIND_LOOK;
      default -> At.STEP;
    };
  }

  static void know(Sender me, int next) {
    me.moved |= next > me.known;
    me.out &= next == me.known;
    me.known = next;
  }

  void uncertain(Sender me) {
    me.certain &= scope.has(Mutant.STALE_CERTAINTY);
    clear(me);
    me.out = false;
    // A look that finds the key further on than this write began tells what became of the write,
    // and of every lost one before it.
    me.moved &= scope.has(Mutant.PROGRESS_SINCE_THE_LOOP_BEGAN);
  }

  /// A transaction has ended well: the loop goes on where rows are left.
  void succeeded(Sender me) {
    me.moved = false;
    me.ambiguous = false;
    me.at = At.LOOP;
    clear(me);
    if (me.known == scope.rows()) {
      Replies.committed(me, scratch);
      me.end();
    }
  }

  /// What `Retry.Session.run` throws: a lost commit before anything else.
  Failure told(Sender me, Failure failure) {
    return me.ambiguous && !scope.has(Mutant.LOST_COMMIT_FORGOTTEN) ? Failure.AMBIGUOUS : failure;
  }

  /// A transaction has failed for good.
  void failed(Sender me, Failure last) {
    Failure failure = told(me, last);
    boolean several = scope.end(me.known, me.halved) - me.known > 1;
    if (failure == Failure.TOO_LARGE && !scope.whole() && several) {
      me.halved = true;
      succeeded(me);
    } else {
      stopped(me, failure);
    }
  }

  /// `KeyedInserts.Run.stopped`: the reply is a problem, or partial.
  void stopped(Sender me, Failure failure) {
    Replies.committed(me, scratch);
    if (me.certain && failure != Failure.AMBIGUOUS) {
      Replies.notCommitted(me, scratch);
    }
    me.end();
  }
}
