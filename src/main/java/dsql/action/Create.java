package dsql.action;

import java.util.List;

/// Creates a table and its indexes.
///
/// @param primaryKey empty for a table without one
/// @param unique the unique constraints, each a list of columns
/// @param awaitIndexes whether to wait for the index builds within the deadline
public record Create(
    Identifier table,
    List<Column> columns,
    List<Identifier> primaryKey,
    List<List<Identifier>> unique,
    List<Index> indexes,
    IfExists ifExists,
    boolean awaitIndexes)
    implements Request {

  /// Columns of a key or an index at most, see [DSQL's
  /// quotas](https://docs.aws.amazon.com/aurora-dsql/latest/userguide/CHAP_quotas.html).
  public static final int MAX_KEY_COLUMNS = 8;

  /// Columns of a table at most.
  public static final int MAX_COLUMNS = 255;

  /// Indexes of a table at most, the primary key among them.
  public static final int MAX_INDEXES = 24;

  /// What to do about a table that stands already.
  public enum IfExists {
    /// Compare it with the one asked for, and add missing indexes.
    VERIFY,
    /// Refuse.
    ERROR
  }

  /// A secondary index.
  public record Index(Identifier name, List<Identifier> columns) {
    public Index {
      columns = List.copyOf(columns);
    }
  }

  public Create {
    columns = List.copyOf(columns);
    primaryKey = List.copyOf(primaryKey);
    unique = unique.stream().map(List::copyOf).toList();
    indexes = List.copyOf(indexes);
    if (columns.isEmpty()) {
      throw new IllegalArgumentException("a table needs a column: " + table);
    }
  }
}
