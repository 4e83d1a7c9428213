package dsql.action;

import java.util.List;
import java.util.Optional;

/// Creates a table and its indexes.
///
/// @param primaryKey empty for a table without one
/// @param unique the unique constraints, each a list of columns
/// @param comment describes the table, for people; empty for none
/// @param awaitIndexes whether to wait for the index builds within the deadline
public record Create(
    Identifier table,
    List<Column> columns,
    List<Identifier> primaryKey,
    List<List<Identifier>> unique,
    List<ForeignKey> foreignKeys,
    List<Check> checks,
    Optional<String> comment,
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

  /// Limit on the foreign keys, and on the checks, of a table; it bounds the statement's text.
  public static final int MAX_CONSTRAINTS = 100;

  /// Limit on the characters of a comment.
  public static final int MAX_COMMENT = 10_000;

  /// What to do when the table already exists.
  public enum IfExists {
    /// Compare it with the requested one, and add missing indexes.
    VERIFY,
    /// Refuse the request.
    ERROR
  }

  /// A foreign key.
  ///
  /// @param name empty for the database's choice
  /// @param table the referenced table
  /// @param references the referenced columns; empty for the primary key of that table
  /// @param addIfMissing whether a table that exists without it gets it; such a key has a name
  public record ForeignKey(
      Optional<Identifier> name,
      List<Identifier> columns,
      Identifier table,
      List<Identifier> references,
      Action onDelete,
      Action onUpdate,
      boolean addIfMissing) {
    public ForeignKey {
      columns = List.copyOf(columns);
      references = List.copyOf(references);
    }

    /// The same key with the columns that it references.
    public ForeignKey withReferences(List<Identifier> columns) {
      return new ForeignKey(name, this.columns, table, columns, onDelete, onUpdate, addIfMissing);
    }

    /// What happens to a row when the row that it references is deleted or gets another key.
    public enum Action {
      NO_ACTION("noAction", "NO ACTION", "a"),
      RESTRICT("restrict", "RESTRICT", "r"),
      CASCADE("cascade", "CASCADE", "c"),
      SET_NULL("setNull", "SET NULL", "n"),
      SET_DEFAULT("setDefault", "SET DEFAULT", "d");

      private final String text;
      private final String sql;
      private final String code;

      Action(String text, String sql, String code) {
        this.text = text;
        this.sql = sql;
        this.code = code;
      }

      /// The word for it in a request.
      public String text() {
        return text;
      }

      public String sql() {
        return sql;
      }

      /// The letter for it in the catalog pg_constraint.
      public String code() {
        return code;
      }
    }
  }

  /// A condition on the columns of each row, which holds unless it is false.
  public record Check(Identifier name, Filter where) {}

  /// A secondary index.
  ///
  /// @param include columns that the index stores besides its key
  /// @param where the rows that the index covers; empty for all
  /// @param nullsNotDistinct whether a unique index takes NULL for equal to NULL
  public record Index(
      Identifier name,
      List<Part> parts,
      boolean unique,
      List<Identifier> include,
      Optional<Filter> where,
      boolean nullsNotDistinct) {
    public Index {
      parts = List.copyOf(parts);
      include = List.copyOf(include);
    }

    /// A part of an index's key.
    public sealed interface Part {
      /// A column.
      record Plain(Identifier column) implements Part {}

      /// The lower-case form of a column of text.
      record Lower(Identifier column) implements Part {}

      /// A member of the documents in a column.
      record OfDocument(Identifier column, Member member) implements Part {}
    }
  }

  public Create {
    columns = List.copyOf(columns);
    primaryKey = List.copyOf(primaryKey);
    unique = unique.stream().map(List::copyOf).toList();
    foreignKeys = List.copyOf(foreignKeys);
    checks = List.copyOf(checks);
    indexes = List.copyOf(indexes);
    if (columns.isEmpty()) {
      throw new IllegalArgumentException("a table needs a column: " + table);
    }
  }
}
