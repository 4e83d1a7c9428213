package dsql.local.sql;

import java.util.Set;

/// Sends questions about the catalog where the service's answers are.
///
/// What PostgreSQL's catalog says of a table made here differs from what the service's says: there
/// a table is its primary key's index, which holds all columns. The schema `sys` has views and
/// functions of the catalog's own names that answer so; a statement that names one of them
/// unquoted, with or without `pg_catalog`, gets theirs. PostgreSQL cannot hold such an index: its
/// own takes 32 columns and 2,700 bytes, those included counted.
///
/// Positions in errors count from the changed text.
public final class CatalogAnswers {
  private static final Set<String> TABLES = Set.of("pg_index", "pg_indexes", "pg_am");
  private static final Set<String> FUNCTIONS = Set.of("pg_get_indexdef", "pg_get_constraintdef");

  private CatalogAnswers() {}

  /// The statement that asks for the service's answers; the same one if it asks for none.
  public static Statement redirect(Statement statement) {
    StringBuilder text = new StringBuilder(statement.text());
    boolean changed = false;
    for (int i = statement.tokens().size() - 1; i >= 0; i--) {
      Token name = statement.tokens().get(i);
      if (!isAnswered(statement, i)) {
        continue;
      }
      Token before = i > 0 ? statement.tokens().get(i - 1) : name;
      Token schema = i > 1 ? statement.tokens().get(i - 2) : name;
      if (!before.isSymbol(".")) {
        boolean qualifier = isSymbol(statement, i + 1, ".");
        text.insert(name.start(), qualifier ? "" : "sys.");
        changed |= !qualifier;
      } else if (schema.isName() && schema.text().equals("pg_catalog")) {
        text.replace(schema.start(), schema.end(), "sys");
        changed = true;
      }
    }
    return changed ? statement.with(text.toString()) : statement;
  }

  private static boolean isAnswered(Statement statement, int index) {
    Token name = statement.tokens().get(index);
    if (name.kind() != Token.Kind.WORD || (index > 0 && isAlias(statement, index))) {
      return false;
    }
    return isSymbol(statement, index + 1, "(")
        ? FUNCTIONS.contains(name.text())
        : TABLES.contains(name.text());
  }

  private static boolean isSymbol(Statement statement, int index, String symbol) {
    return index < statement.tokens().size() && statement.tokens().get(index).isSymbol(symbol);
  }

  private static boolean isAlias(Statement statement, int index) {
    return statement.tokens().get(index - 1).isWord("as");
  }
}
