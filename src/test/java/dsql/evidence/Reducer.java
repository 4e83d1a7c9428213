package dsql.evidence;

import dsql.evidence.Construct.Kind;
import dsql.evidence.Phrases.Phrase;
import dsql.local.sql.Statement;
import dsql.local.sql.Token;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// Reduces a statement to the constructs that it consists of.
///
/// The function quotes every name of a caller's and binds every value, so that each word without
/// quotes is the function's own. None of them falls through: what is not known here becomes a
/// clause of its own, for which the page has no row.
///
/// Confined to one statement.
final class Reducer {

  /// The function's own names, which it writes without quotes.
  private static final Set<String> OWN =
      Set.of(
          "key",
          "fingerprint",
          "next_row",
          "written",
          "reply",
          "returned",
          "created_at",
          "expires_at",
          "dsql_ledger_expires_at");

  private final List<Token> tokens;
  private final Skeleton skeleton = new Skeleton();
  private final Set<Construct> found = new LinkedHashSet<>();

  /// What the catalogs are called, each name in all its meanings.
  private final Map<String, Set<String>> aliases = new HashMap<>();

  /// What the statement names by AS.
  private final Set<String> named = new HashSet<>();

  private int at;

  private Reducer(Statement statement) {
    this.tokens = statement.tokens();
  }

  static Reduced reduce(Statement statement) {
    return new Reducer(statement).run();
  }

  private Reduced run() {
    declare();
    while (at < tokens.size()) {
      Token token = peek(0);
      switch (token.kind()) {
        case WORD -> word(token);
        case OPERATOR -> operator(token);
        case PUNCTUATION -> punctuation(token);
        case QUOTED -> quoted();
        case STRING, NUMBER, PARAMETER -> at++;
      }
    }
    String text = skeleton.text();
    boolean write = skeleton.first().equals("INSERT");
    add(Kind.STATEMENT, text.isEmpty() ? "empty" : text);
    return new Reduced(skeleton.first(), write && skeleton.holds("RETURNING"), found);
  }

  /// Reads the names that are given to catalogs, and those given by AS.
  private void declare() {
    for (at = 0; at < tokens.size(); at++) {
      boolean source = peek(0).isWord("from") || peek(0).isWord("join");
      if (source && peek(1).kind() == Token.Kind.WORD) {
        at++;
        String catalog = catalog();
        int behind = peek(0).isWord("as") ? 1 : 0;
        Token alias = peek(behind);
        boolean isAlias =
            alias.kind() == Token.Kind.WORD && Phrases.at(tokens, at + behind) == null;
        String name = isAlias ? alias.text() : catalog;
        aliases.computeIfAbsent(name, _ -> new LinkedHashSet<>()).add(catalog);
        at--;
      } else if (peek(0).isWord("as") && peek(1).kind() == Token.Kind.WORD) {
        named.add(peek(1).text());
        if (peek(2).isSymbol("(") && peek(3).kind() == Token.Kind.WORD) {
          // Names of the columns of what AS names.
          for (int i = 3; peek(i).kind() == Token.Kind.WORD; i += 2) {
            named.add(peek(i).text());
          }
        }
      } else if (peek(0).kind() == Token.Kind.WORD && peek(1).isWord("as")) {
        named.add(peek(0).text());
      }
    }
    at = 0;
  }

  /// Moves past a catalog's name, by which it is known wherever it is looked up.
  private String catalog() {
    StringBuilder name = new StringBuilder(next().text());
    while (peek(0).isSymbol(".") && peek(1).kind() == Token.Kind.WORD) {
      at++;
      name.append('.').append(next().text());
    }
    String text = name.toString();
    return text.startsWith("pg_catalog.") ? text.substring("pg_catalog.".length()) : text;
  }

  private void word(Token token) {
    if (isSource() && !peek(1).isSymbol("(")) {
      source();
      return;
    }
    Phrase phrase = Phrases.at(tokens, at);
    if (phrase != null) {
      phrase(phrase);
    } else if (peek(1).isSymbol(".")) {
      qualified();
    } else if (peek(1).isSymbol("(") && !peek(-1).isWord("as") && !OWN.contains(token.text())) {
      function(next().text());
    } else if (OWN.contains(token.text())
        || named.contains(token.text())
        || aliases.containsKey(token.text())) {
      at++;
      columnType();
    } else {
      at++;
      found.add(Phrases.clause(token.text().toUpperCase(Locale.ROOT)));
    }
  }

  /// Whether the name of a relation stands here.
  private boolean isSource() {
    return (peek(-1).isWord("from") || peek(-1).isWord("join")) && !peek(-2).isWord("distinct");
  }

