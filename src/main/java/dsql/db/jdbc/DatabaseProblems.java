package dsql.db.jdbc;

import dsql.action.Create;
import dsql.action.Failure;
import dsql.action.Identifier;
import dsql.action.InvalidRequest;
import dsql.action.Problem;
import dsql.action.Query;
import dsql.action.Request;
import dsql.db.connect.TokenSource;
import dsql.db.fault.AmbiguousCommit;
import dsql.db.fault.Distrust;
import dsql.db.fault.SqlFailure;
import dsql.db.pool.DeadlineExceeded;
import dsql.db.retry.Retry;
import java.sql.SQLException;
import java.util.Optional;

/// The problems that callers get for the database's errors: never in the server's own words, which
/// may contain SQL text or values of other rows.
public final class DatabaseProblems {

  private DatabaseProblems() {}

  /// The problem of an exception that ended a session.
  ///
  /// @param request empty for a tick
  /// @throws RuntimeException the exception itself, if it did not come from the database
  public static Problem of(Exception exception, Optional<Request> request, Retry.Session session) {
    return switch (exception) {
      case Failure failure -> failure.problem();
      case InvalidRequest invalid -> invalid.problem();
      case SQLException sql -> of(sql, request, session);
      case AmbiguousCommit _ -> OUTCOME_UNKNOWN;
      case DeadlineExceeded _ -> DEADLINE_EXCEEDED;
      case TokenSource.Unavailable none ->
          none.passing() ? CREDENTIALS_NOT_FETCHED : NO_CREDENTIALS;
      case RuntimeException runtime -> throw runtime;
      default -> throw new AssertionError(exception);
    };
  }

  private static final Problem OUTCOME_UNKNOWN =
      Problem.of(
          Problem.Code.OUTCOME_UNKNOWN,
          "The connection was lost during the commit; the transaction may or may not be committed.");

  private static final Problem DEADLINE_EXCEEDED =
      Problem.of(
          Problem.Code.DEADLINE_EXCEEDED,
          "The invocation ran out of time before the database answered; nothing was written.");

  private static final Problem NO_CREDENTIALS =
      Problem.of(
          Problem.Code.ACCESS_DENIED,
          "The function found no credentials to sign a database token with.");

  private static final Problem CREDENTIALS_NOT_FETCHED =
      Problem.of(
          Problem.Code.DATABASE_UNAVAILABLE,
          "The credentials to sign a database token with could not be fetched; nothing was written."
              + " Send the request again.");

  private static Problem of(
      SQLException exception, Optional<Request> request, Retry.Session session) {
    SqlFailure failure = SqlFailure.of(exception);
    if (failure == SqlFailure.CONNECTION_LOST && session.deadline().passed()) {
      return DEADLINE_EXCEEDED;
    }
    String detail = detail(failure, exception, request);
    if (request.isPresent() && request.get() instanceof Create && failure.isOfStatement()) {
      detail = Refusals.ofCreate(detail, exception);
    }
    if (failure == SqlFailure.CONFLICT) {
      detail =
          "Gave up after %s attempts and %s ms of waiting in between. %s"
              .formatted(session.attempts(), session.waited().toMillis(), detail);
    }
    Problem problem =
        Problem.of(Refusals.code(failure, exception, request), detail)
            .withSqlState(SqlFailure.sqlState(exception));
    if (failure.lasts()) {
      return problem.lasting();
    }
    return request.isPresent() ? Refusals.at(problem, exception, request.get()) : problem;
  }

