package dsql.sql;

import dsql.action.Identifier;
import java.util.ArrayList;
import java.util.List;

/// How a statement proves, in its own snapshot, that its table is what it was when its shape was
/// read. Nothing else can: another session's change of a table may reach this one without any
/// error, for one on a connection that was opened later.
///
/// @param guard an expression that is 1 while the table has every column of the shape, with its
///   number, type and nullability, and fails otherwise with a division by zero (22012)
/// @param question a SELECT of one boolean: whether the table has these columns, no others, and the
///   same primary key
public record ShapeProof(String guard, String question) {

  /// The SQLSTATE of a guard that fails, which may also be that of a caller's own expression.
  public static final String GUARD_STATE = "22012";

  /// What is compared of a column of pg_attribute, which goes by the alias `a`. The number is never
  /// given to another column, even when the column was dropped.
  public static final String COLUMN =
      "a.attnum::text || ' ' || a.attname::text || ' ' || a.atttypid::text || ' '"
          + " || a.atttypmod::text || ' ' || a.attnotnull::text";

  /// What is compared of a primary key's row of pg_index, which goes by the alias `i`. On DSQL that
  /// index lists all columns; how many of them are the key is beside them.
  public static final String KEY = "i.indnkeyatts::text || ' ' || i.indkey::text";

  /// The proof of a shape that was made up and holds for no table.
  static final ShapeProof NONE = new ShapeProof("1", "SELECT TRUE");

  /// The proof for a table.
  ///
  /// @param columns what [#COLUMN] is for each column
  /// @param key what [#KEY] is; empty for no key
  public static ShapeProof of(
      Identifier schema, Identifier table, List<String> columns, String key) {
    List<String> literals = new ArrayList<>(columns.size());
    for (String column : columns) {
      literals.add(literal(column));
    }
    // The cast from text is looked up when the statement runs, not when it is prepared.
    String relation = literal(schema.quoted() + '.' + table.quoted()) + "::text::regclass";
    String from =
        " FROM pg_catalog.pg_attribute a WHERE a.attrelid = "
            + relation
            + " AND a.attnum > 0 AND NOT a.attisdropped";
    String known = COLUMN + " IN (" + String.join(", ", literals) + ')';
    int count = columns.size();
    String guard =
        "(SELECT 1 / CASE count(*) WHEN " + count + " THEN 1 ELSE 0 END" + from + " AND " + known;
    String sameKey =
        "coalesce((SELECT "
            + KEY
            + " FROM pg_catalog.pg_index i WHERE i.indrelid = "
            + relation
            + " AND i.indisprimary), '') = "
            + literal(key);
    String question =
        "SELECT count(*) = "
            + count
            + " AND count(*) FILTER (WHERE "
            + known
            + ") = "
            + count
            + " AND "
            + sameKey
            + from;
    return new ShapeProof(guard + ')', question);
  }

  private static String literal(String text) {
    return '\'' + text.replace("'", "''") + '\'';
  }
}
