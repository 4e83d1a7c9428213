package dsql.local.sql;

/// A token of SQL: where it stands, what it is, and its text.
///
/// The text of a word is folded to lower case, that of a quoted identifier or string is what it
/// denotes, anything else is as written.
public record Token(Kind kind, String text, int start, int end) {

  public enum Kind {
    WORD,
    QUOTED,
    STRING,
    NUMBER,
    PARAMETER,
    OPERATOR,
    PUNCTUATION
  }

  /// Is this the unquoted word (given in lower case)?
  public boolean isWord(String word) {
    return kind == Kind.WORD && text.equals(word);
  }

  public boolean isSymbol(String symbol) {
    return (kind == Kind.PUNCTUATION || kind == Kind.OPERATOR) && text.equals(symbol);
  }

  /// Can this stand for a name? Keywords are not told from names here.
  public boolean isName() {
    return kind == Kind.WORD || kind == Kind.QUOTED;
  }
}
