package dsql.db.fault;

import dsql.action.Problem;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/// What went wrong, decided by SQLSTATE alone: an error's text may hold a user's words. The one
/// exception are refused logins, which the server tells from a lost connection by an error message
/// of its own, where the driver's 08006 has none.
public enum SqlFailure {
  /// Another transaction was first; the same transaction may be run again (40001).
  CONFLICT(Problem.Code.CONFLICT_EXHAUSTED),
  /// The connection is gone, or nothing can be known of it (08, 57P).
  CONNECTION_LOST(Problem.Code.DATABASE_UNAVAILABLE),
  /// The server asks to come back later (57, 53 but for 53100 and 53200, XX000).
  UNAVAILABLE(Problem.Code.DATABASE_UNAVAILABLE),
  /// The cluster holds as much as it may (53100).
  STORAGE_FULL(Problem.Code.DATABASE_UNAVAILABLE),
  /// The server's certificate was not accepted; [Distrust] tells why. Nothing was sent.
  CERTIFICATE_UNTRUSTED(Problem.Code.CERTIFICATE_UNTRUSTED),
  ACCESS_DENIED(Problem.Code.ACCESS_DENIED),
  TOO_MANY_CONNECTIONS(Problem.Code.TOO_MANY_CONNECTIONS),
  CONNECTION_RATE_EXCEEDED(Problem.Code.CONNECTION_RATE_EXCEEDED),
  PERMISSION_DENIED(Problem.Code.PERMISSION_DENIED),
  TABLE_NOT_FOUND(Problem.Code.TABLE_NOT_FOUND),
  TABLE_EXISTS(Problem.Code.ALREADY_EXISTS),
  /// The table changed since its shape was read (42703).
  COLUMN_NOT_FOUND(Problem.Code.INVALID_REQUEST),
  /// Another statement that the table does not allow, such as a conflict target without a key (42,
  /// 21), or a view that takes no rows (55000).
  STATEMENT_REFUSED(Problem.Code.INVALID_REQUEST),
  /// The database lacks what the statement needs, of this table perhaps only (0A000).
  UNSUPPORTED(Problem.Code.INVALID_REQUEST),
  /// More columns, arguments or levels than a statement or a table can have (54, but for 54000).
  STATEMENT_TOO_COMPLEX(Problem.Code.INVALID_REQUEST),
  /// A server-side statement has outlived a change of its table, or is gone (0A000, 26000). Nothing
  /// was run; the driver has forgotten it, and prepares it anew when it is run again.
  STALE_STATEMENT(Problem.Code.INTERNAL),
  UNIQUE_VIOLATION(Problem.Code.UNIQUE_VIOLATION),
  FOREIGN_KEY_VIOLATION(Problem.Code.FOREIGN_KEY_VIOLATION),
  CHECK_VIOLATION(Problem.Code.CHECK_VIOLATION),
  NOT_NULL_VIOLATION(Problem.Code.NOT_NULL_VIOLATION),
  INVALID_VALUE(Problem.Code.INVALID_VALUE),
  /// Over a limit of a transaction, a value or a table, or over the memory of a statement (54000,
  /// 53200); [ServerLimit] tells which.
  TRANSACTION_TOO_LARGE(Problem.Code.TRANSACTION_TOO_LARGE),
  UNKNOWN(Problem.Code.INTERNAL);

  private final Problem.Code code;

  SqlFailure(Problem.Code code) {
    this.code = code;
  }

  /// The problem it becomes for the caller.
  public Problem.Code code() {
    return code;
  }

  /// Whether the connection must not be used again.
  public boolean breaksConnection() {
    return this == CONNECTION_LOST;
  }

  /// Whether whoever sends the request again meets it again, until somebody has seen to it.
  public boolean lasts() {
    return this == STORAGE_FULL || this == CERTIFICATE_UNTRUSTED;
  }

  /// Whether nothing more can be read in the attempt at hand: its connection is of no use for it,
  /// or the whole transaction is to run again.
  public boolean endsAttempt() {
    return switch (this) {
      case CONFLICT, CONNECTION_LOST, UNAVAILABLE, STALE_STATEMENT -> true;
      default -> false;
    };
  }

  /// Whether the server may have refused a statement for what the table was taken to be: for what
  /// it says, or for a value that was made for a column of another type.
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

  /// Whether the server refused what a statement says, rather than what it met.
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

  /// What went wrong, by the first SQLSTATE that says so, through causes and next exceptions: a
  /// batch wraps the one that matters.
  public static SqlFailure of(SQLException exception) {
    return deciding(exception).map(SqlFailure::ofOne).orElse(UNKNOWN);
  }

  /// The SQLSTATE that decided.
  public static Optional<String> sqlState(SQLException exception) {
    return deciding(exception).map(SQLException::getSQLState);
  }

  /// Whether what failed may have been committed, when the failure is of a statement that commits:
  /// an error of the server says that it was not, except where the server itself goes down or fails
  /// (08, 57P, 58, XX) or says so (40003); an error of the driver says nothing, for it may come
  /// after the commit.
  public static boolean leavesCommitUnknown(SQLException exception) {
    Optional<ServerErrorMessage> answer = serverMessage(exception);
    String state = answer.map(ServerErrorMessage::getSQLState).orElse("");
    return answer.isEmpty()
        || Stream.of("08", "40003", "57P", "58", "XX").anyMatch(state::startsWith);
  }

