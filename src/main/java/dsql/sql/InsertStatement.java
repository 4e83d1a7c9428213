package dsql.sql;

import dsql.action.Identifier;
import java.util.List;

/// One or several statements that are sent at once, all without RETURNING.
public sealed interface InsertStatement {

  /// One statement.
  sealed interface Single extends InsertStatement {

    /// Its text and parameters.
    Sql sql();

    /// Whether it may be a transaction by itself: nothing is to be looked at after it.
    default boolean commitsItself() {
      return !(this instanceof Values values) || values.compared().isEmpty();
    }
  }

  /// Several rows at once.
  ///
  /// @param rows how many
  /// @param arrays whether each column is one parameter, rather than each value
  /// @param first the first row's index in the request
  /// @param compared columns whose values must turn out, before the commit, to be stored as given
  record Values(Sql sql, int rows, boolean arrays, int first, List<Identifier> compared)
      implements Single {
    public Values {
      compared = List.copyOf(compared);
    }
  }

  /// One row that may be skipped.
  record Upsert(Sql sql) implements Single {}

  /// Rows that may be skipped, each with a text of its own.
  record Pipeline(List<Sql> rows) implements InsertStatement {
    public Pipeline {
      rows = List.copyOf(rows);
    }
  }

  /// Rows that may be skipped, all with the same text, of which nothing is returned: the driver
  /// would wait for each row's answer before it sends the next, where its width has no bound.
  ///
  /// @param rows the parameters of each
  record RowByRow(String text, List<List<Parameter>> rows) implements InsertStatement {
    public RowByRow {
      rows = List.copyOf(rows);
    }
  }
}
