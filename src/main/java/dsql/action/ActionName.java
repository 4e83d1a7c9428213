package dsql.action;

import java.util.Optional;

/// The actions, as the `action` field names them.
public enum ActionName {
  CREATE("create"),
  INSERT("insert"),
  QUERY("query");

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
    for (ActionName action : values()) {
      if (action.text.equals(text)) {
        return Optional.of(action);
      }
    }
    return Optional.empty();
  }
}
