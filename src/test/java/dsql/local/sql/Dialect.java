package dsql.local.sql;

import dsql.local.sql.Command.Begin;
import dsql.local.sql.Command.Commit;
import dsql.local.sql.Command.CopyIn;
import dsql.local.sql.Command.IamMapping;
import dsql.local.sql.Command.Kind;
import dsql.local.sql.Command.Nothing;
import dsql.local.sql.Command.Pass;
import dsql.local.sql.Command.Refused;
import dsql.local.sql.Command.Rollback;
import dsql.local.wire.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads statements the way the service does: what passes, as what, and what is refused.
///
/// Only the forms the service treats in its own way are read closely. Everything else goes to
/// PostgreSQL, which knows its own grammar best, syntax errors included.
public final class Dialect {
  private static final String UNSUPPORTED = "0A000";

  /// Statements refused whole, by their first word, under the name of their parse node.
  private static final Map<String, String> REFUSED_NODES =
      Map.ofEntries(
          Map.entry("truncate", "Truncate"),
          Map.entry("listen", "Listen"),
          Map.entry("notify", "Notify"),
          Map.entry("unlisten", "Unlisten"),
          Map.entry("lock", "Lock"),
          Map.entry("declare", "DeclareCursor"),
          Map.entry("fetch", "Fetch"),
          Map.entry("move", "Fetch"),
          Map.entry("close", "ClosePortal"),
          Map.entry("discard", "Discard"),
          Map.entry("load", "Load"),
          Map.entry("prepare", "Prepare"),
          Map.entry("execute", "Execute"),
          Map.entry("cluster", "Cluster"),
          Map.entry("reindex", "Reindex"),
          Map.entry("checkpoint", "CheckPoint"),
          Map.entry("do", "Do"),
          Map.entry("refresh", "RefreshMatView"),
          Map.entry("reassign", "ReassignOwned"),
          Map.entry("import", "ImportForeignSchema"),
          Map.entry("security", "SecLabel"));

  private Dialect() {}

  public static Command read(Statement statement) {
    Cursor at = new Cursor(statement);
    if (at.atEnd()) {
      return new Nothing();
    }
    Token first = at.next();
    if (first.kind() != Token.Kind.WORD) {
      return new Pass(statement.text(), Kind.READ);
    }
    return switch (first.text()) {
      case "begin", "start" -> begin(at);
      case "commit", "end" -> finish(at, first.text(), new Commit(statement.text()));
      case "rollback", "abort" -> finish(at, first.text(), new Rollback(statement.text()));
      case "savepoint" -> refuse("unsupported transaction statement: SAVEPOINT");
      case "release" -> refuse("unsupported transaction statement: RELEASE");
      case "set" -> Settings.set(at);
      case "reset" -> Settings.reset(at);
      case "show" -> show(at);
      case "create" -> Creation.read(at);
      case "alter" -> Alteration.read(at);
      case "drop" -> drop(at);
      case "grant", "revoke" -> grant(at);
      case "comment" -> new Pass(statement.text(), Kind.DDL);
      case "aws" -> iam(at);
      case "copy" -> copy(at);
      case "vacuum" -> refuse("unsupported VACUUM statement");
      case "merge" -> refuse("unsupported statement type: MERGE");
      case "deallocate" ->
          at.looksAt("all") || at.looksAt("prepare", "all")
              ? new Pass(statement.text(), Kind.SESSION)
              : refuse("unsupported statement: Deallocate");
      case "call" -> new Pass(statement.text(), Kind.SESSION);
      default -> query(statement, first);
    };
  }

  /// May no client set this?
  public static boolean refusesSetting(String name) {
    return !Settings.allowed(name.toLowerCase(Locale.ROOT));
  }

  private static Command query(Statement statement, Token first) {
    String node = REFUSED_NODES.get(first.text());
    if (node != null) {
      return first.isWord("prepare") && new Cursor(statement).looksAt("prepare", "transaction")
          ? refuse("unsupported transaction statement: PREPARE TRANSACTION")
          : refuse("unsupported statement: " + node);
    }
    return Queries.read(statement);
  }

