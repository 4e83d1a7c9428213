package dsql.model;

/// One invocation: what `KeyedInserts.Run` knows, where in it the invocation stands, and what only
/// the observer knows. Mutable; packed into 44 bits.
final class Sender {

  /// The step that comes next. Each reads or writes the database once at most.
  enum At {
    /// Not begun yet.
    IDLE,
    /// Ended, with or without a reply.
    ENDED,
    /// The look with which a request in chunks begins.
    FIRST_LOOK,
    FIRST_REMOVAL,
    /// The request is checked against the table.
    CHECK,
    /// The loop over the chunks begins anew.
    LOOP,
    /// An attempt at a chunk begins, again.
    STEP,
    STEP_REMOVAL,
    /// The chunk's transaction begins.
    WRITE,
    /// All statements of the transaction were taken.
    COMMIT,
    /// The rows are committed, their ledger row is not: a mistake.
    KEY_ALONE,
    /// The ledger row was not where it was expected.
    GUARD_LOOK,
    /// The look after a write that was refused.
    AFTER_LOOK,
    AFTER_REMOVAL,
    /// The look on another connection.
    BLIND_LOOK,
    BLIND_REMOVAL
  }

  /// Why a transaction failed.
  enum Failure {
    NONE,
    /// A conflict, a lost connection, no time left: nothing was committed.
    PASSING,
    /// The server or the function refuses the rows.
    REFUSED,
    TOO_LARGE,
    /// A commit's answer was lost.
    AMBIGUOUS,
    /// The key's row is gone, or behind what is known.
    REMOVED
  }

  private static final At[] PLACES = At.values();
  private static final Failure[] FAILURES = Failure.values();

  At at = At.IDLE;
  Failure failure = Failure.NONE;

  /// As in `KeyedInserts.Run`: `known.next()`, `certain`, `removedExpired`, and whether chunks are
  /// halved.
  int known;

  boolean certain;
  boolean freed;
  boolean halved;

  /// Whether a commit of the `Retry.Session.run` at hand was lost.
  boolean ambiguous;

  /// Whether the run has come further since its loop began anew.
  boolean moved;

  /// Whether the open transaction may still commit: neither the key's row nor the table's
  /// definition has changed since its snapshot.
  boolean fresh;

  /// The lost commits that may still land: a bit for each pair of rows.
  int inFlight;

  /// The rows that it has found to be in, or has committed itself. A bit for each.
  int own;

  /// The rows that were in at some time since it began.
  int seen;

  /// Whether its next row was not in at some time since its last transaction ended.
  boolean out;

  /// Whether it ran already when the key's row was last moved.
  boolean old;

  boolean running() {
    return at != At.IDLE && at != At.ENDED;
  }

  /// Ends it. What does not matter any more is forgotten, so that states which differ in nothing
  /// else are one.
  void end() {
    int flying = inFlight;
    int mine = own;
    unpack(0);
    at = At.ENDED;
    inFlight = flying;
    own = flying == 0 ? 0 : mine;
  }

  /// The order of the constants counts within one run only.
  @SuppressWarnings("EnumOrdinal")
  long pack() {
    long word = at.ordinal();
    word = word << 3 | failure.ordinal();
    word = word << 3 | known;
    word = word << 4 | own;
    word = word << 4 | seen;
    word = word << 16 | inFlight;
    word = word << 1 | (certain ? 1 : 0);
    word = word << 1 | (freed ? 1 : 0);
    word = word << 1 | (halved ? 1 : 0);
    word = word << 1 | (ambiguous ? 1 : 0);
    word = word << 1 | (moved ? 1 : 0);
    word = word << 1 | (fresh ? 1 : 0);
    word = word << 1 | (out ? 1 : 0);
    return word << 1 | (old ? 1 : 0);
  }

  void unpack(long packed) {
    long word = packed;
    old = (word & 1) != 0;
    out = (word >> 1 & 1) != 0;
    fresh = (word >> 2 & 1) != 0;
    moved = (word >> 3 & 1) != 0;
    ambiguous = (word >> 4 & 1) != 0;
    halved = (word >> 5 & 1) != 0;
    freed = (word >> 6 & 1) != 0;
    certain = (word >> 7 & 1) != 0;
    word >>= 8;
    inFlight = (int) (word & 0xFFFF);
    seen = (int) (word >> 16 & 15);
    own = (int) (word >> 20 & 15);
    known = (int) (word >> 24 & 7);
    failure = FAILURES[(int) (word >> 27 & 7)];
    at = PLACES[(int) (word >> 30 & 15)];
  }

  /// The bit of a lost commit of rows.
  static int flight(int from, int to) {
    return 1 << (from * 4 + to - 1);
  }
}
