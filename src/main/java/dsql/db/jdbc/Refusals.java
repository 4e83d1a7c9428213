package dsql.db.jdbc;

import dsql.action.Create;
import dsql.action.Excerpt;
import dsql.action.Fault;
import dsql.action.Faults;
import dsql.action.Identifier;
import dsql.action.Insert;
import dsql.action.MemberType;
import dsql.action.Problem;
import dsql.action.Query;
import dsql.action.Request;
import dsql.action.Row;
import dsql.action.Value;
import dsql.db.fault.ServerLimit;
import dsql.db.fault.SqlFailure;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Texts for requests that the database refuses: one for each SQLSTATE that a request can cause,
/// and a neutral one for the rest.
public final class Refusals {

  private static final String NOTHING_WRITTEN = "; nothing was written.";

  /// Limit on the bytes of the server's own sentence in a reply, because it may contain a name of
  /// the caller's.
  private static final int SENTENCE_BYTES = 700;

  /// The database's limit on the bytes of a stored value, counted after compression.
  private static final int MAX_VALUE = 1 << 20;

  private Refusals() {}

  /// The code of a failure. The same SQLSTATE may concern a row, a transaction, a query or a table.
  static Problem.Code code(SqlFailure failure, SQLException exception, Optional<Request> request) {
    if (request.isPresent() && request.get() instanceof Create && failure.isOfStatement()) {
      return Problem.Code.INVALID_REQUEST;
    }
    if (failure != SqlFailure.TRANSACTION_TOO_LARGE) {
      return failure.code();
    }
    if (request.isPresent() && request.get() instanceof Query) {
      return Problem.Code.INVALID_REQUEST;
    }
    return ServerLimit.of(exception).isOfOneRow() ? Problem.Code.INVALID_VALUE : failure.code();
  }

  /// The text for a refused [Create]: our own, followed by the server's if it concerns a DDL
  /// statement, which contains no values of rows.
  static String ofCreate(String detail, SQLException exception) {
    String sentence = SqlFailure.sentence(exception).strip();
    boolean known =
        SqlFailure.of(exception) == SqlFailure.TRANSACTION_TOO_LARGE
            && ServerLimit.of(exception) != ServerLimit.OTHER;
    if (sentence.isEmpty() || !(exception instanceof Transactions.Refused || known)) {
      return detail;
    }
    String told = Excerpt.of(sentence, SENTENCE_BYTES);
    return detail + " The database says: " + told + (told.endsWith(".") ? "" : ".");
  }

  /// The problem when the ledger's table could not be created.
  public static Problem ofLedger(SQLException exception) {
    String sentence = Excerpt.of(SqlFailure.sentence(exception).strip(), SENTENCE_BYTES);
    return Problem.of(
            Problem.Code.INVALID_REQUEST,
            "Idempotency keys are kept in the table dsql_ledger, which the database refused to"
                + " create"
                + NOTHING_WRITTEN
                + (sentence.isEmpty() ? "" : " The database says: " + sentence))
        .withSqlState(SqlFailure.sqlState(exception));
  }

  /// Adds the place in the request, if the refusal concerns one.
  static Problem at(Problem problem, SQLException exception, Request request) {
    if (request instanceof Query query && problem.code() == Problem.Code.INVALID_VALUE) {
      return casts(problem, exception, query);
    }
    if (!(request instanceof Insert insert)) {
      return problem;
    }
    if (problem.code() == Problem.Code.INVALID_VALUE
        && ServerLimit.of(exception) == ServerLimit.VALUE) {
      return tooLong(problem, insert);
    }
    return switch (state(exception)) {
      case "23503", "23514" -> violated(problem, exception, insert);
      case "428C9" -> generated(problem, exception, insert);
      case "42P10" ->
          insert.onConflict().isEmpty()
              ? problem
              : fault(problem, "/onConflict/columns", "name the columns of one key of the table");
      default -> problem;
    };
  }

  /// Adds a pointer to the only row, or to the column of a foreign key in it.
  private static Problem violated(Problem problem, SQLException exception, Insert insert) {
    if (insert.rows().size() > 1) {
      return problem;
    }
    List<Identifier> columns = insert.rows().getFirst().columns();
    String row = Faults.at("/rows", 0);
    String remedy =
        problem.code() == Problem.Code.CHECK_VIOLATION
            ? "give values that satisfy the check"
            : isStillReferenced(exception)
                ? "leave the key as it is, or change the rows that reference it first"
                : "reference an existing row";
    String pointer =
        SqlFailure.keyColumn(exception)
            .filter(name -> columns.contains(new Identifier(name)))
            .map(name -> Faults.at(row, name))
            .orElse(row);
    return fault(problem, pointer, remedy);
  }

  /// Whether a foreign key is violated by a change of the referenced row. PostgreSQL has one
  /// SQLSTATE for both sides of a foreign key and begins the messages differently.
  static boolean isStillReferenced(SQLException exception) {
    return SqlFailure.sentence(exception).startsWith("update or delete on table ");
  }

  /// The text for a [SqlFailure#INVALID_VALUE] of a query.
  static String valueOfQuery(Query query) {
    return query.casts().isEmpty()
        ? "A value that the query computes or compares is not one of its type."
        : "A member of a document does not fit the type that the query reads it as.";
  }

  /// Adds a pointer to each place that may have caused the failure: the server does not tell which
  /// member of which document it was.
  private static Problem casts(Problem problem, SQLException exception, Query query) {
    String state = state(exception);
    boolean ofTime = state.equals("22007") || state.equals("22008");
    Set<MemberType> times = EnumSet.of(MemberType.DATE, MemberType.TIMESTAMPTZ);
    List<Query.Cast> all = query.casts();
    List<Query.Cast> likely =
        all.stream().filter(cast -> times.contains(cast.type()) == ofTime).toList();
    List<Fault> faults =
        (likely.isEmpty() ? all : likely).stream().limit(Faults.MAX).map(Refusals::misfit).toList();
    return faults.isEmpty() ? problem : problem.at(faults);
  }

