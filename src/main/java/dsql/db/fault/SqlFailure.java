package dsql.db.fault;

import dsql.action.Problem;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/// The kind of a database failure. SQLSTATE alone decides it, because an error's text may contain a
/// user's words. Refused logins are the one exception: they share 08006 with lost connections, and
/// only they come with a message of the server.
public enum SqlFailure {
  /// Another transaction committed first; this one may run again (40001).
  CONFLICT(Problem.Code.CONFLICT_EXHAUSTED),
  /// The connection is lost or in an unknown state (08, 57P).
  CONNECTION_LOST(Problem.Code.DATABASE_UNAVAILABLE),
  /// The server cannot serve the request now (57, 53 except 53100 and 53200, XX000).
  UNAVAILABLE(Problem.Code.DATABASE_UNAVAILABLE),
  /// The cluster's storage is full (53100).
  STORAGE_FULL(Problem.Code.DATABASE_UNAVAILABLE),
  /// The server's certificate was not accepted, for the reason in [Distrust]. Nothing was sent.
  CERTIFICATE_UNTRUSTED(Problem.Code.CERTIFICATE_UNTRUSTED),
  ACCESS_DENIED(Problem.Code.ACCESS_DENIED),
  TOO_MANY_CONNECTIONS(Problem.Code.TOO_MANY_CONNECTIONS),
  CONNECTION_RATE_EXCEEDED(Problem.Code.CONNECTION_RATE_EXCEEDED),
  PERMISSION_DENIED(Problem.Code.PERMISSION_DENIED),
  TABLE_NOT_FOUND(Problem.Code.TABLE_NOT_FOUND),
  TABLE_EXISTS(Problem.Code.ALREADY_EXISTS),
  /// The table changed since its shape was read (42703).
  COLUMN_NOT_FOUND(Problem.Code.INVALID_REQUEST),
  /// The table does not allow the statement: its conflict target has no key, for example (42, 21),
  /// or a view takes no rows (55000).
  STATEMENT_REFUSED(Problem.Code.INVALID_REQUEST),
  /// The database does not support the statement, perhaps for this table only (0A000).
  UNSUPPORTED(Problem.Code.INVALID_REQUEST),
  /// The statement or the table has too many columns, arguments or levels (54, except 54000).
  STATEMENT_TOO_COMPLEX(Problem.Code.INVALID_REQUEST),
  /// A server-side statement was prepared before a change of its table, or no longer exists (0A000,
  /// 26000). Nothing was run. The driver has dropped the statement, and prepares it again for the
  /// next run.
  STALE_STATEMENT(Problem.Code.INTERNAL),
  UNIQUE_VIOLATION(Problem.Code.UNIQUE_VIOLATION),
  FOREIGN_KEY_VIOLATION(Problem.Code.FOREIGN_KEY_VIOLATION),
  CHECK_VIOLATION(Problem.Code.CHECK_VIOLATION),
  NOT_NULL_VIOLATION(Problem.Code.NOT_NULL_VIOLATION),
  INVALID_VALUE(Problem.Code.INVALID_VALUE),
  /// A transaction, a value, a table or a statement's memory exceeds a limit (54000, 53200);
  /// [ServerLimit] says which.
  TRANSACTION_TOO_LARGE(Problem.Code.TRANSACTION_TOO_LARGE),
  UNKNOWN(Problem.Code.INTERNAL);

  private final Problem.Code code;

  SqlFailure(Problem.Code code) {
    this.code = code;
  }

  /// The code of the caller's problem.
  public Problem.Code code() {
    return code;
  }

  /// Whether the connection must not be used again.
  public boolean breaksConnection() {
    return this == CONNECTION_LOST;
  }

  /// Whether the same request will fail again until somebody removes the cause.
  public boolean lasts() {
    return this == STORAGE_FULL || this == CERTIFICATE_UNTRUSTED;
  }

  /// Whether the current attempt can read nothing more: its connection is unusable, or the whole
  /// transaction has to run again.
  public boolean endsAttempt() {
    return switch (this) {
      case CONFLICT, CONNECTION_LOST, UNAVAILABLE, STALE_STATEMENT -> true;
      default -> false;
    };
  }

  /// Whether an outdated shape of the table may be the reason for the refusal: the statement does
  /// not fit the table, or a value was encoded for a column of another type.
  public boolean mayRestOnShape() {
    return switch (this) {
      case CONFLICT,
          CONNECTION_LOST,
          UNAVAILABLE,
          STORAGE_FULL,
          CERTIFICATE_UNTRUSTED,
          ACCESS_DENIED,
          TOO_MANY_CONNECTIONS,
          CONNECTION_RATE_EXCEEDED,
          STALE_STATEMENT,
          STATEMENT_TOO_COMPLEX ->
          false;
      default -> true;
    };
  }