  /// Whether a catalog change elsewhere caused a conflict (OC001), which the first retry clears:
  /// both kinds of conflict share one SQLSTATE, and the server's message ends with its own code.
  public static boolean isSchemaConflict(Exception exception) {
    return exception instanceof SQLException sql
        && of(sql) == CONFLICT
        && sentence(sql).contains("(OC001)");
  }

  /// Why a login was refused. The server tells its refusals apart by their hints only.
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

  /// Whether the server may have refused the form of a statement, or that several came at once,
  /// rather than what it is about: which SQLSTATE it has for what it does not support is not known
  /// for everything (0A, 25, 2D, 42).
  public static boolean isUnsupported(SQLException exception) {
    String state = serverMessage(exception).map(ServerErrorMessage::getSQLState).orElse("");
    return switch (of(exception)) {
      case STALE_STATEMENT, PERMISSION_DENIED, TABLE_NOT_FOUND, TABLE_EXISTS, COLUMN_NOT_FOUND ->
          false;
      default ->
          // A conflict target without a key, and a value for a generated column.
          !state.equals("42P10")
              && !state.equals("428C9")
              && Stream.of("0A", "25", "2D", "42").anyMatch(state::startsWith);
    };
  }

  /// The constraint that was violated, as the server names it.
  public static Optional<String> constraint(SQLException exception) {
    return serverMessage(exception)
        .map(ServerErrorMessage::getConstraint)
        .or(() -> namedAfter("constraint \"", exception));
  }

  /// The column that an error is about, as the server names it.
  public static Optional<String> column(SQLException exception) {
    return serverMessage(exception)
        .map(ServerErrorMessage::getColumn)
        .or(() -> namedAfter("column \"", exception));
  }

  /// A name in the server's message: that it also has a field of its own is not known of DSQL. The
  /// messages of violated constraints hold names only; the values are in their details.
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

  /// The server's own message, in small letters; for choosing among texts of ours only, for it may
  /// hold a user's words.
  static String message(SQLException exception) {
    return sentence(exception).toLowerCase(Locale.ROOT);
  }

  /// The server's own message, to be told only where it cannot hold a row's values.
  public static String sentence(SQLException exception) {
    return serverMessage(exception).map(ServerErrorMessage::getMessage).orElse("");
  }

  /// Whether a login was refused for the settings that it asks for. The service's refusal of a
  /// setting is an 0A000; PostgreSQL's are of the classes 42 and 22.
  public static boolean refusesSettings(SQLException login) {
    String state = serverMessage(login).map(ServerErrorMessage::getSQLState).orElse("");
    return state.equals("0A000")
        || (!state.equals("42501") && (state.startsWith("42") || state.startsWith("22")));
  }

  /// Which of some names the server's message has in quotes.
  public static Optional<String> named(SQLException exception, Collection<String> names) {
    String message = sentence(exception);
    return names.stream().filter(name -> message.contains('"' + name + '"')).findFirst();
  }

  private static Optional<SQLException> deciding(SQLException exception) {
    return chain(exception)
        .filter(one -> ofOne(one) != UNKNOWN)
        .findFirst()
        .or(() -> chain(exception).filter(one -> one.getSQLState() != null).findFirst());
  }

  /// The server's own words. A batch has none: it has the state of the exception that it wraps.
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
        addIfPresent(open, sql.getNextException());
      }
      addIfPresent(open, one.getCause());
    }
    return chain.stream();
  }

  private static void addIfPresent(Deque<Throwable> open, @Nullable Throwable next) {
    if (next != null) {
      open.add(next);
    }
  }

  private static @Nullable ServerErrorMessage ownMessage(SQLException exception) {
    return exception instanceof PSQLException postgres ? postgres.getServerErrorMessage() : null;
  }

  /// The driver's own 08006 has no message of the server. The server's means a refused login, whose
  /// reason is in its hint, or a cluster that is waking up; no words of a user stand in either.
  private static SqlFailure ofLogin(SQLException exception) {
    ServerErrorMessage message = ownMessage(exception);
    if (message == null) {
      return Distrust.of(exception).isPresent() ? CERTIFICATE_UNTRUSTED : CONNECTION_LOST;
    }
    boolean refused =
        message.getHint() != null || String.valueOf(message.getMessage()).endsWith("access denied");
    return refused ? ACCESS_DENIED : UNAVAILABLE;
  }

  /// A batch has the state only, and the message in what it wraps.
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
      // The second is of the table's row type, when two sessions create it at once.
      case "42P07", "42710" -> TABLE_EXISTS;
      case "42703" -> COLUMN_NOT_FOUND;
      case "23505" -> UNIQUE_VIOLATION;
      case "23503" -> FOREIGN_KEY_VIOLATION;
      case "23514" -> CHECK_VIOLATION;
      case "23502" -> NOT_NULL_VIOLATION;
      // A check of a view.
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
