package dsql.docs;

import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What a page prints of a longer text, with `…` for what it leaves out.
public final class Shortened {

  private Shortened() {}

  /// Whether the whole text is what the page prints.
  public static boolean matches(String printed, String text) {
    String pattern =
        Arrays.stream(printed.split("…", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
    return text.matches(pattern);
  }
}
