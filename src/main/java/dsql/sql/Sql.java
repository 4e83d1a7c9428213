package dsql.sql;

import java.util.List;

/// A statement: text with `?` for each parameter.
public record Sql(String text, List<Parameter> parameters) {
  public Sql {
    parameters = List.copyOf(parameters);
  }
}
