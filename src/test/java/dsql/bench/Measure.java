package dsql.bench;

import java.util.Locale;

/// What was found. It goes from one JVM to another as text.
sealed interface Measure {

  /// A ratio of medians to a peer in the same run.
  ///
  /// @param unit of `ours` and `theirs`
  /// @param low and `high`: the quartiles of the ratios of single blocks
  record Ratio(String unit, double ours, double theirs, double low, double high)
      implements Measure {
    double value() {
      return ours / theirs;
    }
  }

  /// A quantity of its own.
  record Absolute(String unit, double value) implements Measure {}

  /// It cannot be told.
  record Missing(String why) implements Measure {}

  default String encode() {
    return switch (this) {
      case Ratio(String unit, double ours, double theirs, double low, double high) ->
          String.join("\t", "ratio", unit, ours + "", theirs + "", low + "", high + "");
      case Absolute(String unit, double value) -> String.join("\t", "absolute", unit, value + "");
      case Missing(String why) -> "missing\t" + why;
    };
  }

  static Measure decode(String text) {
    String[] part = text.split("\t", -1);
    return switch (part[0]) {
      case "ratio" ->
          new Ratio(part[1], number(part[2]), number(part[3]), number(part[4]), number(part[5]));
      case "absolute" -> new Absolute(part[1], number(part[2]));
      case "missing" -> new Missing(part[1]);
      default -> throw new IllegalArgumentException(text);
    };
  }

  private static double number(String text) {
    return Double.parseDouble(text);
  }

  /// Three digits that count.
  static String digits(double value) {
    double size = Math.abs(value);
    return String.format(
        Locale.ROOT,
        size >= 100 ? "%,.0f" : size >= 10 ? "%.1f" : size >= 1 ? "%.2f" : "%.3f",
        value);
  }
}
