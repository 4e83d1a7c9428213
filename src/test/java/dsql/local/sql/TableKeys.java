package dsql.local.sql;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The keys of a table that is to be created: what they may hold.
final class TableKeys {
  private static final int MOST_DECLARED_BYTES = 2000;

  private final Map<String, Types.Named> types = new HashMap<>();
  private final List<List<String>> keys = new ArrayList<>();

  private TableKeys() {}

  /// Why the keys cannot be, or null; the cursor is after the parenthesis of the columns.
  static @Nullable Command refusal(Cursor at) {
    TableKeys table = new TableKeys();
    while (!at.atEnd() && !at.peek(0).isSymbol(")")) {
      if (Creation.isConstraint(at.peek(0))) {
        table.constraint(at);
      } else {
        table.column(at);
      }
      Creation.skipElement(at);
      at.acceptSymbol(",");
    }
    return table.refusal();
  }

  private void column(Cursor at) {
    String name = at.next().text();
    types.put(name, Types.read(at));
    while (!Creation.elementEnds(at)) {
      if (at.accept("primary", "key") || at.accept("unique")) {
        keys.add(List.of(name));
      } else {
        at.skip();
      }
    }
  }

  private void constraint(Cursor at) {
    if (at.accept("constraint")) {
      at.next();
    }
    if (!at.accept("primary", "key") && !at.accept("unique")) {
      return;
    }
    if (at.accept("nulls")) {
      at.accept("not");
      at.accept("distinct");
    }
    List<String> key = new ArrayList<>();
    if (at.acceptSymbol("(")) {
      while (!at.atEnd() && !at.acceptSymbol(")")) {
        Token token = at.next();
        if (token.isName()) {
          key.add(token.text());
        }
      }
    }
    keys.add(key);
  }

  private @Nullable Command refusal() {
    for (List<String> key : keys) {
      int bytes = 0;
      for (String name : key) {
        Types.Named type = types.get(name);
        Command refused = type == null ? null : type.refusalInKey();
        if (refused != null) {
          return refused;
        }
        bytes += type == null ? 0 : type.declaredBytes();
      }
      if (bytes > MOST_DECLARED_BYTES) {
        return Dialect.refuse("54000", "key size greater than 2000 bytes not supported");
      }
    }
    return null;
  }
}
