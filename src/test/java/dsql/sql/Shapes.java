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
    Map<String, ColumnShape> shapes = new LinkedHashMap<>();
    for (String column : columns) {
      String[] parts = column.split(" ", 2);
      shapes.put(
          parts[0],
          new ColumnShape(
              shapes.size() + 1,
              new Identifier(parts[0]),
              ColumnType.ofCatalog(parts[1]),
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
