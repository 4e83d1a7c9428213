package dsql.local.fault;

import dsql.local.wire.Refusal;

/// The ways a statement or a commit can fail for no fault of the client's.
public enum Failure {
  /// Another transaction changed the same rows.
  OC000("40001", "change conflicts with another transaction (OC000)"),
  /// Another transaction changed the catalog.
  OC001("40001", "schema has been updated by another transaction (OC001)"),
  /// The server's statement was prepared before its table changed.
  STALE_STATEMENT("0A000", "cached plan must not change result type"),
  /// The server is gone, the work undone.
  UNAVAILABLE("XX000", "server unavailable"),
  /// The server says the same, but a commit has been done.
  UNAVAILABLE_BUT_DONE("XX000", "server unavailable");

  private final String sqlState;
  private final String message;

  Failure(String sqlState, String message) {
    this.sqlState = sqlState;
    this.message = message;
  }

  public Refusal refusal() {
    return Refusal.error(sqlState, message);
  }
}
