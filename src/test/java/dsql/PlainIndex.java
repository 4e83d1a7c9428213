package dsql;

import dsql.action.Create.Index;
import dsql.action.Identifier;
import java.util.List;
import java.util.Optional;

/// Indexes over columns and all rows.
public final class PlainIndex {

  private PlainIndex() {}

  public static Index of(Identifier name, List<Identifier> columns) {
    List<Index.Part> parts = columns.stream().<Index.Part>map(Index.Part.Plain::new).toList();
    return new Index(name, parts, false, List.of(), Optional.empty(), false);
  }
}
