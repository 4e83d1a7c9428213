package dsql.db.create;

import dsql.action.Create;
import dsql.action.Create.ForeignKey;
import dsql.action.Create.IfExists;
import dsql.action.Create.Index;
import dsql.action.Excerpt;
import dsql.action.Failure;
import dsql.action.Fault;
import dsql.action.Faults;
import dsql.action.Problem;
import dsql.db.create.Relations.Relation;
import dsql.db.fault.SqlFailure;
import dsql.db.jdbc.DatabaseProblems;
import dsql.db.retry.Retry;
import dsql.sql.OwnNames;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The problems of a table or an index that could not be created. Confined to one invocation.
final class CreateProblems {

  /// Limit on the bytes of the server's own words about a build.
  private static final int DETAILS_BYTES = 700;

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

  /// Refuses a foreign key with the name of another key of the new table.
  void refuseKeyNames() {
    Map<String, String> keys = OwnNames.keys(create);
    for (ForeignKey key : create.foreignKeys()) {
      String holder = key.name().map(name -> keys.get(name.name())).orElse(null);
      if (holder != null) {
        throw taken(key, holder);
      }
    }
  }

  /// Another constraint has the name of a foreign key.
  Failure taken(ForeignKey key, String holder) {
    return new Failure(
        Problem.Code.ALREADY_EXISTS,
        "The foreign key %s cannot be created: its name is that of %s. Give it another name."
            .formatted(key.name().orElseThrow(), holder));
  }

  /// Refuses an index whose name is taken. An index of the table itself is not refused, because it
  /// is compared with the requested one.
  ///
  /// @param held what has the names that are taken
  /// @param own what gets its name together with the table
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

  /// Refuses an index of the table that has the requested name and is not the requested index.
  void refuseOther(Index index, ExistingIndex found, RequestedForms forms) {
    if (found.constraint().isPresent()) {
      throw taken(
          index,
          found.primary()
              ? "the table's own primary key"
              : "the table's own unique constraint " + found.columns());
    }
    Optional<String> difference = TableComparison.difference(index, found, forms);
    if (difference.isPresent()) {
      throw differs(List.of(difference.get()));
    }
  }

  private static Failure taken(Index index, String holder) {
    return new Failure(
        Problem.Code.ALREADY_EXISTS,
        "The index %s cannot be created: its name is that of %s. Give the index another name."
            .formatted(index.name(), holder));
  }

  /// The table's name is that of something that is not a table.
  Failure taken(Relation holder) {
    return new Failure(
        Problem.Code.ALREADY_EXISTS,
        "The table %s cannot be created: its name is that of %s in the function's schema. Give the"
                .formatted(create.table(), holder.described())
            + " table another name, or have that renamed or dropped.");
  }

  Failure exists() {
    return new Failure(
        Problem.Code.ALREADY_EXISTS,
        "The table "
            + create.table()
            + " already exists. \"ifExists\":\"verify\" compares it with the requested one.");
  }

  Failure differs(List<String> differences) {
    return new Failure(
        Problem.of(
                Problem.Code.SCHEMA_MISMATCH,
                "The table "
                    + create.table()
                    + " exists and differs from the requested one; it was not changed.")
            .withDifferences(differences));
  }

  /// The table exists as requested, but an answer to CREATE TABLE was lost before it was found.
  Failure createdByWhom() {
    return new Failure(
        Problem.Code.OUTCOME_UNKNOWN,
        "The answer of the database was lost while the table was created. The table %s now exists as"
                .formatted(create.table())
            + " requested, but it is not known whether this request created it. "
            + again());
  }

  /// Others create and drop the same names; nothing was created.
  Failure contested() {
    return new Failure(
        Problem.Code.CONFLICT_EXHAUSTED,
        "Others kept creating and dropping or renaming what this request creates. Send the request"
            + " again when they are done.");
  }

  /// The table disappeared before its indexes were created.
  Failure vanished() {
    return new Failure(
        Problem.of(
                Problem.Code.TABLE_NOT_FOUND,
                "The table "
                    + create.table()
                    + " was dropped or renamed by others before all its indexes were created. Send the"
                    + " request again to create it.")
            .repeatable());
  }

  /// A part of the request was done before it failed.
  Failure partly(Exception failure) {
    Problem problem = DatabaseProblems.of(failure, Optional.of(create), session);
    boolean lasts = failure instanceof SQLException e && SqlFailure.of(e).lasts();
    boolean repeatable =
        problem.retryable() || (problem.code().category() != Problem.Category.REJECTED && !lasts);
    // That is true of the failed statement, but not of the whole request.
    String detail =
        problem.detail().replace("; nothing was written", "").replace(" Nothing was created.", "");
    if (problem.code() != Problem.Code.TABLE_NOT_FOUND) {
      detail =
          "The table exists, but not all that the request asks for does. "
              + detail
              + (repeatable ? ' ' + again() : "");
    }
    return new Failure(
        problem.partly(detail, repeatable && create.ifExists() == IfExists.VERIFY), failure);
  }