  private static String detail(SqlFailure failure, SQLException e, Optional<Request> request) {
    String table = request.map(Request::table).map(Identifier::name).orElse("");
    return switch (failure) {
      case CONFLICT ->
          "Another transaction changed the same rows or the schema first; nothing was written. Send"
              + " the request again.";
      case CONNECTION_LOST -> "The connection to the database was lost; nothing was written.";
      case UNAVAILABLE -> "The database is unavailable for now; nothing was written.";
      case STORAGE_FULL ->
          "The cluster has reached its storage limit; nothing was written. Remove rows or tables, or"
              + " have the limit raised.";
      case CERTIFICATE_UNTRUSTED -> untrusted(e);
      case ACCESS_DENIED -> "The database refused the login" + refused(e);
      case TOO_MANY_CONNECTIONS -> "The cluster has reached its limit on connections.";
      case CONNECTION_RATE_EXCEEDED ->
          "The cluster has reached its limit on new connections per second.";
      case PERMISSION_DENIED ->
          "The function's database user may not do this with table " + table + ".";
      case TABLE_NOT_FOUND -> "There is no table " + table + " in the function's schema.";
      case TABLE_EXISTS -> "The table " + table + " already exists.";
      case COLUMN_NOT_FOUND -> "The table " + table + " lacks a column that the request names.";
      case STATEMENT_REFUSED -> Refusals.statement(e, request, table);
      case UNSUPPORTED -> Refusals.unsupported(request, table);
      case STATEMENT_TOO_COMPLEX -> Refusals.tooComplex(e, table);
      case UNIQUE_VIOLATION -> violated("A row with the same key exists", e);
      case FOREIGN_KEY_VIOLATION ->
          violated(
              Refusals.isStillReferenced(e)
                  ? "The key of a row cannot change, because other rows still reference it"
                  : "A referenced row is missing",
              e);
      case CHECK_VIOLATION -> violated("A row does not satisfy a check", e);
      case NOT_NULL_VIOLATION ->
          "A column that must not be null got no value"
              + SqlFailure.column(e).map(column -> " (" + column + ")").orElse("")
              + "; nothing was written.";
      case INVALID_VALUE ->
          request.isPresent() && request.get() instanceof Create
              ? "The form or the range of a type or a value is not one that the database accepts."
              : request.isPresent() && request.get() instanceof Query query
                  ? Refusals.valueOfQuery(query)
                  : "A value does not fit its column; nothing was written.";
      case TRANSACTION_TOO_LARGE -> ExceededLimits.text(e, request);
      case STALE_STATEMENT, UNKNOWN -> "The database answered with an error; nothing was written.";
    };
  }

  private static String refused(SQLException e) {
    return switch (SqlFailure.refusal(e)) {
      case TOKEN_EXPIRED -> ": token expired. Check the function's clock.";
      case NOT_AUTHORIZED ->
          ": not authorized. Allow the function's role dsql:DbConnectAdmin for admin, dsql:DbConnect"
              + " for any other user, and map that user to the role.";
      case WRONG_ACTION ->
          ": wrong action. The user admin needs a DbConnectAdmin token, any other user a DbConnect"
              + " token.";
      case OTHER -> ". Check the function's role, region and database user.";
    };
  }

  private static String untrusted(SQLException e) {
    String reason =
        switch (Distrust.of(e).orElse(Distrust.OTHER)) {
          case UNKNOWN_AUTHORITY -> "no authority that the function trusts has signed it";
          case OTHER_NAME -> "it is for another name";
          case EXPIRED -> "it has expired";
          case NOT_YET_VALID -> "it is not valid yet";
          case NO_TRUST_STORE -> "the function's trust store is empty or cannot be read";
          case OTHER -> "it does not meet the function's requirements";
        };
    return "The certificate of the server at the database's endpoint is not trusted: "
        + reason
        + "; nothing was written. No login was tried. Check the name in CLUSTER_ENDPOINT, the trust"
        + " store and clock of the function (JAVA_TOOL_OPTIONS may name another store), and whether"
        + " a proxy stands in between.";
  }

  private static String violated(String sentence, SQLException e) {
    return sentence
        + SqlFailure.constraint(e).map(name -> " (constraint " + name + ")").orElse("")
        + "; nothing was written.";
  }
}
