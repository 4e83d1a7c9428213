package dsql.sql;

import dsql.action.Identifier;
import java.util.ArrayList;
import java.util.List;

/// Proves, in a statement's own snapshot, that its table still has the shape that was read. Nothing
/// else can: another session's change of a table may take effect here without any error, for
/// example on a connection that was opened after it.
///
/// @param guard an expression that is 1 while the table has every column of the shape with the same
///   number, type and nullability, and otherwise fails with a division by zero (22012)
/// @param question a SELECT of one boolean: whether the table has exactly these columns and the
///   same primary key
public record ShapeProof(String guard, String question) {

  /// The SQLSTATE of a guard that fails; an expression in the table's own definition may cause it
  /// too.
  public static final String GUARD_STATE = "22012";

  /// The compared properties of a column, from pg_attribute with the alias `a`. Its number is never
  /// given to another column, not even after the column was dropped.
  public static final String COLUMN =
      "a.attnum::text || ' ' || a.attname::text || ' ' || a.atttypid::text || ' '"
          + " || a.atttypmod::text || ' ' || a.attnotnull::text";

  /// The compared properties of a primary key, from pg_index with the alias `i`. On DSQL that index
  /// lists all columns, so the number of key columns is compared too.
  public static final String KEY = "i.indnkeyatts::text || ' ' || i.indkey::text";

  /// The proof of an invented shape, which is never compared with a table.
  static final ShapeProof NONE = new ShapeProof("1", "SELECT TRUE");

  /// The proof for a table.
  ///
  /// @param columns the value of [#COLUMN] for each column
  /// @param key the value of [#KEY]; empty without a key
  public static ShapeProof of(
      Identifier schema, Identifier table, List<String> columns, String key) {
    List<String> literals = new ArrayList<>(columns.size());
    for (String column : columns) {
      literals.add(LiteralFilter.quoted(column));
    }
    // The cast from text makes the server look the name up when the statement runs, not when it is
    // prepared.
    String relation =
        LiteralFilter.quoted(schema.quoted() + '.' + table.quoted()) + "::text::regclass";
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
            + LiteralFilter.quoted(key);
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
}
