package dsql.action;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The failure as the caller sees it, after [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457). It
/// contains no host, user, token, stack trace, SQL text or values of other rows. It is always
/// smaller than 64 KiB, because long texts that it repeats from the request are cut.
///
/// @param detail what happened and what to do about it, for people
/// @param sqlState the database's SQLSTATE, if it sent one
/// @param errors the faults of an invalid request
/// @param differences how the existing table differs from the requested one
/// @param retryable whether the same request may succeed later, with nothing done twice
/// @param outcome whether the requested change was made
public record Problem(
    Code code,
    String detail,
    Optional<String> sqlState,
    List<Fault> errors,
    List<String> differences,
    boolean retryable,
    Outcome outcome) {

  /// Limit on the detail's bytes; it has to hold a whole fault, because it repeats the first one.
  private static final int DETAIL_BYTES = 2_500;

  private static final int DIFFERENCE_BYTES = 1_200;

  /// Limit on the differences in a reply; more are only counted.
  private static final int MAX_DIFFERENCES = 30;

  public Problem {
    detail = Excerpt.of(detail, DETAIL_BYTES);
    errors = List.copyOf(errors);
    differences = cut(differences);
  }

  private static List<String> cut(List<String> differences) {
    int shown = Math.min(MAX_DIFFERENCES, differences.size());
    List<String> cut = new ArrayList<>(shown + 1);
    for (String difference : differences.subList(0, shown)) {
      cut.add(Excerpt.of(difference, DIFFERENCE_BYTES));
    }
    if (shown == MAX_DIFFERENCES && shown < differences.size()) {
      cut.set(shown - 1, "and " + (differences.size() - shown + 1) + " more");
    }
    return List.copyOf(cut);
  }

  /// A problem with a code and a detail only.
  public static Problem of(Code code, String detail) {
    return new Problem(
        code, detail, Optional.empty(), List.of(), List.of(), code.retryable(), code.outcome());
  }

  /// The same problem, with the database's SQLSTATE.
  public Problem withSqlState(Optional<String> sqlState) {
    return new Problem(code, detail, sqlState, errors, differences, retryable, outcome);
  }

  /// The same problem, with the faults of the request.
  public Problem at(List<Fault> errors) {
    return new Problem(code, detail, sqlState, errors, differences, retryable, outcome);
  }

  /// The same problem, with how an existing table differs from the requested one.
  public Problem withDifferences(List<String> differences) {
    return new Problem(code, detail, sqlState, errors, differences, retryable, outcome);
  }

  /// The same problem, for a request that may safely be sent again whatever its outcome.
  public Problem repeatable() {
    return with(detail, true, outcome);
  }

  /// The same problem, for a request that would fail the same way each time.
  public Problem lasting() {
    return with(detail, false, outcome);
  }

  /// The same problem, for a keyed insert whose ledger row was not read: this attempt wrote
  /// nothing, but an earlier one may have.
  public Problem beforeKeyWasRead() {
    return with(
        detailWith("this attempt wrote nothing")
            + " An earlier attempt under the same key may have written the rows: send the same"
            + " request again to find out.",
        retryable,
        Outcome.UNKNOWN);
  }

  /// The same problem, for one chunk of a request whose earlier chunks are committed.
  public Problem ofChunk() {
    return with(detailWith("nothing of this chunk was written"), retryable, outcome);
  }

  private String detailWith(String written) {
    return detail.replace("nothing was written", written).replace("nothing was done", written);
  }

  /// The same problem, for a request that is partly done.
  ///
  /// @param retryable whether the request may be sent again for the rest
  public Problem partly(String detail, boolean retryable) {
    return with(detail, retryable, Outcome.PARTIAL);
  }

  private Problem with(String detail, boolean retryable, Outcome outcome) {
    return new Problem(code, detail, sqlState, errors, differences, retryable, outcome);
  }

  /// Groups problems by the class of the function error, for callers that catch it.
  public enum Category {
    /// The caller has to change the request.
    REJECTED,
    /// Transactions kept conflicting; nothing was written.
    CONFLICT,
    /// The request cannot be served now; nothing was written.
    UNAVAILABLE,
    /// It is not known whether the rows were written.
    OUTCOME_UNKNOWN
  }

  /// All problem codes.
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

    /// The title, which is the same for every problem with this code.
    public String title() {
      return title;
    }

    public Category category() {
      return category;
    }

    /// Whether the same request may succeed later without doing anything twice; a problem may
    /// overrule it.
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
