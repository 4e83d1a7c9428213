package dsql.sql;

import static java.nio.charset.StandardCharsets.UTF_8;

import dsql.action.Column;
import dsql.action.Create;
import dsql.action.Identifier;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// The names that the database chooses for a table's constraints and sequences. They share the
/// schema's names with tables and indexes, so no index of the table can have one of them.
public final class OwnNames {

  private OwnNames() {}

  /// The names that are certain before the table is read, its own and its primary key's, each with
  /// a description of what has it, for people.
  public static Map<String, String> certain(Create create) {
    Map<String, String> names = primaryKey(create);
    names.put(create.table().name(), "the table itself");
    return names;
  }

  /// All names that a new table takes, each with a description of what has it, for people. A
  /// constraint has the name of its index.
  public static Map<String, String> of(Create create) {
    Map<String, String> names = keys(create);
    String table = create.table().name();
    names.put(table, "the table itself");
    for (Column column : create.columns()) {
      if (column.identityCache().isPresent()) {
        names.put(made(table, column.name().name(), "seq"), "the table's own identity");
      }
    }
    return names;
  }

  /// The names of a new table's primary key and unique constraints, each with a description of what
  /// has it, for people. No foreign key of the table can have one of them.
  public static Map<String, String> keys(Create create) {
    Map<String, String> names = primaryKey(create);
    for (List<Identifier> unique : create.unique()) {
      // PostgreSQL takes a constraint on the primary key's columns for the primary key itself.
      if (!unique.equals(create.primaryKey())) {
        String columns = unique.stream().map(Identifier::name).collect(Collectors.joining("_"));
        names.put(
            made(create.table().name(), columns, "key"),
            "the table's own unique constraint " + unique);
      }
    }
    return names;
  }

  private static Map<String, String> primaryKey(Create create) {
    Map<String, String> names = new HashMap<>();
    if (!create.primaryKey().isEmpty()) {
      names.put(made(create.table().name(), "", "pkey"), "the table's own primary key");
    }
    return names;
  }

  /// Builds a name as PostgreSQL's makeObjectName does: if it is too long, the longer part is cut,
  /// and never within a character.
  private static String made(String table, String columns, String label) {
    byte[] first = table.getBytes(UTF_8);
    byte[] second = columns.getBytes(UTF_8);
    int room = Identifier.MAX_BYTES - label.length() - (columns.isEmpty() ? 1 : 2);
    int ofFirst = first.length;
    int ofSecond = second.length;
    while (ofFirst + ofSecond > room) {
      if (ofFirst > ofSecond) {
        ofFirst--;
      } else {
        ofSecond--;
      }
    }
    String middle = columns.isEmpty() ? "" : '_' + cut(second, ofSecond);
    return cut(first, ofFirst) + middle + '_' + label;
  }

  private static String cut(byte[] name, int length) {
    int end = length;
    while (end < name.length && (name[end] & 0xc0) == 0x80) {
      end--;
    }
    return new String(name, 0, end, UTF_8);
  }
}
