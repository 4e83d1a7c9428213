package dsql.db.insert;

import dsql.action.ColumnType;
import dsql.action.Identifier;
import dsql.action.Insert;
import dsql.action.Insert.OnConflict;
import dsql.action.Row;
import dsql.db.jdbc.ReplyLimit;
import dsql.sql.Parameter;
import dsql.sql.Sql;
import dsql.sql.TableShape;
import dsql.sql.TableShape.ColumnShape;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Decides before an insert is sent whether the rows that it returns certainly fit into a reply,
/// because a statement that commits itself cannot be rolled back when its answer is too large.
final class ReturnedSize {

  /// Bytes of an escaped control character: six, or twelve where the reply is a string in JSON.
  private static final long LONGEST_ESCAPE = 12;

  /// Limit on the bytes of a number, a date or a UUID, with its punctuation.
  private static final long VALUE_WITHOUT_TEXT = 100;

  private ReturnedSize() {}

  /// Whether the returned rows are smaller than a limit even if each character needs the longest
  /// escape.
  ///
  /// A column's size is that of the given values if every row gives one and the server stores it
  /// unchanged. For any other column only the type sets a bound: its value may come from a default,
  /// from an existing row, or, behind a view, from anywhere.
  ///
  /// @param statement inserts all rows of the request
  static boolean isCertainlyBelow(long limit, Insert insert, TableShape shape, Sql statement) {
    if (insert.returning().isEmpty()) {
      return true;
    }
    if (shape.view()) {
      return false;
    }
    int rows = insert.rows().size();
    long bytes = ReplyLimit.FRAME;
    for (Parameter parameter : statement.parameters()) {
      bytes += bytes(parameter);
    }
    for (Identifier name : insert.returning()) {
      ColumnShape column = shape.column(name).orElseThrow();
      OptionalLong most =
          isGiven(name, insert) ? beyondGiven(column.type()) : unknown(column.type());
      if (most.isEmpty()) {
        return false;
      }
      bytes +=
          rows * (VALUE_WITHOUT_TEXT + LONGEST_ESCAPE * (name.name().length() + most.getAsLong()));
    }
    return bytes < limit;
  }

  private static long bytes(Parameter parameter) {
    return switch (parameter) {
      case Parameter.Null _ -> "null".length();
      case Parameter.Text(String text) -> LONGEST_ESCAPE * text.length();
      case Parameter.Typed(String text, String _) -> LONGEST_ESCAPE * text.length();
      case Parameter.Bytes binary -> 2L * binary.value().length;
    };
  }

  /// Whether every row returns for the column what the request gives for it.
  private static boolean isGiven(Identifier name, Insert insert) {
    if (insert.onConflict().isPresent()
        && insert.onConflict().get() instanceof OnConflict.Update update
        && !isSet(name, update)) {
      return false;
    }
    @Nullable List<Identifier> last = null;
    for (int i = 0; i < insert.rows().size(); i++) {
      Row row = insert.rows().get(i);
      // Rows with the same columns share the list.
      if (!row.columns().equals(last) && !row.columns().contains(name)) {
        return false;
      }
      last = row.columns();
    }
    return true;
  }

  private static boolean isSet(Identifier name, OnConflict.Update update) {
    return update.set().isPresent()
        ? update.set().get().contains(name)
        : !update.columns().contains(name);
  }

  /// Limit on the characters that the server adds to a given value; empty if there is none.
  private static OptionalLong beyondGiven(ColumnType type) {
    return switch (type.base()) {
      // Numbers are written out: 1e1000 has a thousand digits.
      case JSONB, OTHER -> OptionalLong.empty();
      case NUMERIC ->
          type.length().isEmpty()
              ? OptionalLong.empty()
              : OptionalLong.of(type.length().getAsInt() + (long) Math.abs(type.scale().orElse(0)));
      // Padded with blanks.
      case CHAR, BPCHAR -> OptionalLong.of(type.length().orElse(1));
      default -> OptionalLong.of(0);
    };
  }

  /// Limit on the characters of a value that is not given; empty if there is none.
  private static OptionalLong unknown(ColumnType type) {
    return type.maxTextLength().isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(
            type.maxTextLength().getAsInt() + (long) Math.abs(type.scale().orElse(0)));
  }
}