  private static Fault misfit(Query.Cast cast) {
    return new Fault(
        cast.pointer(),
        Fault.Code.INVALID_VALUE,
        "some document has a member here that is not "
            + cast.type().columnType().withArticle()
            + ": read it as text, or correct the document. Another condition does not keep such a"
            + " document from being read");
  }

  /// Adds a pointer to the value that the database refused to store, if only one can be it. A
  /// stored value has at most the bytes of its text, except JSON, whose numbers may take eight
  /// times that.
  private static Problem tooLong(Problem problem, Insert insert) {
    String found = "";
    int bytes = 0;
    for (int i = 0; i < insert.rows().size(); i++) {
      Row row = insert.rows().get(i);
      for (int j = 0; j < row.columns().size(); j++) {
        Value value = row.values().get(j);
        int length = bytes(value);
        if (length > (value instanceof Value.Structure ? MAX_VALUE / 8 : MAX_VALUE)) {
          if (!found.isEmpty()) {
            return problem;
          }
          found = Faults.at(Faults.at("/rows", i), row.columns().get(j).name());
          bytes = length;
        }
      }
    }
    return found.isEmpty()
        ? problem
        : fault(
            problem, found, "shorten the value, which has " + bytes + " bytes, or split it in two");
  }

  private static int bytes(Value value) {
    return switch (value) {
      case Value.Text(String text) -> text.getBytes(StandardCharsets.UTF_8).length;
      case Value.Structure(String json) -> json.getBytes(StandardCharsets.UTF_8).length;
      case Value.Num(String literal) -> literal.length();
      case Value.Null _, Value.Bool _ -> 0;
    };
  }

  /// Adds a pointer to the column that the server names, if the request names it too.
  private static Problem generated(Problem problem, SQLException exception, Insert insert) {
    String message = SqlFailure.sentence(exception);
    for (int i = 0; i < insert.rows().size(); i++) {
      for (Identifier column : insert.rows().get(i).columns()) {
        if (message.contains('"' + column.name() + '"')) {
          String pointer = Faults.at(Faults.at("/rows", i), column.name());
          return fault(problem, pointer, "leave the column out");
        }
      }
    }
    return problem;
  }

  private static Problem fault(Problem problem, String pointer, String detail) {
    return problem.at(List.of(new Fault(pointer, Fault.Code.INVALID_VALUE, detail)));
  }

  /// The text for a [SqlFailure#STATEMENT_REFUSED].
  static String statement(SQLException exception, Optional<Request> request, String table) {
    return switch (state(exception)) {
      case "42P10" ->
          isUpsert(request)
              ? "The columns of a conflict target must be those of a primary key or a unique"
                  + " constraint of table %s.".formatted(table)
              : neutral(table);
      case "428C9" ->
          "A column of table %s is GENERATED ALWAYS: the database makes its values and accepts no"
                  .formatted(table)
              + " others"
              + NOTHING_WRITTEN;
      case "42883" ->
          "The database has no function or operator for a column of table "
              + table
              + " as the request uses it: not every type can be compared, ordered, grouped or"
              + " aggregated.";
      case "42804", "42846" ->
          "A value or a default does not have the type of its column in table " + table + ".";
      case "42809", "55000" -> notATable(request, table);
      case "42701" ->
          "Table "
              + table
              + " would have two columns of the same name, or one with the name of a system"
              + " column.";
      case "42939", "42602", "42622" -> "The database does not allow a name that the request has.";
      case "21000" ->
          isUpsert(request)
              ? "Two rows of the request have the same values in the conflict target's columns: an"
                  + " update cannot change a row twice"
                  + NOTHING_WRITTEN
              : neutral(table);
      default -> neutral(table);
    };
  }

  private static String notATable(Optional<Request> request, String table) {
    if (request.isPresent() && request.get() instanceof Insert) {
      return table
          + " accepts no rows: it is a view that the database cannot write through, or another"
          + " relation that is not a table"
          + NOTHING_WRITTEN;
    }
    return request.isPresent() && request.get() instanceof Create
        ? table + " is not a table, so that it cannot have an index."
        : table + " is neither a table nor a view, so that it cannot be queried.";
  }

  /// The text for a [SqlFailure#UNSUPPORTED].
  static String unsupported(Optional<Request> request, String table) {
    if (request.isPresent() && request.get() instanceof Insert) {
      return "The database does not support this for table "
          + table
          + ". For example, a computed column of a view accepts no values"
          + NOTHING_WRITTEN;
    }
    return "The database does not support something that the request wants of table " + table + ".";
  }

  /// The text for a [SqlFailure#STATEMENT_TOO_COMPLEX].
  static String tooComplex(SQLException exception, String table) {
    return switch (state(exception)) {
      case "54001" ->
          "The request is nested too deeply for the database: give its filter, or its JSON values,"
              + " fewer levels.";
      case "54011" ->
          "Table "
              + table
              + " or a key has more columns than the database allows: 255 in a table, 8 in a key.";
      case "54023" -> "The statement has more values than the database allows; give fewer.";
      default -> "The request for table " + table + " exceeds a limit of the database.";
    };
  }

  private static boolean isUpsert(Optional<Request> request) {
    return request.isPresent()
        && request.get() instanceof Insert insert
        && insert.onConflict().isPresent();
  }

  private static String neutral(String table) {
    return "The database refused the statement for table " + table + ".";
  }

  private static String state(SQLException exception) {
    return SqlFailure.sqlState(exception).orElse("");
  }
}
