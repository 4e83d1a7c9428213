package dsql.local.sql;

import dsql.local.sql.Command.AsyncIndex;
import dsql.local.sql.Command.Pass;
import dsql.local.sql.Command.Refused;
import dsql.local.wire.Refusal;
import java.util.List;

/// Reads statements the way the service does.
public final class Dialect {
  private Dialect() {}

  public static Command read(Statement statement) {
    List<Token> tokens = statement.tokens();
    if (tokens.isEmpty() || !tokens.getFirst().isWord("create")) {
      return new Pass(statement.text());
    }
    int at = 1;
    if (at < tokens.size() && tokens.get(at).isWord("unique")) {
      at++;
    }
    return at < tokens.size() && tokens.get(at).isWord("index")
        ? index(statement, at + 1)
        : new Pass(statement.text());
  }

  private static Command index(Statement statement, int at) {
    List<Token> tokens = statement.tokens();
    if (at >= tokens.size() || !tokens.get(at).isWord("async")) {
      return new Refused(
          Refusal.error("0A000", "unsupported mode. please use CREATE INDEX ASYNC."));
    }
    Token async = tokens.get(at);
    String sql =
        statement.text().substring(0, async.start())
            + " ".repeat(async.end() - async.start())
            + statement.text().substring(async.end());
    int on = at + 1;
    while (on < tokens.size() && !tokens.get(on).isWord("on")) {
      on++;
    }
    int first = on + 1;
    int last = first;
    while (last + 2 < tokens.size() && tokens.get(last + 1).isSymbol(".")) {
      last += 2;
    }
    if (last >= tokens.size()) {
      return new Pass(sql);
    }
    return new AsyncIndex(
        sql, statement.text().substring(tokens.get(first).start(), tokens.get(last).end()));
  }
}
