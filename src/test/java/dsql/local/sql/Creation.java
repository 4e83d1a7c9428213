package dsql.local.sql;

import dsql.local.sql.Command.Checked;
import dsql.local.sql.Command.Kind;
import dsql.local.sql.Command.Pass;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// `CREATE` of everything: what can be made, and in which form.
final class Creation {
  private static final String CACHE =
      "without an explicit cache size. please define CACHE greater than or equal to 65536 or equal to 1";
  private static final int MOST_COLUMNS = 255;
  private static final int SMALLEST_CACHE = 65536;

  private static final Map<String, String> REFUSED_NODES =
      Map.ofEntries(
          Map.entry("extension", "CreateExtension"),
          Map.entry("database", "Createdb"),
          Map.entry("tablespace", "CreateTableSpace"),
          Map.entry("server", "CreateForeignServer"),
          Map.entry("policy", "CreatePolicy"),
          Map.entry("publication", "CreatePublication"),
          Map.entry("subscription", "CreateSubscription"),
          Map.entry("rule", "Rule"),
          Map.entry("event", "CreateEventTrig"),
          Map.entry("cast", "CreateCast"),
          Map.entry("conversion", "CreateConversion"),
          Map.entry("language", "CreatePLang"),
          Map.entry("aggregate", "Define"),
          Map.entry("operator", "Define"),
          Map.entry("collation", "Define"),
          Map.entry("text", "Define"),
          Map.entry("access", "CreateAm"));

  /// Where a column's type ends and its constraints begin.
  private static final Set<String> TABLE_CONSTRAINTS =
      Set.of("constraint", "primary", "unique", "check", "foreign", "exclude", "like");

  private Creation() {}

  static Command read(Cursor at) {
    at.accept("or", "replace");
    if (!at.accept("local")) {
      at.accept("global");
    }
    String persistence =
        at.accept("temp") || at.accept("temporary")
            ? "TEMPORARY or TEMP"
            : at.accept("unlogged") ? "UNLOGGED" : "";
    if (at.accept("table")) {
      return persistence.isEmpty()
          ? table(at)
          : Dialect.refuse(persistence + " table not supported for CREATE TABLE");
    }
    if (at.looksAt("unique", "index")) {
      Token unique = at.next();
      at.next();
      return Indexes.create(at, unique);
    }
    Token what = at.next();
    String node = REFUSED_NODES.get(what.text());
    if (node != null) {
      return Dialect.refuse("unsupported statement: " + node);
    }
    return switch (what.text()) {
      case "index" -> Indexes.create(at, null);
      case "sequence" -> sequence(at);
      case "materialized" -> Dialect.refuse("unsupported statement: CreateTableAs");
      case "foreign" ->
          Dialect.refuse(
              "unsupported statement: "
                  + (at.looksAt("table") ? "CreateForeignTable" : "CreateFdw"));
      case "trigger", "constraint" -> Dialect.refuse("CREATE TRIGGER not supported");
      case "type" -> type(at);
      case "function" -> function(at);
      case "schema" -> new Checked(at.text(), "SELECT sys.check_schemas()");
      case "procedure" -> Dialect.refuse("PROCEDURE is not supported");
      default -> new Pass(at.text(), Kind.DDL);
    };
  }

  private static Command type(Cursor at) {
    at.name();
    if (at.accept("as", "range")) {
      return Dialect.refuse("unsupported statement: CreateRange");
    }
    return at.accept("as") && at.peek(0).isSymbol("(")
        ? Dialect.refuse("unsupported statement: CompositeType")
        : Dialect.refuse("CREATE TYPE not supported");
  }

  private static Command function(Cursor at) {
    if (at.seek("language")) {
      at.next();
      String language = at.next().text().toLowerCase(Locale.ROOT);
      if (!language.equals("sql")) {
        return Dialect.refuse("CREATE FUNCTION with language " + language + " not supported");
      }
    }
    return new Pass(at.text(), Kind.DDL);
  }

  private static Command sequence(Cursor at) {
    return cached(at)
        ? new Pass(at.text(), Kind.DDL)
        : Dialect.refuse("CREATE SEQUENCE is not supported " + CACHE);
  }

  // Is a cache size the service takes given in the rest, outside parentheses?
  private static boolean cached(Cursor at) {
    if (!at.seek("cache")) {
      return false;
    }
    at.next();
    int size = Types.number(at.next());
    return size == 1 || size >= SMALLEST_CACHE;
  }

