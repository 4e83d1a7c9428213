package dsql.sql;

import dsql.action.ColumnType;
import dsql.action.Identifier;
import dsql.sql.TableShape.ColumnShape;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Table shapes without a database.
final class Shapes {

  private Shapes() {}

  /// The table `s.t`.
  ///
  /// @param columns each a name, a space and a type; the first `keys` are the primary key
  static TableShape of(int keys, String... columns) {
    String[][] parts =
        Arrays.stream(columns).map(column -> column.split(" ", 2)).toArray(String[][]::new);
    return of(
        keys,
        Arrays.stream(parts).map(part -> new Identifier(part[0])).toList(),
        Arrays.stream(parts).map(part -> part[1]).toList());
  }

  /// The table `s.t`.
  ///
  /// @param names the columns; the first `keys` are the primary key
  static TableShape of(int keys, List<Identifier> names, List<String> types) {
    Map<String, ColumnShape> shapes = new LinkedHashMap<>();
    for (Identifier name : names) {
      shapes.put(
          name.name(),
          new ColumnShape(
              shapes.size() + 1,
              name,
              ColumnType.ofCatalog(types.get(shapes.size())),
              shapes.size() >= keys,
              Optional.empty(),
              false));
    }
    return new TableShape(
        new Identifier("s"),
        new Identifier("t"),
        shapes,
        shapes.keySet().stream().limit(keys).map(Identifier::new).toList());
  }

  static List<Identifier> names(String... names) {
    return Arrays.stream(names).map(Identifier::new).toList();
  }
}
