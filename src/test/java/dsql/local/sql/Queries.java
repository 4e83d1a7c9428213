package dsql.local.sql;

import dsql.local.sql.Command.Kind;
import dsql.local.sql.Command.Pass;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Queries and changes of data: what they do, and the few clauses and calls that are refused.
final class Queries {
  /// Words before a name that is no function's, though a parenthesis follows.
  private static final Set<String> NAMING =
      Set.of("into", "with", "recursive", "as", "table", "update", "from", "join");

  private static final Set<String> WRITES = Set.of("insert", "update", "delete");

  private Queries() {}

  /// One pass over the tokens, since a refused clause may stand at any depth.
  static Command read(Statement statement) {
    Cursor at = new Cursor(statement);
    boolean explain = at.looksAt("explain");
    boolean executes = !explain || executes(at);
    Kind kind = Kind.READ;
    boolean select = at.looksAt("select");
    Token before = at.peek(-1);
    int depth = 0;
    while (!at.atEnd()) {
      Command refused = refused(at, before);
      if (refused != null) {
        return refused;
      }
      Token token = at.next();
      depth += token.isSymbol("(") ? 1 : token.isSymbol(")") ? -1 : 0;
      if (select && depth == 0 && token.isWord("into")) {
        return Dialect.refuse("unsupported statement: CreateTableAs");
      }
      if (kind == Kind.READ && token.kind() == Token.Kind.WORD && executes) {
        kind = kind(at, token, before);
      } else if (kind == Kind.LOCK && startsWrite(token, before)) {
        kind = Kind.WRITE;
      }
      before = token;
    }
    return new Pass(statement.text(), kind);
  }

  private static Kind kind(Cursor at, Token token, Token before) {
    if (startsWrite(token, before)) {
      return Kind.WRITE;
    }
    boolean lock =
        token.isWord("for")
            && (at.looksAt("update") || at.looksAt("key", "share"))
            && !before.isSymbol("(");
    return lock ? Kind.LOCK : Kind.READ;
  }

  // INSERT, UPDATE and DELETE are statements at the start, as the body of a WITH or of an EXPLAIN.
  private static boolean startsWrite(Token token, Token before) {
    return token.kind() == Token.Kind.WORD
        && WRITES.contains(token.text())
        && (before.end() == 0
            || before.isSymbol("(")
            || before.isSymbol(")")
            || before.isWord("explain")
            || before.isWord("analyze")
            || before.isWord("verbose"));
  }

  private static boolean isLeft(Cursor at) {
    return at.peek(-2).isWord("left")
        || (at.peek(-2).isWord("outer") && at.peek(-3).isWord("left"));
  }

  // Has the list of the SELECT in LATERAL a column of a table that its FROM does not name?
  private static boolean namesOuter(Cursor at) {
    Set<String> outer = new HashSet<>();
    boolean list = true;
    int depth = 0;
    for (int i = 1; at.peek(i).end() > 0 && (depth > 0 || i == 1); i++) {
      Token token = at.peek(i);
      depth += token.isSymbol("(") ? 1 : token.isSymbol(")") ? -1 : 0;
      list &= !token.isWord("from");
      if (at.peek(i - 1).isSymbol(".")) {
        continue;
      }
      if (token.isName() && list && at.peek(i + 1).isSymbol(".")) {
        outer.add(token.text());
      } else if (token.isName() && !list && !at.peek(i + 1).isSymbol(".")) {
        outer.remove(token.text());
      }
    }
    return !outer.isEmpty();
  }

  private static boolean executes(Cursor at) {
    return at.peek(1).isWord("analyze")
        || (at.peek(1).isSymbol("(") && at.peek(2).isWord("analyze"));
  }

  private static @Nullable Command refused(Cursor at, Token before) {
    Token token = at.peek(0);
    if (token.kind() != Token.Kind.WORD) {
      return null;
    }
    if (token.isWord("for") && (at.looksAt("for", "share") || at.looksAt("for", "no", "key"))) {
      return Dialect.refuse(
          "locking clauses other than FOR UPDATE/FOR KEY SHARE are not supported");
    }
    if (token.isWord("tablesample") && before.end() > 0 && !before.isSymbol(".")) {
      return Dialect.refuse("TABLESAMPLE clause not supported");
    }
    if (token.isWord("ctid")) {
      return Dialect.refuse("42703", "column \"ctid\" does not exist");
    }
    if (token.isWord("lateral") && before.isWord("join") && isLeft(at) && namesOuter(at)) {
      return Dialect.refuse("42804", "attribute 1 of type record has wrong type");
    }
    boolean call =
        at.peek(1).isSymbol("(") && !before.isSymbol(".") && !NAMING.contains(before.text());
    if (call && Types.GEOMETRIC.contains(token.text())) {
      return Dialect.refuse("datatype " + token.text() + " not supported");
    }
    if (call && token.isWord("set_config") && at.peek(2).kind() == Token.Kind.STRING) {
      String name = at.peek(2).text().toLowerCase(Locale.ROOT);
      return Settings.allowed(name) ? null : Settings.refuse(name);
    }
    return call && token.text().startsWith("pg_") && token.text().contains("advisory")
        ? Dialect.refuse("function " + token.text() + " not supported")
        : null;
  }
}
