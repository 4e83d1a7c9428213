package dsql.db.jdbc;

import dsql.action.Create;
import dsql.action.Query;
import dsql.action.Request;
import dsql.db.fault.ServerLimit;
import java.sql.SQLException;
import java.util.Optional;

/// Texts for requests that exceed a limit of the database.
final class ExceededLimits {

  private ExceededLimits() {}

  /// The text for a [dsql.db.fault.SqlFailure#TRANSACTION_TOO_LARGE].
  static String text(SQLException exception, Optional<Request> request) {
    ServerLimit limit = ServerLimit.of(exception);
    if (request.isPresent() && request.get() instanceof Query query) {
      return over(limit, "query", "The query exceeds a limit of the database")
          + (query.total()
              ? ". Leave \"total\" out, which reads every row that the filter selects, or narrow the"
                  + " filter."
              : ". Narrow the query by its filter or its limit, or order it by a key or an index.");
    }
    if (request.isPresent() && request.get() instanceof Create) {
      return switch (limit) {
        case KEY -> "The columns of a key are longer than the database allows.";
        case VALUE -> "A type is longer than the database allows.";
        default ->
            over(
                    limit,
                    "statement",
                    "The table or an index exceeds a limit of the database (24 indexes a table with"
                        + " its keys, 8 columns a key, 255 columns a table, 1,000 tables)")
                + '.';
      };
    }
    return overWrite(limit) + "; nothing was written." + remedy(limit);
  }

  private static String over(ServerLimit limit, String subject, String other) {
    return switch (limit) {
      case AGE ->
          "The " + subject + " took longer than the 300 s that the database allows a transaction";
      case MEMORY -> "The " + subject + " needs more memory than the database allows a statement";
      default -> other;
    };
  }

  private static String overWrite(ServerLimit limit) {
    return switch (limit) {
      case ROWS -> "The transaction changes more than 3,000 rows";
      case BYTES -> "The transaction writes more than 10 MiB";
      case KEY ->
          "The values of a row's key or index are longer than the 1 KiB or so that the database"
              + " allows";
      case VALUE ->
          "A value is larger than the 1 MiB that the database stores of one, counted after"
              + " compression";
      case ROW -> "A row is larger than the 2 MiB that the database allows";
      case AGE, MEMORY, CATALOG, OTHER ->
          over(
              limit,
              "transaction",
              "The transaction exceeds a limit of the database (3,000 rows, 10 MiB, 300 s, 2 MiB a"
                  + " row, 1 MiB a value, 1 KiB a key)");
    };
  }

  private static String remedy(ServerLimit limit) {
    return switch (limit) {
      case ROWS, BYTES, AGE, MEMORY -> " Send fewer rows.";
      case KEY -> " Shorten them.";
      case VALUE -> " Shorten it, or split it.";
      case ROW -> " Shorten its values, or split it.";
      case CATALOG, OTHER -> "";
    };
  }
}
