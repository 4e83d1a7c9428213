package dsql.db.insert;

import dsql.action.Insert;
import dsql.action.Row;
import dsql.action.Value;

/// Decides how many rows one chunk has. Confined to one request.
final class ChunkSize {

  /// Limit on the bytes of a chunk's values: half of the 10 MiB that DSQL allows a transaction, of
  /// which rows and index entries take up some too.
  private static final int MAX_BYTES = 5 * 1024 * 1024;

  private final Insert insert;
  private int maxRows;

  ChunkSize(Insert insert, int maxRows) {
    this.insert = insert;
    this.maxRows = maxRows;
  }

  /// Halves the chunks, because the server refused the one that begins at a row as too large.
  ///
  /// @return false when that chunk has only one row
  boolean halves(int from) {
    int rows = end(from) - from;
    maxRows = Math.max(1, rows / 2);
    return rows > 1;
  }

  /// The row after the last one of the chunk that begins at a row.
  int end(int from) {
    int end = Math.min(insert.rows().size(), from + maxRows);
    long bytes = 0;
    for (int i = from; i < end; i++) {
      bytes += bytes(insert.rows().get(i));
      if (bytes > MAX_BYTES && i > from) {
        return i;
      }
    }
    return end;
  }

  private static long bytes(Row row) {
    long bytes = 0;
    for (Value value : row.values()) {
      bytes +=
          switch (value) {
            case Value.Text(String text) -> 3L * text.length();
            case Value.Structure(String json) -> 3L * json.length();
            case Value.Num(String literal) -> literal.length();
            case Value.Null _, Value.Bool _ -> 1;
          };
    }
    return bytes;
  }
}
