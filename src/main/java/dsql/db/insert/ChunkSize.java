package dsql.db.insert;

import dsql.action.Insert;
import dsql.action.Row;
import dsql.action.Value;

/// How many rows go into one chunk. Confined to one request.
final class ChunkSize {

  /// The most bytes of values in a chunk: of DSQL's 10 MiB for a transaction, each row and each
  /// index take a part.
  private static final int MAX_BYTES = 5 * 1024 * 1024;

  private final Insert insert;
  private int maxRows;

  /// @param maxRows the most rows of a chunk
  ChunkSize(Insert insert, int maxRows) {
    this.insert = insert;
    this.maxRows = maxRows;
  }

  /// Halves the chunks, for the server refused the one that begins there as too large.
  ///
  /// @return false where it has one row only
  boolean halves(int from) {
    int rows = end(from) - from;
    maxRows = Math.max(1, rows / 2);
    return rows > 1;
  }

  /// The row after the last of the chunk that begins there.
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
