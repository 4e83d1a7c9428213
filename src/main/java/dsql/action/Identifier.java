package dsql.action;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The name of a table, column, index or schema, exactly as PostgreSQL stores it (case matters).
///
/// Any name that PostgreSQL can store is allowed; it reaches SQL through [#quoted()] only.
public record Identifier(String name) {

  /// PostgreSQL's NAMEDATALEN less the terminating zero, in bytes of UTF-8.
  public static final int MAX_BYTES = 63;

  public Identifier {
    Optional<String> fault = fault(name);
    if (fault.isPresent()) {
      throw new IllegalArgumentException(fault.get() + ": " + Excerpt.of(name, 2 * MAX_BYTES));
    }
  }

  /// The reason why the text cannot be a name; empty if it can.
  public static Optional<String> fault(String name) {
    return isPlain(name) ? Optional.empty() : faultOfAny(name);
  }

  /// Whether it is short and of ASCII without NUL, as most names are: such a name needs no further
  /// check.
  private static boolean isPlain(String name) {
    int length = name.length();
    for (int i = 0; i < length; i++) {
      if (name.charAt(i) - 1 >= 0x7f || name.charAt(i) == 0) {
        return false;
      }
    }
    return length > 0 && length <= MAX_BYTES;
  }

  private static Optional<String> faultOfAny(String name) {
    if (name.isEmpty()) {
      return Optional.of("a name must not be empty");
    }
    if (name.codePoints().anyMatch(c -> c == 0 || isSurrogate(c))) {
      return Optional.of("a name must not hold NUL or half a surrogate pair");
    }
    if (name.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
      return Optional.of("a name has at most " + MAX_BYTES + " bytes");
    }
    return Optional.empty();
  }

  /// Whether a code point is half a surrogate pair.
  public static boolean isSurrogate(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }

  /// The name in double quotes, with its own quotes doubled, safe to put into SQL text.
  public String quoted() {
    StringBuilder text = new StringBuilder(name.length() + 2);
    quote(text);
    return text.toString();
  }

  private void quote(StringBuilder text) {
    text.append('"');
    text.append(name.indexOf('"') < 0 ? name : name.replace("\"", "\"\""));
    text.append('"');
  }

  // Written out, because those of a record are generated at first use, which would slow down a cold
  // start.

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Identifier that && name.equals(that.name);
  }

  @Override
  public int hashCode() {
    return name.hashCode();
  }

  /// The names in double quotes, separated by commas.
  public static String list(Collection<Identifier> names) {
    StringBuilder text = new StringBuilder(16 * names.size());
    for (Identifier name : names) {
      if (!text.isEmpty()) {
        text.append(", ");
      }
      name.quote(text);
    }
    return text.toString();
  }

  @Override
  public String toString() {
    return name;
  }
}