  private static Command table(Cursor at) {
    at.accept("if", "not", "exists");
    at.name();
    if (at.holds("as")) {
      return Dialect.refuse("unsupported statement: CreateTableAs");
    }
    if (at.accept("of") || at.accept("partition")) {
      return Dialect.refuse("PARTITION BY clause not supported for CREATE TABLE");
    }
    if (!at.acceptSymbol("(")) {
      return new Pass(at.text(), Kind.DDL);
    }
    Cursor elements = at.copy();
    int columns = 0;
    List<Integer> bare = new ArrayList<>();
    while (!at.atEnd() && !at.peek(0).isSymbol(")")) {
      columns += isConstraint(at.peek(0)) ? 0 : 1;
      Command refused = element(at, bare);
      if (refused != null) {
        return refused;
      }
      at.acceptSymbol(",");
    }
    if (columns > MOST_COLUMNS) {
      return Dialect.refuse("54011", "tables can have at most 255 columns");
    }
    at.acceptSymbol(")");
    Command refused = options(at);
    if (refused == null) {
      refused = TableKeys.refusal(elements);
    }
    return refused != null
        ? refused
        : new Checked(Types.declared(at.text(), bare), "SELECT sys.check_tables()");
  }

  private static @Nullable Command options(Cursor at) {
    if (at.holds("inherits")) {
      return Dialect.refuse("INHERITS clause not supported for CREATE TABLE");
    }
    if (at.holds("partition", "by")) {
      return Dialect.refuse("PARTITION BY clause not supported for CREATE TABLE");
    }
    if (at.holds("tablespace")) {
      return Dialect.refuse("TABLESPACE clause not supported for CREATE TABLE");
    }
    if (at.holds("on", "commit")) {
      return Dialect.refuse("ON COMMIT clause not supported for CREATE TABLE");
    }
    return at.holds("with") || at.holds("using")
        ? Dialect.refuse("WITH clause not supported for CREATE TABLE")
        : null;
  }

  // One column or table constraint, up to the comma or parenthesis after it.
  private static @Nullable Command element(Cursor at, List<Integer> bare) {
    if (isConstraint(at.peek(0))) {
      return constraint(at);
    }
    at.next();
    return column(at, bare);
  }

  static boolean isConstraint(Token first) {
    return first.kind() == Token.Kind.WORD && TABLE_CONSTRAINTS.contains(first.text());
  }

  private static @Nullable Command constraint(Cursor at) {
    if (at.accept("constraint")) {
      at.next();
    }
    boolean excluded = at.looksAt("exclude");
    int keys = 1;
    if (at.accept("primary", "key") || at.accept("unique")) {
      for (int i = 1; !at.peek(i).isSymbol(")") && at.peek(i).end() > 0; i++) {
        keys += at.peek(i).isSymbol(",") ? 1 : 0;
      }
    }
    skipElement(at);
    if (keys > Indexes.MOST_KEYS) {
      return Dialect.refuse("54011", Indexes.TOO_MANY_KEYS);
    }
    return excluded ? Dialect.refuse("EXCLUDE constraint not supported") : null;
  }

  // A column from its type on; where that is a numeric without a precision, `bare` gets its end.
  private static @Nullable Command column(Cursor at, List<Integer> bare) {
    Types.Named type = Types.read(at);
    type.addTo(bare);
    Command refused = type.refusal();
    if (refused != null) {
      return refused;
    }
    while (!elementEnds(at)) {
      if (at.looksAt("collate")) {
        return Dialect.refuse("COLLATE clause not supported");
      }
      if (at.accept("as", "identity")) {
        return identity(at, type);
      }
      at.skip();
    }
    return null;
  }

  private static @Nullable Command identity(Cursor at, Types.Named type) {
    if (!type.isBigint()) {
      return Dialect.refuse(
          "datatype " + type.shown() + " not supported, identity column type must be bigint");
    }
    boolean cached = false;
    if (at.acceptSymbol("(")) {
      while (!at.atEnd() && !at.acceptSymbol(")")) {
        if (at.accept("cache")) {
          int size = Types.number(at.peek(0));
          cached = size == 1 || size >= SMALLEST_CACHE;
        }
        at.next();
      }
    }
    skipElement(at);
    return cached ? null : Dialect.refuse("identity column is not supported " + CACHE);
  }

  static void skipElement(Cursor at) {
    while (!elementEnds(at)) {
      at.skip();
    }
  }

  static boolean elementEnds(Cursor at) {
    return at.atEnd() || at.peek(0).isSymbol(",") || at.peek(0).isSymbol(")");
  }
}
