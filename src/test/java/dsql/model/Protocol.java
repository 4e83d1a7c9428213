package dsql.model;

import dsql.model.Sender.At;
import dsql.model.Sender.Failure;

/// What a sender does next, in all ways in which the database may answer: `KeyedInserts.Run`, one
/// access to the database a step. Confined to one thread.
final class Protocol extends Attempt {

  Protocol(Scope scope, boolean quiet, Steps steps) {
    super(scope, quiet, steps);
  }

  /// All steps of a sender.
  ///
  /// @param words the state, packed
  void step(long[] words, int sender) {
    System.arraycopy(words, 0, from, 0, from.length);
    place = sender;
    Sender me = again();
    switch (me.at) {
      case ENDED -> {}
      case IDLE -> begin(me);
      default -> {
        running(me);
        if (!quiet) {
          again().end();
          emit("is killed");
        }
      }
    }
  }

  private void running(Sender me) {
    switch (me.at) {
      case FIRST_LOOK -> look(At.FIRST_LOOK);
      case GUARD_LOOK -> look(At.GUARD_LOOK);
      case AFTER_LOOK -> look(At.AFTER_LOOK);
      case BLIND_LOOK -> look(At.BLIND_LOOK);
      case FIRST_REMOVAL, STEP_REMOVAL, AFTER_REMOVAL, BLIND_REMOVAL -> removal(me.at);
      case CHECK -> check();
      case LOOP -> loop();
      case STEP -> step();
      case WRITE -> write();
      case COMMIT -> commit();
      case KEY_ALONE -> keyAlone();
      case IDLE, ENDED -> throw new AssertionError(me.at);
    }
  }

  private void begin(Sender me) {
    me.at = scope.whole() ? At.LOOP : At.FIRST_LOOK;
    me.seen = scratch.in;
    emit("begins");
  }

  /// `KeyedInserts.Run.look`, its first half.
  private void look(At at) {
    passing(start(at), true);
    Sender me = again();
    me.certain = true;
    boolean fresh = me.known == 0 || scope.has(Mutant.RESTART_AFTER_EXPIRY);
    boolean ended = scratch.present && scratch.expired && fresh;
    me.freed = ended && !scope.has(Mutant.EXPIRED_KEY_STAYS);
    if (me.freed) {
      me.at = removalAfter(at);
      emit("looks and finds the key expired");
      return;
    }
    boolean behind = scratch.present ? scratch.next < me.known : me.known > 0;
    if (behind && !scope.has(Mutant.GOES_BACK)) {
      failed(me, Failure.REMOVED);
      emit("looks and finds the key removed");
      return;
    }
    boolean further = scratch.next > me.known && !ended;
    if (further || behind) {
      know(me, scratch.next);
      me.own |= World.upTo(scratch.next);
    }
    looked(me, at, further);
    emit("looks");
  }

  private static At removalAfter(At at) {
    return switch (at) {
      case FIRST_LOOK -> At.FIRST_REMOVAL;
      case STEP -> At.STEP_REMOVAL;
      case BLIND_LOOK -> At.BLIND_REMOVAL;
      default -> At.AFTER_REMOVAL;
    };
  }

  /// What follows a look.
  private void looked(Sender me, At at, boolean further) {
    switch (at) {
      case FIRST_LOOK, FIRST_REMOVAL -> {
        if (me.known < scope.rows()) {
          me.at = At.CHECK;
          clear(me);
        } else {
          succeeded(me);
        }
      }
      case STEP, STEP_REMOVAL -> {
        if (me.known == scope.rows()) {
          succeeded(me);
        } else {
          me.at = At.WRITE;
          clear(me);
        }
      }
      case AFTER_LOOK, AFTER_REMOVAL -> {
        if (further) {
          succeeded(me);
        } else if (me.freed) {
          me.at = At.WRITE;
          clear(me);
        } else {
          failed(me, me.failure);
        }
      }
      case BLIND_LOOK, BLIND_REMOVAL -> {
        if (me.moved) {
          succeeded(me);
        } else {
          stopped(me, me.failure);
        }
      }
      default -> succeeded(me);
    }
  }

  /// `Ledger.removeExpired`.
  private void removal(At at) {
    passing(start(at), true);
    for (int answered = 1; answered >= (quiet ? 1 : 0); answered--) {
      Sender me = again();
      boolean removes = scratch.expired || scope.has(Mutant.UNGUARDED_REMOVAL);
      if (scratch.present && removes) {
        scratch.removeKey();
      }
      if (scope.has(Mutant.RESTART_AFTER_EXPIRY)) {
        know(me, 0);
      }
      if (answered == 1) {
        looked(me, at, false);
        emit("removes the expired key");
      } else {
        me.at = start(at);
        clear(me);
        emit("removes the expired key, but the answer is lost");
      }
    }
  }