  private void source() {
    String catalog = catalog();
    if (!named.contains(catalog)) {
      add(Kind.CATALOG, catalog);
    }
    if (peek(0).kind() == Token.Kind.WORD && Phrases.at(tokens, at) == null) {
      at++;
    }
  }

  /// Some phrases end within parentheses.
  private void phrase(Phrase phrase) {
    if (!phrase.verb().isEmpty()) {
      skeleton.add(phrase.verb());
    }
    Construct construct = phrase.construct();
    if (construct != null) {
      found.add(inContext(construct, phrase));
    }
    for (int i = 0; i < phrase.words().size(); i++) {
      if (next().isSymbol("(")) {
        skeleton.open();
      }
    }
  }

  /// Some words are another construct in a table's definition, or another with what follows.
  private Construct inContext(Construct construct, Phrase phrase) {
    String first = phrase.words().getFirst();
    if (isTable() && first.equals("default")) {
      return Phrases.clause("column DEFAULT …");
    }
    if (first.equals("primary")) {
      boolean ofTable = peek(phrase.words().size()).isSymbol("(");
      return Phrases.clause(ofTable ? "PRIMARY KEY (…)" : "column PRIMARY KEY");
    }
    if (first.equals("limit")) {
      return Phrases.clause(peek(1).kind() == Token.Kind.NUMBER ? "LIMIT n" : "LIMIT $n");
    }
    return construct;
  }

  /// `alias.column`, or a function of a schema.
  private void qualified() {
    Token owner = next();
    at++;
    Token member = peek(0);
    if (member.kind() == Token.Kind.WORD && peek(1).isSymbol("(")) {
      at++;
      function(owner.text() + '.' + member.text());
    } else if (member.kind() == Token.Kind.WORD && aliases.containsKey(owner.text())) {
      at++;
      for (String catalog : aliases.getOrDefault(owner.text(), Set.of())) {
        add(Kind.COLUMN, catalog + '.' + member.text());
      }
    } else if (!named.contains(owner.text())) {
      found.add(Phrases.clause(owner.text().toUpperCase(Locale.ROOT)));
    }
  }

  private void function(String name) {
    boolean relation = peek(-2).isWord("from");
    add(Kind.FUNCTION, name + "()");
    if (relation) {
      skeleton.add("FROM " + name);
    }
  }

  private void operator(Token token) {
    Token before = peek(-1);
    at++;
    if (!token.text().equals("*")) {
      add(Kind.OPERATOR, token.text());
    } else if (before.isWord("select")) {
      found.add(Phrases.clause("SELECT *"));
    } else {
      boolean rows = before.isSymbol("(") && peek(0).isSymbol(")");
      add(rows ? Kind.FUNCTION : Kind.OPERATOR, rows ? "count(*)" : "*");
    }
  }

  private void punctuation(Token token) {
    at++;
    switch (token.text()) {
      case "(" -> skeleton.open();
      case ")" -> skeleton.close();
      case "," -> skeleton.comma();
      case "::" -> add(Kind.CAST, "::" + type());
      default -> {}
    }
  }

  private void quoted() {
    at++;
    columnType();
  }

  /// Behind the name of a column in a table's definition stands its type.
  private void columnType() {
    Token before = peek(-2);
    if (isTable()
        && skeleton.depth() == 1
        && (before.isSymbol("(") || before.isSymbol(","))
        && peek(0).kind() == Token.Kind.WORD) {
      add(Kind.TYPE, type());
    }
  }

  private boolean isTable() {
    return skeleton.first().startsWith("CREATE TABLE");
  }

  /// Moves past a type, which is told without its numbers.
  private String type() {
    StringBuilder type = new StringBuilder(next().text());
    if (type.toString().equals("double") && peek(0).isWord("precision")) {
      type.append(' ').append(next().text());
    }
    if (peek(0).isSymbol("(") && peek(1).kind() == Token.Kind.NUMBER) {
      type.append(peek(2).isSymbol(",") ? "(p,s)" : "(n)");
      while (!next().isSymbol(")")) {}
    }
    if (peek(0).isSymbol("[") && peek(1).isSymbol("]")) {
      at += 2;
      type.append("[]");
    }
    return type.toString();
  }

  private void add(Kind kind, String text) {
    found.add(new Construct(kind, text));
  }

  private Token next() {
    Token token = peek(0);
    at++;
    return token;
  }

  /// The token some places ahead; past either end, one that is nothing.
  private Token peek(int ahead) {
    int index = at + ahead;
    return index >= 0 && index < tokens.size() ? tokens.get(index) : END;
  }

  private static final Token END = new Token(Token.Kind.PUNCTUATION, "", 0, 0);
}
