package dsql.json;

import java.util.Locale;

/// How constants are spelled in JSON text.
public final class Words {

  private Words() {}

  /// The constant's name in lower case: `not_committed`.
  public static String of(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
