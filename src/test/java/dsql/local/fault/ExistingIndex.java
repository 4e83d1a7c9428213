package dsql.local.fault;

/// What `CREATE INDEX ASYNC IF NOT EXISTS` may answer when its name is taken; what the service
/// answers is not recorded.
public enum ExistingIndex {
  /// No result at all.
  NO_RESULT,
  /// A result without a row.
  NO_ROW,
  /// A row whose `job_id` is null.
  NULL_ROW
}