  private void check() {
    passing(At.FIRST_LOOK, true);
    Sender me = again();
    if (scratch.fits) {
      succeeded(me);
      emit("is checked");
    } else {
      failed(me, Failure.REFUSED);
      emit("is refused by the check");
    }
  }

  /// The loop of `KeyedInserts.Run.writeAll` begins anew.
  private void loop() {
    Sender me = again();
    if (me.known > 0 && !quiet) {
      Replies.notCommitted(me, scratch);
      me.end();
      emit("has no time left");
    }
    step();
  }

  /// An attempt at a chunk begins, by `KeyedInserts.Run.step`.
  private void step() {
    // No connection may be had, so that no statement is sent.
    passing(At.STEP, true);
    if (again().certain || scope.whole()) {
      write();
    } else {
      look(At.STEP);
    }
  }

  /// The statements of `KeyedInserts.Run.write`, in one snapshot.
  private void write() {
    passing(At.STEP, scope.has(Mutant.STALE_CERTAINTY));
    again();
    if (scratch.refusals > 0 && !quiet) {
      refused(Failure.REFUSED, 1, "is refused for a while");
    }
    Sender me = again();
    int to = scope.end(me.known, me.halved);
    if (!scope.fits(me.known, to)) {
      refused(Failure.TOO_LARGE, 0, "writes too much");
    } else if (!scratch.fits) {
      refused(Failure.REFUSED, 0, "is refused, for the table has changed");
    } else if (me.known == 0 && scratch.present) {
      refused(Failure.REFUSED, 0, "finds that the key exists");
    } else if (me.known > 0 && !guardHolds(me)) {
      uncertain(me);
      if (scope.has(Mutant.POSITION_FROM_THE_LOOP)) {
        know(me, to);
        me.certain = true;
        succeeded(me);
      } else {
        me.at = At.GUARD_LOOK;
      }
      emit("finds next_row elsewhere");
    } else {
      uncertain(me);
      me.at = At.COMMIT;
      me.fresh = true;
      emit("writes");
    }
  }

  private boolean guardHolds(Sender me) {
    return scratch.present && (scratch.next == me.known || scope.has(Mutant.UNGUARDED_NEXT_ROW));
  }

  /// A statement is refused. Then the key is looked at, on the same connection or on another.
  private void refused(Failure failure, int budget, String what) {
    Sender me = again();
    scratch.refusals -= budget;
    uncertain(me);
    me.at = At.AFTER_LOOK;
    me.failure = failure;
    emit(what);
    if (failure == Failure.REFUSED && !quiet) {
      me = again();
      scratch.refusals -= budget;
      uncertain(me);
      me.at = At.BLIND_LOOK;
      me.failure = told(me, failure);
      me.ambiguous = false;
      emit(what + ", and its connection ends");
    }
  }

  private void commit() {
    Sender me = again();
    int to = scope.end(me.known, me.halved);
    if (!me.fresh && quiet) {
      me.at = At.STEP;
      uncertain(me);
      emit("meets a conflict");
      return;
    }
    passing(At.STEP, scope.has(Mutant.STALE_CERTAINTY));
    if (scratchLost()) {
      lost(false, to);
      lost(true, to);
    }
    me = again();
    if (me.fresh && scope.has(Mutant.KEY_IN_ANOTHER_TRANSACTION)) {
      scratch.write(me, me.known, to);
      me.at = At.KEY_ALONE;
      emit("commits the rows alone");
    } else if (me.fresh) {
      scratch.commit(me, me.known, to);
      committed(me, to);
      emit("commits");
    }
  }

  private boolean scratchLost() {
    again();
    return scratch.lost > 0 && !quiet;
  }

  private void committed(Sender me, int to) {
    know(me, to);
    me.certain = true;
    succeeded(me);
  }

  /// The answer of a commit is lost, which may still land unless it would meet a conflict.
  private void lost(boolean givesUp, int to) {
    Sender me = again();
    scratch.lost--;
    me.inFlight |= me.fresh ? Sender.flight(me.known, to) : 0;
    uncertain(me);
    if (scope.has(Mutant.LOOK_INSTEAD_OF_RUN_AGAIN)) {
      me.at = At.AFTER_LOOK;
      me.failure = Failure.REFUSED;
      emit("loses its commit and looks");
    } else if (givesUp) {
      stopped(me, Failure.AMBIGUOUS);
      emit("loses its commit and gives up");
    } else {
      me.ambiguous = true;
      me.at = At.STEP;
      emit("loses its commit and runs again");
    }
  }

  private void keyAlone() {
    Sender me = again();
    int to = scope.end(me.known, me.halved);
    if (me.known == 0 ? scratch.present : !guardHolds(me)) {
      me.at = At.AFTER_LOOK;
      me.failure = Failure.REFUSED;
      emit("cannot write the key");
    } else {
      scratch.moveKey(me.known, to);
      committed(me, to);
      emit("commits the key alone");
    }
  }
}
