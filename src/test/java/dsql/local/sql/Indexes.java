package dsql.local.sql;

import dsql.local.sql.Command.Job;
import dsql.local.sql.Command.Kind;
import dsql.local.sql.Command.Pass;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// `CREATE INDEX`: only as a job, and with plain keys.
final class Indexes {
  static final int MOST_KEYS = 8;
  static final String TOO_MANY_KEYS = "more than 8 column keys in an index are not supported";
  private static final Set<String> AFTER_EXPRESSION = Set.of("asc", "desc", "nulls", "collate");

  private Indexes() {}

  /// From after `INDEX`; `unique` is the token that says so, if any.
  static Command create(Cursor at, @Nullable Token unique) {
    Token async = at.peek(0);
    if (!async.isWord("async") || at.peek(1).isSymbol(".")) {
      return at.looksAt("concurrently")
          ? Dialect.refuse("CONCURRENTLY not supported for CREATE INDEX")
          : Dialect.refuse("unsupported mode. please use CREATE INDEX ASYNC.");
    }
    String sql = at.without(async);
    at.next();
    if (at.looksAt("concurrently")) {
      return Dialect.refuse("CONCURRENTLY not supported for CREATE INDEX");
    }
    boolean unlessThere = at.accept("if", "not", "exists");
    String unless = "";
    if (!at.looksAt("on")) {
      Token name = at.next();
      unless = unlessThere ? name.text() : "";
      if (at.peek(0).isSymbol(".")) {
        return Dialect.syntaxError(at.peek(0));
      }
    }
    if (!at.accept("on")) {
      return new Pass(sql, Kind.DDL);
    }
    at.accept("only");
    String table = at.name();
    Token using = at.peek(0);
    if (at.accept("using")) {
      Token method = at.next();
      if (!method.isWord("btree_index")) {
        return Dialect.refuse("USING not supported for CREATE INDEX");
      }
      // The only method there is; PostgreSQL calls it otherwise.
      sql =
          sql.substring(0, using.start())
              + " ".repeat(method.end() - using.start())
              + sql.substring(method.end());
    }
    Command refused = keys(at);
    if (refused != null) {
      return refused;
    }
    if (table.isEmpty()) {
      return new Pass(sql, Kind.DDL);
    }
    // A unique build that fails leaves an index that is neither unique nor valid.
    String otherwise =
        unique == null
            ? ""
            : sql.substring(0, unique.start()) + "      " + sql.substring(unique.end());
    return new Job(sql, otherwise, table, "INDEX_BUILD", "CREATE INDEX", unless);
  }

  private static @Nullable Command keys(Cursor at) {
    int count = 1;
    if (!at.acceptSymbol("(")) {
      return null;
    }
    while (!at.atEnd() && !at.peek(0).isSymbol(")")) {
      if (at.acceptSymbol(",")) {
        count++;
        continue;
      }
      // The key itself: a column, a call or an expression in parentheses.
      if (at.peek(0).isSymbol("(")) {
        at.skip();
      } else {
        at.name();
        if (at.peek(0).isSymbol("(")) {
          at.skip();
        }
      }
      Command refused = afterKey(at);
      if (refused != null) {
        return refused;
      }
    }
    return count > MOST_KEYS ? Dialect.refuse("54011", TOO_MANY_KEYS) : null;
  }

  private static @Nullable Command afterKey(Cursor at) {
    if (at.looksAt("asc") || at.looksAt("desc")) {
      return Dialect.refuse("specifying sort order not supported for index keys");
    }
    if (at.looksAt("collate")) {
      return Dialect.refuse("COLLATE clause not supported");
    }
    if (at.accept("nulls")) {
      at.next();
      return null;
    }
    if (at.peek(0).isName() && !AFTER_EXPRESSION.contains(at.peek(0).text())) {
      return Dialect.refuse("opclass not supported for index keys");
    }
    if (!at.peek(0).isSymbol(",") && !at.peek(0).isSymbol(")")) {
      at.skip();
    }
    return null;
  }
}
