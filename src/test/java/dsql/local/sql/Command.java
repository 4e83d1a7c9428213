package dsql.local.sql;

import dsql.local.wire.Refusal;

/// What a statement asks of the endpoint.
public sealed interface Command {

  /// PostgreSQL does it, from this text.
  record Pass(String sql) implements Command {}

  /// An asynchronous index build: the plain statement, and the table as written.
  record AsyncIndex(String sql, String table) implements Command {}

  /// The service does not do it.
  record Refused(Refusal refusal) implements Command {}
}
