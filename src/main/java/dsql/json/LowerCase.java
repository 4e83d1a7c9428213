package dsql.json;

import java.util.Locale;

/// Enum constants as lower-case words in JSON.
public final class LowerCase {

  private LowerCase() {}

  /// The constant's name in lower case, for example `not_committed`.
  public static String of(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
