package dsql.local.sql;

import java.util.List;

/// A place in a statement's tokens, moved by what it accepts.
final class Cursor {
  private static final Token END = new Token(Token.Kind.PUNCTUATION, "", 0, 0);

  private final Statement statement;
  private final List<Token> tokens;
  private int at;

  Cursor(Statement statement) {
    this.statement = statement;
    this.tokens = statement.tokens();
  }

  /// Another one at the same place.
  Cursor copy() {
    Cursor copy = new Cursor(statement);
    copy.at = at;
    return copy;
  }

  boolean atEnd() {
    return at >= tokens.size();
  }

  /// The token some places ahead; past the end, one that is nothing.
  Token peek(int ahead) {
    int index = at + ahead;
    return index >= 0 && index < tokens.size() ? tokens.get(index) : END;
  }

  Token next() {
    Token token = peek(0);
    at++;
    return token;
  }

  /// Moves past these words if they all stand here.
  boolean accept(String... words) {
    if (!looksAt(words)) {
      return false;
    }
    at += words.length;
    return true;
  }

  boolean looksAt(String... words) {
    for (int i = 0; i < words.length; i++) {
      if (!peek(i).isWord(words[i])) {
        return false;
      }
    }
    return true;
  }

  boolean acceptSymbol(String symbol) {
    if (!peek(0).isSymbol(symbol)) {
      return false;
    }
    at++;
    return true;
  }

  /// Moves to the first of these words outside parentheses; false, at the end, if there is none.
  boolean seek(String... words) {
    while (!atEnd()) {
      for (String word : words) {
        if (peek(0).isWord(word)) {
          return true;
        }
      }
      skip();
    }
    return false;
  }

  /// Do these words stand in a row anywhere from here on, outside parentheses?
  boolean holds(String... words) {
    int from = at;
    try {
      while (seek(words[0])) {
        if (looksAt(words)) {
          return true;
        }
        at++;
      }
      return false;
    } finally {
      at = from;
    }
  }

  /// Moves past one token, or past a whole parenthesis.
  void skip() {
    int depth = 0;
    do {
      Token token = next();
      depth += token.isSymbol("(") ? 1 : token.isSymbol(")") ? -1 : 0;
    } while (depth > 0 && !atEnd());
  }

  /// A possibly qualified name as written, or the empty string.
  String name() {
    if (!peek(0).isName()) {
      return "";
    }
    int start = next().start();
    while (peek(0).isSymbol(".") && peek(1).isName()) {
      at += 2;
    }
    return statement.text().substring(start, peek(-1).end());
  }

  /// The text with one token blanked out, so that positions stay.
  String without(Token token) {
    String text = statement.text();
    return text.substring(0, token.start())
        + " ".repeat(token.end() - token.start())
        + text.substring(token.end());
  }

  String text() {
    return statement.text();
  }
}
