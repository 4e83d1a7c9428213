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

  /// DSQL's limit on the columns of a key or an index, see [its
  /// quotas](https://docs.aws.amazon.com/aurora-dsql/latest/userguide/CHAP_quotas.html).
  public static final int MAX_KEY_COLUMNS = 8;

  /// DSQL's limit on the columns of a table.
  public static final int MAX_COLUMNS = 255;

  /// DSQL's limit on the indexes of a table, its primary key included.
  public static final int MAX_INDEXES = 24;

  /// What to do when the table already exists.
  public enum IfExists {
    /// Compare it with the requested one, and add missing indexes.
    VERIFY,
    /// Refuse the request.
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
