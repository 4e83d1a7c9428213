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

/// Some rows of an insert, checked against their table and encoded, as statements to be run in
/// order in one transaction. Safe for concurrent use.
///
/// @param shape what they were checked against
/// @param from the first row
/// @param to the row after the last
/// @param arrays whether many rows may be one array for each column
record InsertPlan(
    TableShape shape, int from, int to, boolean arrays, List<InsertStatement> statements) {

  InsertPlan {
    statements = List.copyOf(statements);
  }

  /// The plan for rows, in the forms that may be used.
  ///
  /// @param last an earlier plan of the same insert, which is the answer where it still holds: the
  ///   values of thousands of rows are encoded once, however often they are sent
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
