package dsql.local.sql;

import dsql.local.sql.Command.Checked;
import dsql.local.sql.Command.Job;
import dsql.local.sql.Command.Kind;
import dsql.local.sql.Command.Pass;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// `ALTER`: a few forms of `ALTER TABLE`, less of everything else.
final class Alteration {
  private Alteration() {}

  static Command read(Cursor at) {
    Token what = at.next();
    return switch (what.text()) {
      case "table" -> table(at);
      case "system" -> Dialect.refuse("unsupported statement: AlterSystem");
      case "type" ->
          at.holds("rename")
              ? Dialect.refuse("unsupported object in RENAME statement")
              : Dialect.refuse("ALTER TYPE not supported");
      case "database" -> Dialect.refuse("unsupported statement: AlterDatabase");
      case "extension" -> Dialect.refuse("unsupported statement: AlterExtension");
      case "materialized",
          "foreign",
          "trigger",
          "policy",
          "publication",
          "subscription",
          "server" ->
          Dialect.refuse("unsupported statement: Alter");
      default -> new Pass(at.text(), Kind.DDL);
    };
  }

  private static Command table(Cursor at) {
    Token async = at.peek(0);
    if (async.isWord("async") && at.peek(1).isName()) {
      at.next();
      String sql = at.without(async);
      at.accept("if", "exists");
      at.accept("only");
      String table = at.name();
      return at.accept("validate", "constraint")
          ? new Job(sql, "", table, "VALIDATE_CONSTRAINT", "ALTER TABLE", "")
          : Dialect.refuse("unsupported ALTER TABLE ASYNC statement");
    }
    at.accept("if", "exists");
    at.accept("only");
    String table = at.name();
    List<String> dropped = new ArrayList<>();
    List<String> constraints = new ArrayList<>();
    List<Integer> bare = new ArrayList<>();
    while (!at.atEnd()) {
      if (at.looksAt("drop") && !at.looksAt("drop", "constraint")) {
        dropped.add(droppedColumn(at));
      } else if (at.accept("drop", "constraint")) {
        at.accept("if", "exists");
        constraints.add(at.peek(0).text());
      }
      Command refused = action(at, bare);
      if (refused != null) {
        return refused;
      }
      while (!at.atEnd() && !at.acceptSymbol(",")) {
        at.skip();
      }
    }
    return dropped.isEmpty() && constraints.isEmpty()
        ? new Pass(Types.declared(at.text(), bare), Kind.DDL)
        : new Checked(
            at.text(),
            "SELECT sys.check_drop(%1$s, %2$s), sys.check_drop_constraint(%1$s, %3$s)"
                .formatted(
                    literal(table),
                    literal(String.join("\n", dropped)),
                    literal(String.join("\n", constraints))));
  }

  private static String droppedColumn(Cursor at) {
    at.accept("drop");
    at.accept("column");
    at.accept("if", "exists");
    return at.peek(0).text();
  }

  private static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  private static @Nullable Command action(Cursor at, List<Integer> bare) {
    if (at.accept("add")) {
      return add(at, bare);
    }
    if (at.accept("alter")) {
      at.accept("column");
      at.name();
      if (at.looksAt("type") || at.looksAt("set", "data", "type")) {
        return unsupported("ALTER COLUMN ... SET DATA TYPE");
      }
      return at.looksAt("set", "not", "null") ? unsupported("ALTER COLUMN ... SET NOT NULL") : null;
    }
    if (at.looksAt("validate", "constraint")) {
      return unsupported("VALIDATE CONSTRAINT");
    }
    for (String refused :
        new String[] {
          "inherit", "attach", "detach", "cluster", "enable", "disable", "force", "replica"
        }) {
      if (at.looksAt(refused)) {
        return unsupported(refused.toUpperCase(Locale.ROOT));
      }
    }
    return at.looksAt("set", "tablespace") ? unsupported("SET TABLESPACE") : null;
  }

  private static @Nullable Command add(Cursor at, List<Integer> bare) {
    boolean named = at.accept("constraint");
    if (named) {
      at.name();
    }
    if (at.looksAt("primary", "key") || at.looksAt("unique") || at.looksAt("exclude")) {
      return at.holds("using", "index") ? null : unsupported("ADD CONSTRAINT");
    }
    if (at.looksAt("check") || at.looksAt("foreign", "key")) {
      return at.holds("not", "valid") ? null : unsupported("ADD CONSTRAINT");
    }
    at.accept("column");
    at.accept("if", "not", "exists");
    at.name();
    Types.Named type = Types.read(at);
    type.addTo(bare);
    Command refused = type.refusal();
    if (refused != null) {
      return refused;
    }
    at.accept("storage");
    if (!at.atEnd() && !at.peek(0).isSymbol(",")) {
      for (String constraint :
          new String[] {
            "default", "not", "check", "unique", "generated", "primary", "references", "constraint"
          }) {
        if (at.holds(constraint)) {
          return Dialect.refuse("ALTER TABLE ADD COLUMN with constraint not supported");
        }
      }
    }
    return null;
  }

  private static Command unsupported(String form) {
    return Dialect.refuse("unsupported ALTER TABLE " + form + " statement");
  }
}