  /// Whether a name in a DDL statement was taken meanwhile. When two sessions create the same at
  /// once, one of them may violate a key of the catalog.
  static boolean isTaken(SQLException e) {
    SqlFailure failure = SqlFailure.of(e);
    return failure == SqlFailure.TABLE_EXISTS || failure == SqlFailure.UNIQUE_VIOLATION;
  }

  /// It is not known whether the table, or an index of it, was created.
  Failure unknown(Exception failure) {
    Problem problem =
        Problem.of(
            Problem.Code.OUTCOME_UNKNOWN,
            "The answer of the database was lost while the table or an index was created: it"
                + " may or may not exist. "
                + again());
    boolean repeatable = create.ifExists() == IfExists.VERIFY;
    return new Failure(repeatable ? problem.repeatable() : problem, failure);
  }

  /// Refuses a foreign key that the database has refused; does nothing about another failure.
  void refuseForeignKey(SQLException e) {
    String state = SqlFailure.sqlState(e).orElse("");
    String message = SqlFailure.sentence(e);
    String detail =
        switch (state) {
          case "42P01" ->
              "A table that a foreign key references does not exist in the function's schema. Create"
                  + " it first.";
          case "42809" -> "A foreign key references something that is not a table.";
          case "42704" ->
              "The table that a foreign key references has no primary key. Name the columns of a"
                  + " unique constraint in \"references\".";
          case "42830" ->
              message.contains("disagree")
                  ? "A foreign key must have as many columns as the primary key that it references."
                      + " Name the referenced columns in \"references\"."
                  : "A foreign key must reference the columns of a primary key or a unique constraint,"
                      + " in that order.";
          case "42703" -> "A foreign key references a column that its table does not have.";
          case "42804" ->
              "A column of a foreign key has another type than the column that it references.";
          case "55000" ->
              message.contains("deferrable")
                  ? "A foreign key cannot reference a deferrable constraint."
                  : "";
          // The user may also lack the right to create tables in the schema.
          case "42501" ->
              message.contains("for table")
                  ? "The function's database user may not reference the table of a foreign key."
                  : "";
          default -> "";
        };
    if (detail.isEmpty() || create.foreignKeys().isEmpty()) {
      return;
    }
    Problem.Code code =
        switch (state) {
          case "42P01" -> Problem.Code.TABLE_NOT_FOUND;
          case "42501" -> Problem.Code.PERMISSION_DENIED;
          default -> Problem.Code.INVALID_REQUEST;
        };
    Problem problem =
        Problem.of(code, detail + " Nothing was created.")
            .withSqlState(Optional.of(state))
            .at(List.of(new Fault(place(e), Fault.Code.INVALID_VALUE, detail)));
    throw new Failure(problem, e);
  }

  /// The foreign key whose table or name is in the server's message.
  private String place(SQLException e) {
    String message = SqlFailure.sentence(e);
    List<Integer> named = new ArrayList<>();
    for (int i = 0; i < create.foreignKeys().size(); i++) {
      ForeignKey key = create.foreignKeys().get(i);
      String table = key.table().name();
      if (message.contains('"' + table + '"')
          || message.contains('.' + table + '"')
          || message.endsWith(' ' + table)
          || key.name().filter(name -> message.contains('"' + name.name() + '"')).isPresent()) {
        named.add(i);
      }
    }
    boolean only = create.foreignKeys().size() == 1;
    return only || named.size() == 1
        ? Faults.at("/foreignKeys", only ? 0 : named.getFirst())
        : "/foreignKeys";
  }

  /// Why the build of an index failed, with the details of its job.
  static String failedBuild(Index index, String details) {
    String remedy =
        " Drop the index "
            + index.name()
            + ", which is not valid, and send the request again to build it.";
    if (details.toLowerCase(Locale.ROOT).contains("duplicate key")) {
      return "Rows of the table have the same values in the unique index: remove the duplicates."
          + remedy;
    }
    String told = Excerpt.of(details.strip(), DETAILS_BYTES);
    return "The build of the index failed"
        + (told.isEmpty() ? "." : "; the database says: " + told + '.')
        + remedy;
  }

  /// Why the rows of a table were not found to satisfy a foreign key, with the details of the job.
  static String failedValidation(ForeignKey key, String details) {
    String told = Excerpt.of(details.strip(), DETAILS_BYTES);
    return "The foreign key %s is in force for new rows, but existing ones could not be validated"
            .formatted(key.name().orElseThrow())
        + (told.isEmpty() ? "." : "; the database says: " + told + '.')
        + " Remove the rows that violate it and send the request again.";
  }

  private String again() {
    return create.ifExists() == IfExists.VERIFY
        ? "Send the request again to compare what exists and create the rest."
        : "Send the request with \"ifExists\":\"verify\" to compare what exists and create the rest.";
  }
}
