package dsql.evidence;

import java.util.Optional;

/// Something that the function sends to the server or rests on, in a notation of its own: names of
/// tables and columns, values and numbers are left out of it.
record Construct(Kind kind, String text) {

  /// What it is; each kind has a section of the page.
  enum Kind {
    STATEMENT("Statements"),
    CLAUSE("Clauses"),
    FUNCTION("Functions"),
    OPERATOR("Operators"),
    CAST("Casts"),
    TYPE("Types of columns"),
    CATALOG("Catalogs"),
    COLUMN("Columns of catalogs"),
    SYNC("What runs under one Sync"),
    PROTOCOL("Protocol"),
    STARTUP("Start-up settings"),
    CONNECTION("Connecting"),
    ANSWER("Answers that are told apart"),
    SQLSTATE("SQLSTATEs that are told apart"),
    MESSAGE("Messages that are told apart");

    private final String section;

    Kind(String section) {
      this.section = section;
    }

    static Optional<Kind> ofSection(String heading) {
      for (Kind kind : values()) {
        if (kind.section.equals(heading)) {
          return Optional.of(kind);
        }
      }
      return Optional.empty();
    }

    /// Whether the endpoint hears it.
    boolean isOnTheWire() {
      return compareTo(CONNECTION) < 0;
    }
  }

  @Override
  public String toString() {
    return kind.section + ": " + text;
  }
}
