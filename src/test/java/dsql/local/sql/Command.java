package dsql.local.sql;

import dsql.local.wire.Refusal;
import java.util.List;

/// What a statement asks of the endpoint.
public sealed interface Command {

  /// What a statement does to data, which is what the rules of transactions go by.
  enum Kind {
    /// Reads, or does nothing to data or catalog.
    READ,
    /// Reads rows that join the check at commit (`FOR UPDATE`, `FOR KEY SHARE`).
    LOCK,
    WRITE,
    DDL,
    /// Settings and the like, which no fault and no limit touches.
    SESSION
  }

  /// PostgreSQL does it, from this text.
  record Pass(String sql, Kind kind) implements Command {}

  /// Passes if a check, a call that fails if not, allows it.
  record Checked(String sql, String check) implements Command {}

  /// Rows come from the client.
  record CopyIn(String sql) implements Command {}

  record Begin(String sql) implements Command {}

  record Commit(String sql) implements Command {}

  record Rollback(String sql) implements Command {}

  /// A job: the statement PostgreSQL knows, what to do instead when the data does not allow it, the
  /// table as written, and what the job is called. There is no job where `unless`, if not empty, is
  /// the name of something in the table's schema.
  record Job(String sql, String otherwise, String table, String type, String tag, String unless)
      implements Command {}

  /// `AWS IAM GRANT role TO arn`, or `REVOKE`.
  record IamMapping(String role, List<String> arns, boolean grant) implements Command {}

  /// The service does not do it.
  record Refused(Refusal refusal) implements Command {}

  /// No statement at all.
  record Nothing() implements Command {}

  /// The kind of any command.
  default Kind kind() {
    return switch (this) {
      case Pass(_, Kind kind) -> kind;
      case CopyIn _ -> Kind.WRITE;
      case Checked _, Job _, IamMapping _ -> Kind.DDL;
      case Begin _, Commit _, Rollback _, Refused _, Nothing _ -> Kind.SESSION;
    };
  }
}
