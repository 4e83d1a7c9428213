package dsql.db;

import dsql.action.Failure;
import dsql.action.Problem;
import dsql.action.Query;
import dsql.action.Result.ColumnHead;
import dsql.action.Result.Queried;
import dsql.action.Result.Truncation;
import dsql.action.Rows;
import dsql.json.JsonWriter;
import dsql.sql.SelectSql;
import dsql.sql.TableShape;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.postgresql.PGStatement;

/// Reads one page in a read-only transaction.
final class SelectRows {

  private SelectRows() {}

  static Queried run(Connection connection, Query query, TableShape shape, PageLimit limit)
      throws SQLException {
    SelectSql select = SelectSql.of(query, shape);
    // The driver sends the three as one batch: a single round trip, where setReadOnly and commit
    // would take two. It does so while it has not described the SELECT for a server-side statement,
    // after which it fears a deadlock with a server that sends rows of any width: so never prepare.
    // A failure leaves the transaction open, and the lease rolls it back.
    String text = "BEGIN READ ONLY; " + select.sql().text() + "; COMMIT";
    try (PreparedStatement statement = connection.prepareStatement(text)) {
      statement.unwrap(PGStatement.class).setPrepareThreshold(0);
      Parameters.bind(statement, select.sql().parameters());
      boolean rows = statement.execute();
      while (!rows) {
        rows = statement.getMoreResults();
      }
      try (ResultSet result = statement.getResultSet()) {
        return page(result, query, select, limit);
      }
    }
  }

  private static Queried page(ResultSet result, Query query, SelectSql select, PageLimit limit)
      throws SQLException {
    RowReader reader = new RowReader(select.columns());
    JsonWriter out = new JsonWriter(16_384).beginArray();
    long room = limit.bytes() - frame(query, select);
    long used = 0;
    int count = 0;
    boolean more = false;
    Optional<Truncation> truncation = Optional.empty();
    while (result.next()) {
      if (count == query.limit()) {
        more = true;
        break;
      }
      int start = out.length();
      reader.write(result, out);
      used += limit.counted(out, start);
      if (used > room) {
        if (count == 0) {
          throw new Failure(
              Problem.of(
                  Problem.Code.ROW_TOO_LARGE,
                  "The first row of this page alone is larger than a reply can be. Select fewer"
                      + " columns."));
        }
        out.truncate(start);
        more = true;
        truncation = Optional.of(Truncation.BYTES);
        break;
      }
      count++;
    }
    out.endArray();
    return new Queried(
        query.table(), select.columns(), new Rows(out.toByteArray(), count), more, truncation);
  }

  /// What the reply holds besides its rows, at most: six bytes for each byte of a name, escaped
  /// twice over.
  private static long frame(Query query, SelectSql select) {
    long names = query.table().name().length();
    for (ColumnHead column : select.columns()) {
      names += column.name().length() + column.type().sql().length() + 8;
    }
    return PageLimit.FRAME + 12 * names;
  }
}
