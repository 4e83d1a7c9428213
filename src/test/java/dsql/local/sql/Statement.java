package dsql.local.sql;

import java.util.ArrayList;
import java.util.List;

/// One statement of a query string: its text and tokens.
///
/// The text of every statement but the first starts with blanks in place of what stood before it,
/// so that an error position counts from the start of the whole string.
public final class Statement {
  private final String text;
  private final List<Token> tokens;
  private final List<String> comments;

  private Statement(String text, List<Token> tokens, List<String> comments) {
    this.text = text;
    this.tokens = List.copyOf(tokens);
    this.comments = List.copyOf(comments);
  }

  /// Reads the text of one Parse message, which PostgreSQL refuses if it holds several statements.
  public static Statement of(String sql) {
    Lexer lexer = new Lexer(sql);
    List<Token> tokens = lexer.tokens();
    return new Statement(sql, tokens, lexer.comments());
  }

  /// Cuts the text of a simple query at its semicolons; empty statements are left out.
  public static List<Statement> split(String sql) {
    Lexer lexer = new Lexer(sql);
    List<Statement> statements = new ArrayList<>();
    List<Token> current = new ArrayList<>();
    int start = 0;
    int depth = 0;
    boolean atomic = false;
    for (Token token : lexer.tokens()) {
      depth += token.isSymbol("(") ? 1 : token.isSymbol(")") ? -1 : 0;
      atomic |= token.isWord("atomic") && !current.isEmpty() && current.getLast().isWord("begin");
      if (token.isSymbol(";") && depth <= 0 && (!atomic || endsBody(current))) {
        addTo(statements, sql, start, token.start(), current);
        current = new ArrayList<>();
        start = token.end();
        depth = 0;
        atomic = false;
      } else {
        current.add(token);
      }
    }
    addTo(statements, sql, start, sql.length(), current);
    if (statements.size() == 1) {
      // Comments matter to one statement only; with several it is unclear whose they are.
      Statement only = statements.getFirst();
      return List.of(new Statement(only.text, only.tokens, lexer.comments()));
    }
    return statements;
  }

  /// The same statement in other words.
  Statement with(String sql) {
    return new Statement(sql, new Lexer(sql).tokens(), comments);
  }

  public String text() {
    return text;
  }

  /// Does it start with this word?
  public boolean startsWith(String word) {
    return !tokens.isEmpty() && tokens.getFirst().isWord(word);
  }

  /// Do these words and symbols stand in a row anywhere in it, unquoted and in lower case?
  public boolean holds(String... texts) {
    for (int start = 0; start + texts.length <= tokens.size(); start++) {
      int matched = 0;
      while (matched < texts.length && isPlain(tokens.get(start + matched), texts[matched])) {
        matched++;
      }
      if (matched == texts.length) {
        return true;
      }
    }
    return false;
  }

  /// How often does this word stand in it, unquoted?
  public int count(String word) {
    return (int) tokens.stream().filter(token -> token.isWord(word)).count();
  }

  private static boolean isPlain(Token token, String text) {
    return token.isWord(text) || token.isSymbol(text);
  }

  public List<Token> tokens() {
    return tokens;
  }

  /// The block comments in it, without their delimiters.
  public List<String> comments() {
    return comments;
  }

  // The body of a SQL function ends with END.
  private static boolean endsBody(List<Token> current) {
    return !current.isEmpty() && current.getLast().isWord("end");
  }

  private static void addTo(
      List<Statement> statements, String sql, int start, int end, List<Token> tokens) {
    if (!tokens.isEmpty()) {
      String text =
          statements.isEmpty() && start == 0
              ? sql.substring(0, end)
              : " ".repeat(start) + sql.substring(start, end);
      statements.add(new Statement(text, tokens, List.of()));
    }
  }
}
