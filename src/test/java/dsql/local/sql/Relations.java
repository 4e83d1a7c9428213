package dsql.local.sql;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/// The names in a statement that may be those of tables, and putting others in their place.
public final class Relations {
  private Relations() {}

  /// Every name in it; those of columns and keywords do no harm.
  public static Set<String> names(Statement statement) {
    Set<String> names = new LinkedHashSet<>();
    for (Token token : statement.tokens()) {
      if (token.isName()) {
        names.add(token.text());
      }
    }
    return names;
  }

  /// The text with `pg_temp` for the schema of every table that has a temporary copy.
  ///
  /// A name without a schema means the copy anyway, since PostgreSQL looks there first.
  public static String redirect(Statement statement, Map<String, String> schemaOfCopied) {
    StringBuilder text = new StringBuilder(statement.text());
    for (int i = statement.tokens().size() - 3; i >= 0; i--) {
      Token schema = statement.tokens().get(i);
      Token table = statement.tokens().get(i + 2);
      if (schema.isName()
          && statement.tokens().get(i + 1).isSymbol(".")
          && table.isName()
          && schema.text().equals(schemaOfCopied.get(table.text()))) {
        text.replace(schema.start(), schema.end(), "pg_temp");
      }
    }
    return text.toString();
  }
}
