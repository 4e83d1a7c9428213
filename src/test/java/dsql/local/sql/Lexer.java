package dsql.local.sql;

import dsql.local.sql.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Cuts SQL into tokens by PostgreSQL's own lexical rules.
///
/// Knows nested comments, dollar quotes, `E''`, `U&''`, `B''`, `X''` and `N''` strings, quoted
/// identifiers and operator runs. What ends too early (an open string or comment) runs to the end
/// of the text: PostgreSQL, which sees the same text, reports it.
final class Lexer {
  private static final String OPERATORS = "+-*/<>=~!@#%^&|`?";

  private final String sql;
  private final List<Token> tokens = new ArrayList<>();
  private final List<String> comments = new ArrayList<>();
  private int at;

  Lexer(String sql) {
    this.sql = sql;
  }

  List<Token> tokens() {
    while (skipBlank()) {
      next();
    }
    return tokens;
  }

  /// The text of the block comments met by [#tokens()].
  List<String> comments() {
    return comments;
  }

  private void next() {
    char c = sql.charAt(at);
    if (c == '\'') {
      string(at, at + 1, false);
    } else if (c == '"') {
      quoted(at, at + 1);
    } else if (startsWord(c)) {
      wordOrPrefixed();
    } else if (isDigit(c) || (c == '.' && isDigit(peek(1)))) {
      number();
    } else if (c == '$') {
      dollar();
    } else if (OPERATORS.indexOf(c) >= 0) {
      operator();
    } else {
      int length =
          sql.startsWith("::", at) || sql.startsWith(":=", at) || sql.startsWith("..", at) ? 2 : 1;
      add(Kind.PUNCTUATION, at, at + length);
    }
  }

  private boolean skipBlank() {
    while (at < sql.length()) {
      if (Character.isWhitespace(sql.charAt(at))) {
        at++;
      } else if (sql.startsWith("--", at)) {
        int end = sql.indexOf('\n', at);
        at = end < 0 ? sql.length() : end + 1;
      } else if (sql.startsWith("/*", at)) {
        blockComment();
      } else {
        return true;
      }
    }
    return false;
  }

  private void blockComment() {
    int start = at;
    int depth = 0;
    while (at < sql.length()) {
      if (sql.startsWith("/*", at)) {
        depth++;
        at += 2;
      } else if (sql.startsWith("*/", at)) {
        at += 2;
        if (--depth == 0) {
          comments.add(sql.substring(start + 2, at - 2).strip());
          return;
        }
      } else {
        at++;
      }
    }
  }

  private void wordOrPrefixed() {
    char c = Character.toLowerCase(sql.charAt(at));
    if (peek(1) == '\'' && (c == 'e' || c == 'b' || c == 'x' || c == 'n')) {
      string(at, at + 2, c == 'e');
    } else if (c == 'u' && peek(1) == '&' && peek(2) == '\'') {
      string(at, at + 3, false);
    } else if (c == 'u' && peek(1) == '&' && peek(2) == '"') {
      quoted(at, at + 3);
    } else {
      int start = at;
      while (at < sql.length() && inWord(sql.charAt(at))) {
        at++;
      }
      tokens.add(
          new Token(Kind.WORD, sql.substring(start, at).toLowerCase(Locale.ROOT), start, at));
    }
  }

  private void string(int start, int from, boolean escapes) {
    StringBuilder text = new StringBuilder();
    at = from;
    while (at < sql.length()) {
      char c = sql.charAt(at);
      if (escapes && c == '\\' && at + 1 < sql.length()) {
        text.append(sql, at, at + 2);
        at += 2;
      } else if (c == '\'' && peek(1) == '\'') {
        text.append('\'');
        at += 2;
      } else if (c == '\'') {
        at++;
        break;
      } else {
        text.append(c);
        at++;
      }
    }
    tokens.add(new Token(Kind.STRING, text.toString(), start, at));
  }

  private void quoted(int start, int from) {
    StringBuilder text = new StringBuilder();
    at = from;
    while (at < sql.length()) {
      char c = sql.charAt(at);
      if (c == '"' && peek(1) == '"') {
        text.append('"');
        at += 2;
      } else if (c == '"') {
        at++;
        break;
      } else {
        text.append(c);
        at++;
      }
    }
    tokens.add(new Token(Kind.QUOTED, text.toString(), start, at));
  }

  private void number() {
    int start = at;
    while (at < sql.length()) {
      char c = sql.charAt(at);
      boolean exponentSign =
          (c == '+' || c == '-')
              && Character.toLowerCase(sql.charAt(at - 1)) == 'e'
              && isDigit(peek(1));
      if (!(inWord(c) || (c == '.' && peek(1) != '.') || (exponentSign && at > start))) {
        break;
      }
      at++;
    }
    tokens.add(new Token(Kind.NUMBER, sql.substring(start, at), start, at));
  }

  private void dollar() {
    int start = at;
    if (isDigit(peek(1))) {
      at++;
      while (isDigit(peek(0))) {
        at++;
      }
      tokens.add(new Token(Kind.PARAMETER, sql.substring(start, at), start, at));
      return;
    }
    int tag = at + 1;
    while (tag < sql.length() && inWord(sql.charAt(tag)) && sql.charAt(tag) != '$') {
      tag++;
    }
    if (tag >= sql.length() || sql.charAt(tag) != '$') {
      add(Kind.PUNCTUATION, start, start + 1);
      return;
    }
    String delimiter = sql.substring(start, tag + 1);
    int end = sql.indexOf(delimiter, tag + 1);
    int stop = end < 0 ? sql.length() : end;
    at = end < 0 ? stop : end + delimiter.length();
    tokens.add(new Token(Kind.STRING, sql.substring(tag + 1, stop), start, at));
  }

  private void operator() {
    int start = at;
    while (at < sql.length()
        && OPERATORS.indexOf(sql.charAt(at)) >= 0
        && !sql.startsWith("--", at)
        && !sql.startsWith("/*", at)) {
      at++;
    }
    tokens.add(new Token(Kind.OPERATOR, sql.substring(start, at), start, at));
  }

  private void add(Kind kind, int start, int end) {
    tokens.add(new Token(kind, sql.substring(start, end), start, end));
    at = end;
  }

  private char peek(int ahead) {
    return at + ahead < sql.length() ? sql.charAt(at + ahead) : '\0';
  }

  private static boolean startsWord(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
  }

  private static boolean inWord(char c) {
    return startsWord(c) || isDigit(c) || c == '$';
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
