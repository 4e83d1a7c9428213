package dsql.db;

import dsql.action.Create;
import dsql.action.Fault;
import dsql.action.Faults;
import dsql.action.Identifier;
import dsql.action.Insert;
import dsql.action.Problem;
import dsql.action.Query;
import dsql.action.Request;
import dsql.db.fault.ServerLimit;
import dsql.db.fault.SqlFailure;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a caller hears where the database refuses what a request asks for: a text for each SQLSTATE
/// that a request can bring about, a neutral one for the rest.
final class Refusals {

  private static final String NOTHING_WRITTEN = "; nothing was written.";

  private Refusals() {}

  /// The problem with the place in the request, where the refusal is about one.
  ///
  /// @param exception whose kind is [SqlFailure#STATEMENT_REFUSED]
  static Problem at(Problem problem, SQLException exception, Request request) {
    if (!(request instanceof Insert insert)) {
      return problem;
    }
    return switch (state(exception)) {
      case "428C9" -> generated(problem, exception, insert);
      case "42P10" ->
          insert.onConflict().isEmpty()
              ? problem
              : fault(problem, "/onConflict/columns", "name the columns of one key of the table");
      default -> problem;
    };
  }

  /// The server names the column; it is told where the request names it too.
  private static Problem generated(Problem problem, SQLException exception, Insert insert) {
    Map<String, String> pointers = new LinkedHashMap<>();
    for (int i = 0; i < insert.rows().size(); i++) {
      for (Identifier column : insert.rows().get(i).keySet()) {
        if (!pointers.containsKey(column.name())) {
          pointers.put(column.name(), Faults.at(Faults.at("/rows", i), column.name()));
        }
      }
    }
    Optional<String> column = SqlFailure.named(exception, pointers.keySet());
    return column.isEmpty()
        ? problem
        : fault(problem, pointers.getOrDefault(column.get(), ""), "leave the column out");
  }

  private static Problem fault(Problem problem, String pointer, String detail) {
    return problem.at(List.of(new Fault(pointer, Fault.Code.INVALID_VALUE, detail)));
  }

  /// What to tell of a [SqlFailure#STATEMENT_REFUSED].
  static String statement(SQLException exception, Optional<Request> request, String table) {
    return switch (state(exception)) {
      case "42P10" ->
          isUpsert(request)
              ? "A conflict target must be the columns of a primary key or a unique constraint of"
                  + " table "
                  + table
                  + "."
              : neutral(table);
      case "428C9" ->
          "A column of table "
              + table
              + " is GENERATED ALWAYS: the database makes its values and takes none"
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
              + " would have two columns of one name, or one named as a column of the"
              + " database's own.";
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
          + " takes no rows: it is no table, but a view that the database cannot write through, or"
          + " another relation"
          + NOTHING_WRITTEN;
    }
    return request.isPresent() && request.get() instanceof Create
        ? table + " is no table, so that it cannot have an index."
        : table + " is neither a table nor a view, so that it cannot be queried.";
  }

  /// What to tell of a [SqlFailure#UNSUPPORTED].
  static String unsupported(Optional<Request> request, String table) {
    if (request.isPresent() && request.get() instanceof Insert) {
      return "The database does not support this for table "
          + table
          + ": in a view, for one, a column that is computed takes no values"
          + NOTHING_WRITTEN;
    }
    return "The database does not support something that the request asks of table " + table + ".";
  }

  /// What to tell of a [SqlFailure#STATEMENT_TOO_COMPLEX].
  static String tooComplex(SQLException exception, String table) {
    return switch (state(exception)) {
      case "54001" ->
          "The request is nested too deeply for the database: give its filter, or its JSON values,"
              + " fewer levels.";
      case "54011" ->
          "Too many columns for the database: a table has at most 255, a key 8, at table "
              + table
              + ".";
      case "54023" -> "Too many values for one statement of the database; give fewer.";
      default -> "The request for table " + table + " is over a limit of the database.";
    };
  }

  /// What to tell of a [SqlFailure#TRANSACTION_TOO_LARGE].
  static String tooLarge(SQLException exception, Optional<Request> request) {
    boolean writes = request.isEmpty() || request.get() instanceof Insert;
    String limit =
        switch (ServerLimit.of(exception)) {
          case ROWS -> "The transaction changes more than 3,000 rows";
          case BYTES -> "The transaction writes more than 10 MiB";
          case AGE -> "The transaction took longer than the 300 s that the database gives one";
          case KEY ->
              "The columns of a key have more than the about 1 KiB that the database allows";
          case VALUE ->
              writes
                  ? "A value has more than the 1 MiB that the database allows"
                  : "A type is longer than the database allows";
          case ROW -> "A row has more than the 2 MiB that the database allows";
          case MEMORY -> "The statement needs more memory than the database gives one";
          case OTHER -> other(request);
        };
    if (writes) {
      return limit + NOTHING_WRITTEN;
    }
    return request.get() instanceof Query
        ? limit + ". Narrow the query by its filter, or order it by a key or an index."
        : limit + ".";
  }

  private static String other(Optional<Request> request) {
    if (request.isPresent() && request.get() instanceof Query) {
      return "The query is over a limit of the database";
    }
    return request.isPresent() && request.get() instanceof Create
        ? "The table or an index is over a limit of the database (24 indexes a table with its keys,"
            + " 8 columns a key, 1,000 tables)"
        : "The transaction is over a limit of the database (3,000 rows, 10 MiB, 300 s, 2 MiB a row,"
            + " 1 MiB a value, 1 KiB a key)";
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
