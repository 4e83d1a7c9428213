package dsql.action;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Inserts rows.
///
/// @param rows at least one; a row maps the columns given to their values, the rest take their
///   defaults
/// @param returning columns to answer for each row; empty for none
/// @param key makes the insert happen once, however often it is sent
public record Insert(
    Identifier table,
    List<Map<Identifier, Value>> rows,
    List<Identifier> returning,
    Optional<OnConflict> onConflict,
    Optional<IdempotencyKey> key,
    Atomicity atomicity)
    implements Request {

  /// Columns that a row names, or a list of columns, at most: DSQL documents 255 of a table and
  /// takes one more.
  public static final int MAX_COLUMNS = 256;

  /// Rows that DSQL changes in one transaction at most.
  public static final int MAX_ROWS = 3000;

  public Insert {
    rows = copies(rows);
    returning = List.copyOf(returning);
    if (rows.isEmpty()) {
      throw new IllegalArgumentException("an insert needs a row: " + table);
    }
    if (atomicity == Atomicity.CHUNK && key.isEmpty()) {
      throw new IllegalArgumentException("chunks need an idempotency key: " + table);
    }
  }

  /// What is done or not done as a whole.
  public enum Atomicity {
    /// All rows, in one transaction.
    ALL,
    /// Chunks of rows, each in a transaction of its own.
    CHUNK
  }

  /// The same insert under a key that came beside it; its own goes first.
  public Insert keyed(IdempotencyKey outside) {
    return key.isPresent()
        ? this
        : new Insert(table, rows, returning, onConflict, Optional.of(outside), atomicity);
  }

  private static List<Map<Identifier, Value>> copies(List<Map<Identifier, Value>> rows) {
    List<Map<Identifier, Value>> copies = new ArrayList<>(rows.size());
    for (Map<Identifier, Value> row : rows) {
      copies.add(Row.copyOf(row));
    }
    return List.copyOf(copies);
  }

  /// One of the rows.
  public Row row(int index) {
    return (Row) rows.get(index);
  }

  /// What to do about a row whose key is taken.
  public sealed interface OnConflict {

    /// The columns of the key that decides.
    List<Identifier> columns();

    /// Skip the row.
    record Nothing(List<Identifier> columns) implements OnConflict {
      public Nothing {
        columns = List.copyOf(columns);
      }
    }

    /// Overwrite columns of the standing row.
    ///
    /// @param set the columns to overwrite; empty for every given one outside the key
    record Update(List<Identifier> columns, Optional<List<Identifier>> set) implements OnConflict {
      public Update {
        columns = List.copyOf(columns);
        set = set.map(List::copyOf);
      }
    }
  }
}
