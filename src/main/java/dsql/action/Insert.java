package dsql.action;

import java.util.List;
import java.util.Optional;

/// Inserts rows.
///
/// @param rows at least one; a row maps its columns to their values, and the table's other columns
///   get their defaults
/// @param returning the columns to return for each row; empty to return none
/// @param key writes the rows once, however often the insert is sent
public record Insert(
    Identifier table,
    List<Row> rows,
    List<Identifier> returning,
    Optional<OnConflict> onConflict,
    Optional<IdempotencyKey> key,
    Atomicity atomicity)
    implements Request {

  /// Limit on the columns of a row or of a list of columns: DSQL documents 255 for a table, and
  /// accepts one more.
  public static final int MAX_COLUMNS = 256;

  /// DSQL's limit on the rows that one transaction changes.
  public static final int MAX_ROWS = 3000;

  public Insert {
    rows = List.copyOf(rows);
    returning = List.copyOf(returning);
    if (rows.isEmpty()) {
      throw new IllegalArgumentException("an insert needs a row: " + table);
    }
    if (atomicity == Atomicity.CHUNK && key.isEmpty()) {
      throw new IllegalArgumentException("chunks need an idempotency key: " + table);
    }
  }

  /// Which rows are committed together.
  public enum Atomicity {
    /// All rows, in one transaction.
    ALL,
    /// Chunks of rows, each in a transaction of its own.
    CHUNK
  }

  /// The same insert with a key from outside the request; a key of its own takes precedence.
  public Insert keyed(IdempotencyKey outside) {
    return key.isPresent()
        ? this
        : new Insert(table, rows, returning, onConflict, Optional.of(outside), atomicity);
  }

  /// What to do about a row whose key is taken.
  public sealed interface OnConflict {

    /// The columns of the key in question.
    List<Identifier> columns();

    /// The condition of the partial unique index that is the key; empty for any other key.
    Optional<Where> where();

    /// A condition of the request.
    ///
    /// @param json its text, by which requests are compared
    record Where(Filter filter, String json) {}

    /// Skip the row.
    record Nothing(List<Identifier> columns, Optional<Where> where) implements OnConflict {
      public Nothing {
        columns = List.copyOf(columns);
      }
    }

    /// Overwrite columns of the existing row.
    ///
    /// @param set the columns to overwrite; empty for all given columns outside the key
    record Update(List<Identifier> columns, Optional<Where> where, Optional<List<Identifier>> set)
        implements OnConflict {
      public Update {
        columns = List.copyOf(columns);
        set = set.map(List::copyOf);
      }
    }
  }
}
