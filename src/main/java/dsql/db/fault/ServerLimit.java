package dsql.db.fault;

import java.sql.SQLException;

/// Which limit of the database was met. One SQLSTATE, 54000, has more than a dozen causes, which
/// only the beginning of the server's message tells apart.
public enum ServerLimit {
  ROWS,
  BYTES,
  AGE,
  KEY,
  VALUE,
  ROW,
  MEMORY,
  /// One that is not known here.
  OTHER;

  /// The limit that a [SqlFailure#TRANSACTION_TOO_LARGE] is about.
  public static ServerLimit of(SQLException exception) {
    if (SqlFailure.sqlState(exception).orElse("").equals("53200")) {
      return MEMORY;
    }
    String message = SqlFailure.message(exception);
    if (message.startsWith("transaction row limit")) {
      return ROWS;
    }
    if (message.startsWith("transaction size limit")) {
      return BYTES;
    }
    if (message.startsWith("transaction age limit")) {
      return AGE;
    }
    // The second is PostgreSQL's own.
    if (message.startsWith("key size") || message.startsWith("index row size")) {
      return KEY;
    }
    if (message.startsWith("datatype limit") || message.startsWith("maximum column size")) {
      return VALUE;
    }
    if (message.startsWith("maximum row size")) {
      return ROW;
    }
    return message.startsWith("query requires") ? MEMORY : OTHER;
  }
}
