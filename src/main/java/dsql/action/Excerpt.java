package dsql.action;

/// Cuts a caller's texts to the length that a problem may repeat, so that no reply exceeds the
/// limit of the door it leaves by.
///
/// Length is counted in bytes as the strictest door counts them: as JSON text within a JSON string,
/// where a quote takes four bytes and a control character seven.
public final class Excerpt {

  /// The end of a text that was cut.
  static final String MARK = "…";

  /// The most bytes that one character takes: a control character, escaped twice, is `\\u0001`.
  private static final int WIDEST = 7;

  private Excerpt() {}

  /// The text itself, or its beginning and a mark where it has more bytes than that.
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

  /// Where to cut without splitting a surrogate pair or a pointer's escape.
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
