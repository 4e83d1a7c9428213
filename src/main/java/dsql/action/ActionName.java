package dsql.action;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// The actions, as the `action` field names them.
public enum ActionName {
  CREATE,
  INSERT,
  QUERY;

  /// The name in an event and in a reply.
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The action of that name, if there is one.
  public static Optional<ActionName> of(String text) {
    return Arrays.stream(values()).filter(action -> action.text().equals(text)).findAny();
  }
}
