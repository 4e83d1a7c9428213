package dsql.db.create;

import dsql.action.Create;
import dsql.action.Create.IfExists;
import dsql.action.Create.Index;
import dsql.action.Failure;
import dsql.action.Problem;
import dsql.db.create.Relations.Relation;
import dsql.db.create.Relations.StandingIndex;
import dsql.db.fault.SqlFailure;
import dsql.db.jdbc.DatabaseProblems;
import dsql.db.retry.Retry;
import dsql.sql.OwnNames;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a caller hears of a table or an index that could not be created. Confined to one
/// invocation.
final class CreateProblems {

  private final Create create;
  private final Retry.Session session;

  CreateProblems(Create create, Retry.Session session) {
    this.create = create;
    this.session = session;
  }

  /// Refuses an index with the name of its own table or of the table's primary key.
  void refuseOwnNames() {
    Map<String, String> own = OwnNames.certain(create);
    for (Index index : create.indexes()) {
      refuseTaken(index, Map.of(), own);
    }
  }

  /// Refuses an index whose name is another one's. An index of the table itself is let through: it
  /// is to be compared.
  ///
  /// @param held what has the names that are taken
  /// @param own what has the names that come with the table
  void refuseTaken(Index index, Map<String, Relation> held, Map<String, String> own) {
    String name = index.name().name();
    Relation relation = held.get(name);
    String holder = own.get(name);
    if (relation != null && !relation.isIndexOf(create.table())) {
      throw taken(index, relation.described() + " in the function's schema");
    }
    if (holder != null) {
      throw taken(index, holder);
    }
  }

  /// Refuses an index of the table that has the name and is not the one asked for.
  void refuseOther(Index index, StandingIndex found) {
    if (found.constraint().isPresent()) {
      throw taken(
          index,
          found.primary()
              ? "the table's own primary key"
              : "the table's own unique constraint " + found.columns());
    }
    Optional<String> difference = TableComparison.difference(index, found);
    if (difference.isPresent()) {
      throw differs(List.of(difference.get()));
    }
  }

  private static Failure taken(Index index, String holder) {
    return new Failure(
        Problem.Code.ALREADY_EXISTS,
        "The index "
            + index.name()
            + " cannot be created: its name is that of "
            + holder
            + ". Give the index another name.");
  }

  /// The table's name is that of something that is no table.
  Failure taken(Relation holder) {
    return new Failure(
        Problem.Code.ALREADY_EXISTS,
        "The table "
            + create.table()
            + " cannot be created: its name is that of "
            + holder.described()
            + " in the function's schema. Give the table another name, or have that renamed or"
            + " dropped.");
  }

  Failure exists() {
    return new Failure(
        Problem.Code.ALREADY_EXISTS,
        "The table "
            + create.table()
            + " exists already. \"ifExists\":\"verify\" compares it with the one asked for.");
  }

  Failure differs(List<String> differences) {
    return new Failure(
        Problem.of(
                Problem.Code.SCHEMA_MISMATCH,
                "The table "
                    + create.table()
                    + " exists and differs from the one asked for; it was not changed.")
            .withDifferences(differences));
  }

  /// A table as asked for is there, but an answer to CREATE TABLE was lost on the way to it.
  Failure createdByWhom() {
    return new Failure(
        Problem.Code.OUTCOME_UNKNOWN,
        "The answer of the database was lost while the table was created. The table "
            + create.table()
            + " exists now as asked for, but it cannot be told whether this request created"
            + " it. "
            + again());
  }

  /// Others create and drop the same names; nothing was created.
  Failure contested() {
    return new Failure(
        Problem.Code.CONFLICT_EXHAUSTED,
        "Others kept creating and dropping or renaming what this request creates. Send it"
            + " again when they are done.");
  }

  /// The table is gone before its indexes were made.
  Failure vanished() {
    return new Failure(
        Problem.of(
                Problem.Code.TABLE_NOT_FOUND,
                "The table "
                    + create.table()
                    + " was dropped or renamed by others before its indexes were all created. Sent"
                    + " again, the request creates it anew.")
            .repeatable());
  }

  /// Something that is asked for was done, and then came a failure.
  Failure partly(Exception failure) {
    Problem problem = DatabaseProblems.of(failure, Optional.of(create), session);
    boolean repeatable =
        problem.retryable()
            || (problem.code().category() != Problem.Category.REJECTED && !lasts(failure));
    // Of the statement that failed that is true, of the request it is not.
    String detail = problem.detail().replace("; nothing was written", "");
    if (problem.code() != Problem.Code.TABLE_NOT_FOUND) {
      detail =
          "The table exists as asked for, not all of its indexes do. "
              + detail
              + (repeatable ? ' ' + again() : "");
    }
    return new Failure(
        problem.partly(detail, repeatable && create.ifExists() == IfExists.VERIFY), failure);
  }

  private static boolean lasts(Exception failure) {
    return failure instanceof SQLException sql && SqlFailure.of(sql).lasts();
  }

  /// It is not known whether the table, or an index of it, was created.
  Failure unknown(Exception failure) {
    Problem problem =
        Problem.of(
            Problem.Code.OUTCOME_UNKNOWN,
            "The answer of the database was lost while the table or an index was created: it"
                + " may exist or not. "
                + again());
    boolean repeatable = create.ifExists() == IfExists.VERIFY;
    return new Failure(repeatable ? problem.repeatable() : problem, failure);
  }

  private String again() {
    return create.ifExists() == IfExists.VERIFY
        ? "Send the request again: it looks at what exists and creates the rest."
        : "Send the request with \"ifExists\":\"verify\": it looks at what exists and creates the"
            + " rest.";
  }
}
