package dsql.model;

/// Mistakes that the protocol must not make. Each is a switch of the model.
enum Mutant {
  /// After a lost commit the key is looked at, and its absence taken for the commit's failure.
  LOOK_INSTEAD_OF_RUN_AGAIN,
  /// A run that knows of rows begins anew where it finds its key's row expired.
  RESTART_AFTER_EXPIRY,
  /// Where another sender was faster, the run goes on after its own chunk, whatever the other's
  /// was.
  POSITION_FROM_THE_LOOP,
  /// The rows are committed first, their ledger row afterwards.
  KEY_IN_ANOTHER_TRANSACTION,
  /// The ledger row is moved on from wherever it stands.
  UNGUARDED_NEXT_ROW,
  /// An expired key is left to the tick.
  EXPIRED_KEY_STAYS,
  /// A key lives from its first chunk, not from its last.
  NO_RENEWAL,
  /// The row that was seen expired is removed, whether or not it still is.
  UNGUARDED_REMOVAL,
  /// After a lost commit the last attempt's failure is reported, not the lost commit.
  LOST_COMMIT_FORGOTTEN,
  /// What the look before a write has told is still held for certain after the write has failed.
  STALE_CERTAINTY,
  /// The key's row is found behind what the run knows, and believed.
  GOES_BACK,
  /// A write whose connection ended is taken for done where the key has moved since the loop began,
  /// although an earlier attempt may have seen that already.
  PROGRESS_SINCE_THE_LOOP_BEGAN
}