  /// Whether the server refused the statement itself, and not the data that it found.
  public boolean isOfStatement() {
    return switch (this) {
      case STATEMENT_REFUSED,
          UNSUPPORTED,
          STATEMENT_TOO_COMPLEX,
          COLUMN_NOT_FOUND,
          INVALID_VALUE,
          TRANSACTION_TOO_LARGE ->
          true;
      default -> false;
    };
  }

  /// The kind of failure, by the first known SQLSTATE among the exception, its causes and its next
  /// exceptions, because a batch wraps the one that matters.
  public static SqlFailure of(SQLException exception) {
    return deciding(exception).map(SqlFailure::ofOne).orElse(UNKNOWN);
  }

  /// The SQLSTATE that decided the kind.
  public static Optional<String> sqlState(SQLException exception) {
    return deciding(exception).map(SQLException::getSQLState);
  }

  /// Whether a statement that commits may have done so although it failed. After an error of the
  /// server it has not, unless the server goes down or fails itself (08, 57P, 58, XX) or says that
  /// it may have (40003). After an error of the driver it may have, because such an error can
  /// follow the commit.
  public static boolean leavesCommitUnknown(SQLException exception) {
    Optional<ServerErrorMessage> answer = serverMessage(exception);
    String state = answer.map(ServerErrorMessage::getSQLState).orElse("");
    return answer.isEmpty()
        || Stream.of("08", "40003", "57P", "58", "XX").anyMatch(state::startsWith);
  }

  /// Whether another session's change of the catalog caused the conflict (OC001); the first retry
  /// clears it. Both kinds of conflict share one SQLSTATE, so the code at the end of the server's
  /// message decides.
  public static boolean isSchemaConflict(Exception exception) {
    return exception instanceof SQLException sql
        && of(sql) == CONFLICT
        && sentence(sql).contains("(OC001)");
  }

  /// Why a login was refused. Only the hints of the server's refusals differ.
  public enum Refusal {
    /// The token was too old, or the clocks differ.
    TOKEN_EXPIRED,
    /// The role may not connect.
    NOT_AUTHORIZED,
    /// The token was signed for another kind of user.
    WRONG_ACTION,
    OTHER
  }

  /// Why a login was refused.
  ///
  /// @param exception an [#ACCESS_DENIED]
  public static Refusal refusal(SQLException exception) {
    String hint = serverMessage(exception).map(ServerErrorMessage::getHint).orElse("");
    if (hint.startsWith("Signature expired")) {
      return Refusal.TOKEN_EXPIRED;
    }
    if (hint.startsWith("Wrong user to action mapping")) {
      return Refusal.WRONG_ACTION;
    }
    return hint.contains("is not authorized to") ? Refusal.NOT_AUTHORIZED : Refusal.OTHER;
  }

  /// Whether the server may have refused a statement's form, or several statements at once, and not
  /// the statement's subject. Not every SQLSTATE for unsupported forms is known, so whole classes
  /// count (0A, 25, 2D, 42).
  public static boolean isUnsupported(SQLException exception) {
    String state = serverMessage(exception).map(ServerErrorMessage::getSQLState).orElse("");
    return switch (of(exception)) {
      case STALE_STATEMENT, PERMISSION_DENIED, TABLE_NOT_FOUND, TABLE_EXISTS, COLUMN_NOT_FOUND ->
          false;
      default ->
          // Except a conflict target without a key, and a value for a generated column.
          !state.equals("42P10")
              && !state.equals("428C9")
              && Stream.of("0A", "25", "2D", "42").anyMatch(state::startsWith);
    };
  }

  /// The name of the violated constraint, from the server.
  public static Optional<String> constraint(SQLException exception) {
    return serverMessage(exception)
        .map(ServerErrorMessage::getConstraint)
        .or(() -> namedAfter("constraint \"", exception));
  }

  /// The name of the column in question, from the server.
  public static Optional<String> column(SQLException exception) {
    return serverMessage(exception)
        .map(ServerErrorMessage::getColumn)
        .or(() -> namedAfter("column \"", exception));
  }

  /// A name from the server's message, because DSQL is not known to send it in a field of its own.
  /// The messages of violated constraints contain names only; values are in their details.
  private static Optional<String> namedAfter(String word, SQLException exception) {
    if (!sqlState(exception).orElse("").startsWith("23")) {
      return Optional.empty();
    }
    String message = sentence(exception);
    int begin = message.indexOf(word) + word.length();
    int end = message.indexOf('"', begin);
    return begin < word.length() || end < 0
        ? Optional.empty()
        : Optional.of(message.substring(begin, end));
  }

  /// The server's message. Repeat it only where it cannot contain a row's values.
  public static String sentence(SQLException exception) {
    return serverMessage(exception).map(ServerErrorMessage::getMessage).orElse("");
  }

