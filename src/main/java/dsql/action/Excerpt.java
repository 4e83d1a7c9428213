package dsql.action;

/// Texts of a caller, cut to what a problem may repeat of them, so that no reply outgrows what a
/// door can carry.
///
/// A length is counted in bytes as the last door counts them: JSON text within a JSON string, where
/// a quote takes four and a control character seven.
public final class Excerpt {

  /// Ends a text that was cut.
  static final String MARK = "…";

  /// A control character, escaped and escaped again: `\\u0001`.
  private static final int WIDEST = 7;

  private Excerpt() {}

  /// The text as it is, or its beginning and a mark where it has more bytes.
  public static String of(String text, int bytes) {
    if (text.length() <= bytes / WIDEST) {
      return text;
    }
    int left = bytes;
    int end = 0;
    while (end < text.length()) {
      left -= width(text.charAt(end));
      if (left < 0) {
        return text.substring(0, whole(text, end)) + MARK;
      }
      end++;
    }
    return text;
  }

  /// Where to cut so that no surrogate pair is split, nor an escape of a pointer.
  private static int whole(String text, int end) {
    int whole = end;
    if (whole > 0 && Character.isHighSurrogate(text.charAt(whole - 1))) {
      whole--;
    }
    if (whole > 0 && text.charAt(whole - 1) == '~') {
      whole--;
    }
    return whole;
  }

  private static int width(char c) {
    if (c < ' ' || Character.isSurrogate(c)) {
      return WIDEST;
    }
    if (c == '"' || c == '\\') {
      return 4;
    }
    return c < 0x7f ? 1 : 3;
  }
}
