package dsql.db.insert;

import dsql.action.Insert;
import dsql.action.InvalidRequest;
import dsql.db.jdbc.ServerFeatures.Choice;
import dsql.db.jdbc.ServerFeatures.Feature;
import dsql.sql.InsertSql;
import dsql.sql.InsertStatement;
import dsql.sql.TableShape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The statements that insert some of a request's rows in one transaction, in order. The rows have
/// been checked against the table's shape and encoded. Safe for concurrent use.
///
/// @param from the first row
/// @param to the row after the last one
/// @param arrays whether many rows may be sent as one array for each column
record InsertPlan(
    TableShape shape, int from, int to, boolean arrays, List<InsertStatement> statements) {

  InsertPlan {
    statements = List.copyOf(statements);
  }

  /// The plan for some rows, with the statements that the server is known to take.
  ///
  /// @param last an earlier plan of the same insert, which is returned if it still holds, so that
  ///   rows are encoded only once however often they are sent
  /// @throws InvalidRequest when a column is unknown or a value does not fit its column
  static InsertPlan of(
      Insert insert, TableShape shape, int from, int to, Choice choice, @Nullable InsertPlan last) {
    boolean arrays =
        to - from >= InsertSql.MANY_ROWS
            && insert.onConflict().isEmpty()
            && insert.returning().isEmpty()
            && choice.uses(Feature.ARRAYS);
    if (last != null
        && last.shape.equals(shape)
        && last.from == from
        && last.to == to
        && last.arrays == arrays) {
      return last;
    }
    return new InsertPlan(shape, from, to, arrays, InsertSql.of(insert, shape, from, to, arrays));
  }
}