  /// Whether a login was refused for the settings that it requests. DSQL refuses a setting with
  /// 0A000, PostgreSQL with an SQLSTATE of class 42 or 22.
  public static boolean refusesSettings(SQLException login) {
    String state = serverMessage(login).map(ServerErrorMessage::getSQLState).orElse("");
    return state.equals("0A000")
        || (!state.equals("42501") && (state.startsWith("42") || state.startsWith("22")));
  }

  /// The column of a violated key, if it has only one. Of the server's detail, `Key (owner)=(7) is
  /// not present`, nothing else is used, because it contains values.
  public static Optional<String> keyColumn(SQLException exception) {
    String detail = serverMessage(exception).map(ServerErrorMessage::getDetail).orElse("");
    int end = detail.indexOf(")=(");
    return detail.startsWith("Key (") && end > 0 && detail.indexOf(", ") < 0
        ? Optional.of(detail.substring("Key (".length(), end).replace("\"", ""))
        : Optional.empty();
  }

  private static Optional<SQLException> deciding(SQLException exception) {
    return chain(exception)
        .filter(one -> ofOne(one) != UNKNOWN)
        .findFirst()
        .or(() -> chain(exception).filter(one -> one.getSQLState() != null).findFirst());
  }

  /// The server's message object. A batch exception has none, only the state of the exception that
  /// it wraps.
  private static Optional<ServerErrorMessage> serverMessage(SQLException exception) {
    return chain(exception).flatMap(one -> Stream.ofNullable(ownMessage(one))).findFirst();
  }

  /// The exception, its causes and next exceptions, the outermost first.
  private static Stream<SQLException> chain(SQLException exception) {
    Deque<Throwable> open = new ArrayDeque<>();
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    List<SQLException> chain = new ArrayList<>();
    open.add(exception);
    while (!open.isEmpty()) {
      Throwable one = open.remove();
      if (!seen.add(one)) {
        continue;
      }
      if (one instanceof SQLException sql) {
        chain.add(sql);
        Stream.ofNullable(sql.getNextException()).forEach(open::add);
      }
      Stream.ofNullable(one.getCause()).forEach(open::add);
    }
    return chain.stream();
  }

  private static @Nullable ServerErrorMessage ownMessage(SQLException exception) {
    return exception instanceof PSQLException postgres ? postgres.getServerErrorMessage() : null;
  }

  /// The kind of an 08006. Without a server message it is the driver's. With one it is a refused
  /// login, whose hint has the reason, or a cluster that is waking up; neither contains a user's
  /// words.
  private static SqlFailure ofLogin(SQLException exception) {
    ServerErrorMessage message = ownMessage(exception);
    if (message == null) {
      return Distrust.of(exception).isPresent() ? CERTIFICATE_UNTRUSTED : CONNECTION_LOST;
    }
    boolean refused =
        message.getHint() != null || String.valueOf(message.getMessage()).endsWith("access denied");
    return refused ? ACCESS_DENIED : UNAVAILABLE;
  }

  /// A batch exception has the state only; the message is in the exception that it wraps.
  private static boolean isStale(SQLException exception) {
    return sentence(exception).startsWith("cached plan must not change result type");
  }

  private static SqlFailure ofOne(SQLException exception) {
    String state = String.valueOf(exception.getSQLState());
    return switch (state) {
      case "40001" -> CONFLICT;
      case "08006" -> ofLogin(exception);
      case "57P01", "57P02", "57P03", "57P04", "57P05" -> CONNECTION_LOST;
      case "28000", "28P01" -> ACCESS_DENIED;
      case "53100" -> STORAGE_FULL;
      case "53300" -> TOO_MANY_CONNECTIONS;
      case "53400" -> CONNECTION_RATE_EXCEEDED;
      case "42501" -> PERMISSION_DENIED;
      case "42P01", "3F000" -> TABLE_NOT_FOUND;
      // The second is about the table's row type, when two sessions create the table at once.
      case "42P07", "42710" -> TABLE_EXISTS;
      case "42703" -> COLUMN_NOT_FOUND;
      case "23505" -> UNIQUE_VIOLATION;
      case "23503" -> FOREIGN_KEY_VIOLATION;
      case "23514" -> CHECK_VIOLATION;
      case "23502" -> NOT_NULL_VIOLATION;
      // The check option of a view.
      case "44000" -> CHECK_VIOLATION;
      case "55000" -> STATEMENT_REFUSED;
      case "54000", "53200" -> TRANSACTION_TOO_LARGE;
      case "XX000" -> UNAVAILABLE;
      case "26000" -> STALE_STATEMENT;
      case "0A000" -> isStale(exception) ? STALE_STATEMENT : UNSUPPORTED;
      default ->
          switch (state.substring(0, Math.min(2, state.length()))) {
            case "08" -> CONNECTION_LOST;
            case "53", "57" -> UNAVAILABLE;
            case "22" -> INVALID_VALUE;
            case "54" -> STATEMENT_TOO_COMPLEX;
            case "21", "42" -> STATEMENT_REFUSED;
            default -> UNKNOWN;
          };
    };
  }
}
