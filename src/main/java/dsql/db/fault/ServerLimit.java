package dsql.db.fault;

import java.sql.SQLException;
import java.util.List;
import java.util.Locale;

/// Which limit of the database was exceeded. One SQLSTATE, 54000, has more than a dozen causes;
/// only the beginning of the server's message distinguishes them, in upper or lower case.
public enum ServerLimit {
  ROWS("transaction row limit"),
  BYTES("transaction size limit"),
  AGE("transaction age limit"),
  /// The second text is PostgreSQL's own.
  KEY("key size", "index row "),
  VALUE("datatype limit", "maximum column size"),
  ROW("maximum row size", "row is too big"),
  MEMORY("query requires"),
  /// The number of tables, indexes, columns and the like; only DDL can exceed it.
  CATALOG("more than ", "creating more than ", "tables can have at most ", "cannot use more than "),
  /// A limit that is not known here.
  OTHER;

  private static final String OUT_OF_MEMORY = "53200";

  @SuppressWarnings("ImmutableEnumChecker") // Of List.of.
  private final List<String> beginnings;

  ServerLimit(String... beginnings) {
    this.beginnings = List.of(beginnings);
  }

  /// The limit behind a [SqlFailure#TRANSACTION_TOO_LARGE].
  public static ServerLimit of(SQLException exception) {
    if (SqlFailure.sqlState(exception).orElse("").equals(OUT_OF_MEMORY)) {
      return MEMORY;
    }
    String message = SqlFailure.sentence(exception).toLowerCase(Locale.ROOT);
    for (ServerLimit limit : values()) {
      if (limit.beginnings.stream().anyMatch(message::startsWith)) {
        return limit;
      }
    }
    return OTHER;
  }

  /// Whether a single value, row or key exceeds it, whatever else is written with it.
  public boolean isOfOneRow() {
    return this == KEY || this == VALUE || this == ROW;
  }
}
