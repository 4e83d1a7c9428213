package dsql.db.query;

import dsql.action.Failure;
import dsql.action.Fault;
import dsql.action.InvalidRequest;
import dsql.action.Problem;
import dsql.action.Query;
import dsql.action.Result.Queried;
import dsql.action.Result.Truncation;
import dsql.action.Rows;
import dsql.codec.ResultEncoder;
import dsql.db.jdbc.ReplyLimit;
import dsql.db.jdbc.RowEncoder;
import dsql.json.JsonWriter;
import dsql.sql.Position;
import dsql.sql.SelectSql;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Writes rows one after the other for as long as the whole reply stays within its limit. Confined
/// to one attempt.
final class Page {

  private static final Rows NONE = new Rows(new byte[] {'[', ']'}, 0);

  private final Query query;
  private final SelectSql select;
  private final ReplyLimit limit;
  private final RowEncoder reader;
  private final JsonWriter out = new JsonWriter(16_384).beginArray();
  private final long frame;
  private long used;
  private int count;
  private Optional<Position> position = Optional.empty();
  private Optional<Truncation> truncation = Optional.empty();
  private OptionalLong total;
  private boolean more;
  private boolean ended;

  /// A row that fits only if no row follows; the next read will show that.
  private @Nullable Held held;

  /// @param start the offset at which its bytes begin
  /// @param size its bytes, as the caller's door counts them
  /// @param before the position of the row before it, if there is one
  private record Held(int start, long size, Optional<Position> before) {}

  Page(Query query, SelectSql select, ReplyLimit limit) {
    this.query = query;
    this.select = select;
    this.limit = limit;
    this.reader = new RowEncoder(select.columns());
    // A number of any length counts as the longest, because it is known only after the rows.
    this.total = query.total() ? OptionalLong.of(Long.MAX_VALUE) : OptionalLong.empty();
    Optional<String> cursor = select.pageable() ? Optional.of("") : Optional.empty();
    this.frame = bytes(result(NONE, true, cursor, Optional.of(Truncation.BYTES)));
  }

  /// The bytes of a reply without its rows.
  private long bytes(Queried queried) {
    return limit.counted(new JsonWriter().json(ResultEncoder.encode(queried)), 0);
  }

  private Queried result(
      Rows rows, boolean more, Optional<String> cursor, Optional<Truncation> truncation) {
    return new Queried(query.table(), select.columns(), rows, more, cursor, truncation, total);
  }

  int count() {
    return count;
  }

  /// Takes the number of rows of all pages.
  void total(long rows) {
    total = OptionalLong.of(rows);
  }

  /// Bytes of the rows so far, as the caller's door counts them.
  long used() {
    return used;
  }

  /// Whether no more rows belong to the page.
  boolean ended() {
    return ended;
  }

  /// Whether the page ended because the reply was full.
  boolean truncated() {
    return truncation.isPresent();
  }

  /// The last row's position in the order; empty before any row was taken.
  Optional<Position> position() {
    return position;
  }

  /// Takes the rows that fit.
  ///
  /// @param rows a result that can be scrolled, positioned before its first row
  /// @param requested the limit of the statement that read them
  /// @throws Failure if not even one row fits
  void take(ResultSet rows, int requested) throws SQLException {
    if (held != null) {
      decide(held, rows.next());
      return;
    }
    int seen = 0;
    while (rows.next()) {
      seen++;
      // Where no step can continue after another, the last row only shows that more follow.
      if (count == (select.inOneStep() ? requested - 1 : query.limit())) {
        boolean full = count < query.limit();
        endBefore(rows, seen, full ? Optional.of(Truncation.BYTES) : Optional.empty());
        return;
      }
      int start = out.length();
      reader.write(rows, out);
      long size = limit.counted(out, start);
      if (!fits(rows, size)) {
        if (!lastFits(size) || follows(rows)) {
          out.truncate(start);
          endBefore(rows, seen, Optional.of(Truncation.BYTES));
        } else if (seen < requested) {
          accept(size);
          ended = true;
        } else {
          hold(rows, seen, start, size);
        }
        return;
      }
      accept(size);
    }
    if (seen < requested) {
      ended = true;
    } else {
      rows.previous();
      position = Optional.of(position(rows));
    }
  }

