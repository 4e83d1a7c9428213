package dsql.local.fault;

/// What clients may want to do and no recording of the service shows it taking. The endpoint takes
/// all of it, until it is ordered to refuse one.
public enum Unproven {
  /// COMMIT in the same round trip as something before it, in the extended protocol.
  COMMIT_UNDER_ONE_SYNC,
  /// Anything in the same round trip as a BEGIN before it, in the extended protocol.
  BEGIN_UNDER_ONE_SYNC,
  /// Two INSERTs in the WITH of one statement.
  CHANGING_CTES,
  /// Arrays that are bound, unnested as the rows of an INSERT.
  BOUND_ARRAYS,
  /// Parenthesized SELECTs, each in an order of its own, under UNION ALL.
  PIECES_UNDER_UNION_ALL,
  /// `INSERT ... DEFAULT VALUES ON CONFLICT`.
  ONLY_DEFAULTS_ON_CONFLICT,
  /// One prepared statement with RETURNING that is run several times in one round trip.
  BATCH_WITH_RETURNING,
  /// Several INSERTs with RETURNING in one round trip.
  PIPELINED_INSERTS,
  /// A subquery over the catalog in RETURNING, or in the WHERE of an INSERT.
  CATALOG_IN_INSERT,
  /// Reading `pg_sequence`, which the documentation calls unusable.
  SEQUENCES,
  /// Reading `sys.jobs`.
  JOBS,
  /// `CALL sys.wait_for_job`.
  WAIT_FOR_JOB
}