  private static Command begin(Cursor at) {
    Refused refused = isolation(at);
    return refused != null ? refused : new Begin(at.text());
  }

  /// Refuses any isolation level named in the rest but the one there is.
  static @Nullable Refused isolation(Cursor at) {
    while (at.seek("isolation")) {
      at.next();
      if (at.accept("level") && !at.looksAt("repeatable", "read")) {
        String level = at.next().text();
        if (level.equals("read")) {
          level += " " + at.next().text();
        }
        return refuse("Unsupported isolation level: " + level.toUpperCase(Locale.ROOT));
      }
    }
    return null;
  }

  private static Command finish(Cursor at, String word, Command command) {
    if (at.looksAt("prepared")) {
      return refuse("unsupported transaction statement: " + upper(word) + " PREPARED");
    }
    if (at.holds("to")) {
      return refuse("unsupported transaction statement: ROLLBACK TO");
    }
    if (at.holds("and", "chain")) {
      return refuse("unsupported transaction statement: " + upper(word) + " AND CHAIN");
    }
    return command;
  }

  // The service shows a number that means nothing, but always the same.
  private static Command show(Cursor at) {
    return new Pass(
        at.looksAt("max_connections") ? "SELECT '20' AS max_connections" : at.text(), Kind.SESSION);
  }

  private static Command drop(Cursor at) {
    return switch (at.peek(0).text()) {
      case "table",
          "view",
          "schema",
          "index",
          "sequence",
          "function",
          "domain",
          "role",
          "owned",
          "statistics" ->
          new Pass(at.text(), Kind.DDL);
      default -> refuse("unsupported object in DROP statement");
    };
  }

  // Rights on the one schema that is the service's own cannot be given away.
  private static Command grant(Cursor at) {
    if (at.seek("on")) {
      at.next();
      if (at.accept("schema") && namesPublic(at)) {
        return refuse("feature not supported on system entity");
      }
    }
    return new Pass(at.text(), Kind.DDL);
  }

  private static boolean namesPublic(Cursor at) {
    do {
      if (at.name().equals("public")) {
        return true;
      }
    } while (at.acceptSymbol(","));
    return false;
  }

  private static Command iam(Cursor at) {
    boolean grant = at.accept("iam", "grant");
    if (!grant && !at.accept("iam", "revoke")) {
      return new Pass(at.text(), Kind.DDL);
    }
    Token role = at.next();
    if (!role.isName() || !(grant ? at.accept("to") : at.accept("from"))) {
      return syntaxError(at.peek(0));
    }
    List<String> arns = new ArrayList<>();
    do {
      if (at.peek(0).kind() != Token.Kind.STRING) {
        return syntaxError(at.peek(0));
      }
      arns.add(at.next().text());
    } while (at.acceptSymbol(","));
    return at.atEnd() ? new IamMapping(role.text(), arns, grant) : syntaxError(at.peek(0));
  }

  private static Command copy(Cursor at) {
    at.skip();
    while (!at.atEnd() && !at.looksAt("from") && !at.looksAt("to")) {
      at.skip();
    }
    boolean in = at.next().isWord("from");
    if (!at.looksAt(in ? "stdin" : "stdout")) {
      return at.atEnd()
          ? new Pass(at.text(), Kind.READ)
          : refuse("COPY with a file or program not supported");
    }
    return in ? new CopyIn(at.text()) : new Pass(at.text(), Kind.READ);
  }

  static Refused syntaxError(Token token) {
    return new Refused(
        Refusal.error(
            "42601",
            token.end() == 0
                ? "syntax error at end of input"
                : "syntax error at or near \"" + token.text() + "\""));
  }

  static Refused refuse(String message) {
    return refuse(UNSUPPORTED, message);
  }

  static Refused refuse(String sqlState, String message) {
    return new Refused(Refusal.error(sqlState, message));
  }

  private static String upper(String word) {
    return word.toUpperCase(Locale.ROOT);
  }
}
