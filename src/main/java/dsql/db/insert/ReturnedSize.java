package dsql.db.insert;

import dsql.action.ColumnType;
import dsql.action.Identifier;
import dsql.action.Insert;
import dsql.action.Insert.OnConflict;
import dsql.action.Row;
import dsql.db.jdbc.ReplyLimit;
import dsql.sql.InsertStatement;
import dsql.sql.Parameter;
import dsql.sql.TableShape;
import dsql.sql.TableShape.ColumnShape;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Whether the rows that an insert returns certainly fit, before it is sent: a statement that
/// commits itself cannot be taken back when its answer turns out to be too large.
final class ReturnedSize {

  /// Six bytes for a control character, twelve where the reply is a string in JSON.
  private static final long LONGEST_ESCAPE = 12;

  /// The most bytes of a number, a date or a UUID with its punctuation.
  private static final long VALUE_WITHOUT_TEXT = 100;

  private ReturnedSize() {}

  /// Whether the returned rows stay below a size even with the longest escapes of what goes in.
  ///
  /// A column counts with what the request gives where every row gives it and the server stores
  /// just that. Of any other column only its type can set a bound: its value may come from a
  /// default, from a row that was there before, or, behind a view, from anywhere.
  static boolean isCertainlyBelow(
      long limit, Insert insert, TableShape shape, InsertStatement statement) {
    if (insert.returning().isEmpty()) {
      return true;
    }
    if (shape.view()) {
      return false;
    }
    int rows = statement instanceof InsertStatement.Values values ? values.rows() : 1;
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

  /// Whether what is returned of the column is what the request gives for it, in every row.
  private static boolean isGiven(Identifier name, Insert insert) {
    if (insert.onConflict().isPresent()
        && insert.onConflict().get() instanceof OnConflict.Update update
        && !isSet(name, update)) {
      return false;
    }
    @Nullable List<Identifier> last = null;
    for (int i = 0; i < insert.rows().size(); i++) {
      Row row = insert.rows().get(i);
      // Rows of one kind share the list.
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

  /// The most characters that the server adds to a given value; empty where there is no bound.
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

  /// The most characters of a value about which nothing is known; empty where there is no bound.
  private static OptionalLong unknown(ColumnType type) {
    return type.maxTextLength().isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(
            type.maxTextLength().getAsInt() + (long) Math.abs(type.scale().orElse(0)));
  }
}
