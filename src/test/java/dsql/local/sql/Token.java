package dsql.local.sql;

/// A token of SQL: where it stands, what it is, and its text.
///
/// The text of a word is folded to lower case, that of a quoted identifier or string is what it
/// denotes, anything else is as written.
record Token(Kind kind, String text, int start, int end) {

  enum Kind {
    WORD,
    QUOTED,
    STRING,
    NUMBER,
    PARAMETER,
    OPERATOR,
    PUNCTUATION
  }

  /// Is this the unquoted word (given in lower case)?
  boolean isWord(String word) {
    return kind == Kind.WORD && text.equals(word);
  }

  boolean isSymbol(String symbol) {
    return (kind == Kind.PUNCTUATION || kind == Kind.OPERATOR) && text.equals(symbol);
  }

  /// Can this stand for a name? Keywords are not told from names here.
  boolean isName() {
    return kind == Kind.WORD || kind == Kind.QUOTED;
  }
}
