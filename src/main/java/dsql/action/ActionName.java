package dsql.action;

import java.util.List;
import java.util.Optional;

/// The actions, as the `action` field names them.
public enum ActionName {
  CREATE("create"),
  INSERT("insert"),
  QUERY("query");

  /// The constants, kept because `values()` makes a copy at each call.
  private static final List<ActionName> ALL = List.of(values());

  private final String text;

  ActionName(String text) {
    this.text = text;
  }

  /// The action's name in an event and in a reply.
  public String text() {
    return text;
  }

  /// The action with that name, if there is one.
  public static Optional<ActionName> of(String text) {
    for (ActionName action : ALL) {
      if (action.text.equals(text)) {
        return Optional.of(action);
      }
    }
    return Optional.empty();
  }
}