  private void accept(long size) {
    used += size;
    count++;
  }

  /// Whether the page may end with the current row, its cursor included.
  private boolean fits(ResultSet row, long size) throws SQLException {
    long bytes = frame + digits(count + 1) + used + size;
    if (!select.pageable()) {
      return bytes <= limit.bytes();
    }
    if (select.maxCursor().isPresent() && bytes + select.maxCursor().getAsInt() <= limit.bytes()) {
      return true;
    }
    return bytes + select.cursor(position(row)).length() <= limit.bytes();
  }

  /// Whether the page may end with the current row if no row follows.
  private boolean lastFits(long size) {
    long lastFrame = bytes(result(NONE, false, Optional.empty(), Optional.empty()));
    return lastFrame + digits(count + 1) + used + size <= limit.bytes();
  }

  private static boolean follows(ResultSet rows) throws SQLException {
    boolean follows = rows.next();
    rows.previous();
    return follows;
  }

  /// Leaves the current row, the last of those requested, to the next read, which shows whether
  /// another row follows.
  private void hold(ResultSet rows, int seen, int start, long size) throws SQLException {
    Position here = position(rows);
    stepBack(rows, seen);
    held = new Held(start, size, position);
    position = Optional.of(here);
  }

  private void decide(Held last, boolean follows) {
    if (follows) {
      out.truncate(last.start());
      position = last.before();
      cut(Optional.of(Truncation.BYTES));
    } else {
      accept(last.size());
      ended = true;
    }
  }

  /// The digits that a number has more than one.
  private static int digits(int number) {
    return (int) Math.log10(number);
  }

  /// Ends the page before the current row.
  ///
  /// @param seen the number of the current row in the result
  private void endBefore(ResultSet rows, int seen, Optional<Truncation> why) throws SQLException {
    cut(select.hasNoKey() ? Optional.of(Truncation.NO_KEY) : why);
    if (!select.declaredKey().isEmpty() && seen > 1) {
      checkKey(rows);
    }
    stepBack(rows, seen);
  }

  /// Refuses a page that would end between two rows with the same values in the declared key: the
  /// next page would begin after both.
  private void checkKey(ResultSet row) throws SQLException {
    List<@Nullable String> key = key(row);
    row.previous();
    if (key.equals(key(row))) {
      throw new InvalidRequest(List.of(SHARED_KEY));
    }
    row.next();
  }

  /// The key's values in a form that is the same for equal values.
  private List<@Nullable String> key(ResultSet row) throws SQLException {
    List<@Nullable String> values = new ArrayList<>();
    for (int column : select.declaredKey()) {
      values.add(KeyText.of(row.getString(column), select.type(column)));
    }
    return values;
  }

  /// Moves the page's position to the row before the current one.
  private void stepBack(ResultSet rows, int seen) throws SQLException {
    if (select.pageable() && seen > 1) {
      rows.previous();
      position = Optional.of(position(rows));
    }
  }

  private void cut(Optional<Truncation> why) {
    if (count == 0) {
      throw new Failure(ROW_TOO_LARGE);
    }
    truncation = why;
    more = true;
    ended = true;
  }

  private Position position(ResultSet row) throws SQLException {
    List<@Nullable String> values = new ArrayList<>();
    for (int column : select.positionColumns()) {
      values.add(row.getString(column));
    }
    return new Position(values);
  }

  Queried queried() {
    Rows rows = new Rows(out.endArray().toByteArray(), count);
    Optional<String> cursor = more ? position.map(select::cursor) : Optional.empty();
    return result(rows, more, cursor, truncation);
  }

  private static final Fault SHARED_KEY =
      new Fault(
          "/key",
          Fault.Code.INVALID_VALUE,
          "the page would end between two rows with the same values in these columns, and the next"
              + " page would lose one: name columns that are unique together, or change \"limit\"");

  static final Problem ROW_TOO_LARGE =
      Problem.of(
          Problem.Code.ROW_TOO_LARGE,
          "The first row of this page alone is larger than a reply can be. Select fewer columns.");
}
