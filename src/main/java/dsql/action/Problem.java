package dsql.action;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a caller hears of a failure, after [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457). It
/// carries no host, user, token, stack trace, SQL text, nor the values of other rows. Whatever the
/// request, it has less than 64 KiB: what it repeats is cut.
///
/// @param detail what happened and what to do about it, for people
/// @param sqlState the database's code, where it gave one
/// @param action the action, once it is known
/// @param errors the faults of an invalid request
/// @param differences how a standing table differs from the one asked for
/// @param attempts how often the transaction was tried; zero where none was
/// @param retryable whether the same request may succeed later, with nothing done twice
/// @param outcome what became of what the request asked for
public record Problem(
    Code code,
    String detail,
    Optional<String> sqlState,
    Optional<ActionName> action,
    List<Fault> errors,
    List<String> differences,
    int attempts,
    boolean retryable,
    Outcome outcome) {

  /// Bytes of the detail at most: it repeats the first fault.
  private static final int DETAIL_BYTES = 2_500;

  private static final int DIFFERENCE_BYTES = 1_200;

  /// Differences told at most.
  private static final int MAX_DIFFERENCES = 30;

  public Problem {
    detail = Excerpt.of(detail, DETAIL_BYTES);
    errors = List.copyOf(errors);
    differences = cut(differences);
  }

  private static List<String> cut(List<String> differences) {
    int told = Math.min(MAX_DIFFERENCES, differences.size());
    List<String> cut = new ArrayList<>(told + 1);
    for (String difference : differences.subList(0, told)) {
      cut.add(Excerpt.of(difference, DIFFERENCE_BYTES));
    }
    if (told == MAX_DIFFERENCES && told < differences.size()) {
      cut.set(told - 1, "and " + (differences.size() - told + 1) + " more");
    }
    return List.copyOf(cut);
  }

  /// A problem that needs no more than its code and detail.
  public static Problem of(Code code, String detail) {
    return new Problem(
        code,
        detail,
        Optional.empty(),
        Optional.empty(),
        List.of(),
        List.of(),
        0,
        code.retryable(),
        code.outcome());
  }

  /// The problem of a request with those faults.
  public static Problem invalid(String detail, List<Fault> errors) {
    return new Problem(
        Code.INVALID_REQUEST,
        detail,
        Optional.empty(),
        Optional.empty(),
        errors,
        List.of(),
        0,
        false,
        Outcome.NOT_COMMITTED);
  }

  /// The problem of a standing table with those differences.
  public static Problem mismatch(String detail, List<String> differences) {
    return new Problem(
        Code.SCHEMA_MISMATCH,
        detail,
        Optional.empty(),
        Optional.empty(),
        List.of(),
        differences,
        0,
        false,
        Outcome.NOT_COMMITTED);
  }

  /// The same problem, of that action.
  public Problem in(ActionName action) {
    return new Problem(
        code,
        detail,
        sqlState,
        Optional.of(action),
        errors,
        differences,
        attempts,
        retryable,
        outcome);
  }

  /// The same problem, with the database's code.
  public Problem withSqlState(Optional<String> sqlState) {
    return new Problem(
        code, detail, sqlState, action, errors, differences, attempts, retryable, outcome);
  }

  /// The same problem, with what of the request it is about.
  public Problem at(List<Fault> faults) {
    return new Problem(
        code, detail, sqlState, action, faults, differences, attempts, retryable, outcome);
  }

  /// The same problem, after so many attempts.
  public Problem after(int attempts) {
    return new Problem(
        code, detail, sqlState, action, errors, differences, attempts, retryable, outcome);
  }

  /// The same problem, of a request that may be sent again whatever became of it.
  public Problem repeatable() {
    return new Problem(
        code, detail, sqlState, action, errors, differences, attempts, true, outcome);
  }

  /// The same problem, of a request that meets it again whenever it is sent.
  public Problem lasting() {
    return new Problem(
        code, detail, sqlState, action, errors, differences, attempts, false, outcome);
  }

  /// The same problem, of a keyed insert whose ledger row was not read: nothing was written now,
  /// but perhaps before.
  public Problem beforeTheLook() {
    return new Problem(
        code,
        detailWith("this attempt wrote nothing")
            + " An earlier one under the same key may have written the rows: the same request, sent"
            + " again, tells.",
        sqlState,
        action,
        errors,
        differences,
        attempts,
        retryable,
        Outcome.UNKNOWN);
  }

  /// The same problem, of one chunk of a request whose earlier chunks are in.
  public Problem ofChunk() {
    return new Problem(
        code,
        detailWith("nothing of this chunk was written"),
        sqlState,
        action,
        errors,
        differences,
        attempts,
        retryable,
        outcome);
  }

  private String detailWith(String written) {
    return detail.replace("nothing was written", written).replace("nothing was done", written);
  }

  /// The same problem, of a request of which a part is done, and which may be sent again for the
  /// rest.
  public Problem partly(String detail) {
    return partly(detail, true);
  }

  /// The same problem, of a request of which a part is done.
  public Problem partly(String detail, boolean retryable) {
    return new Problem(
        code, detail, sqlState, action, errors, differences, attempts, retryable, Outcome.PARTIAL);
  }

  /// What a function error is, for those who catch it by class.
  public enum Category {
    /// The caller's to mend.
    REJECTED,
    /// Transactions kept getting in each other's way; nothing was written.
    CONFLICT,
    /// Not now; nothing was written.
    UNAVAILABLE,
    /// It cannot be told whether the rows were written.
    OUTCOME_UNKNOWN
  }

  /// Every problem there is.
  public enum Code {
    MALFORMED_JSON(400, "Malformed JSON", Category.REJECTED, false),
    UNKNOWN_EVENT(400, "Unknown event", Category.REJECTED, false),
    INVALID_REQUEST(400, "Invalid request", Category.REJECTED, false),
    CURSOR_MISMATCH(400, "Cursor of another query", Category.REJECTED, false),
    ACTION_NOT_ALLOWED(403, "Action not allowed", Category.REJECTED, false),
    PERMISSION_DENIED(403, "Permission denied", Category.REJECTED, false),
    TABLE_NOT_FOUND(404, "Table not found", Category.REJECTED, false),
    METHOD_NOT_ALLOWED(405, "Method not allowed", Category.REJECTED, false),
    REQUEST_TOO_LARGE(413, "Request too large", Category.REJECTED, false),
    ROW_TOO_LARGE(413, "Row too large", Category.REJECTED, false),
    UNSUPPORTED_MEDIA_TYPE(415, "Unsupported media type", Category.REJECTED, false),
    UNIQUE_VIOLATION(409, "Key already exists", Category.REJECTED, false),
    FOREIGN_KEY_VIOLATION(409, "Foreign key violation", Category.REJECTED, false),
    ALREADY_EXISTS(409, "Already exists", Category.REJECTED, false),
    SCHEMA_MISMATCH(409, "Table differs", Category.REJECTED, false),
    CHECK_VIOLATION(422, "Check violation", Category.REJECTED, false),
    NOT_NULL_VIOLATION(422, "Value missing", Category.REJECTED, false),
    INVALID_VALUE(422, "Invalid value", Category.REJECTED, false),
    TRANSACTION_TOO_LARGE(422, "Transaction too large", Category.REJECTED, false),
    IDEMPOTENCY_KEY_REUSED(422, "Idempotency key reused", Category.REJECTED, false),
    TOO_MANY_CONNECTIONS(429, "Too many connections", Category.UNAVAILABLE, true),
    CONNECTION_RATE_EXCEEDED(429, "Connection rate exceeded", Category.UNAVAILABLE, true),
    INTERNAL(500, "Internal error", Category.UNAVAILABLE, false),
    CERTIFICATE_UNTRUSTED(503, "Certificate not trusted", Category.UNAVAILABLE, false),
    CONFLICT_EXHAUSTED(503, "Transaction conflict", Category.CONFLICT, true),
    DATABASE_UNAVAILABLE(503, "Database unavailable", Category.UNAVAILABLE, true),
    ACCESS_DENIED(503, "Access denied by the database", Category.UNAVAILABLE, false),
    OUTCOME_UNKNOWN(503, "Outcome unknown", Category.OUTCOME_UNKNOWN, false),
    DEADLINE_EXCEEDED(504, "Deadline exceeded", Category.UNAVAILABLE, true);

    private final int status;
    private final String title;
    private final Category category;
    private final boolean retryable;

    Code(int status, String title, Category category, boolean retryable) {
      this.status = status;
      this.title = title;
      this.category = category;
      this.retryable = retryable;
    }

    /// The HTTP status.
    public int status() {
      return status;
    }

    /// The same for every problem of this code.
    public String title() {
      return title;
    }

    public Category category() {
      return category;
    }

    /// Whether such a request may usually succeed later, with nothing done twice.
    public boolean retryable() {
      return retryable;
    }

    /// What became of the transaction.
    public Outcome outcome() {
      return category == Category.OUTCOME_UNKNOWN ? Outcome.UNKNOWN : Outcome.NOT_COMMITTED;
    }
  }

  /// What became of the transaction.
  public enum Outcome {
    NOT_COMMITTED,
    PARTIAL,
    UNKNOWN
  }
}
