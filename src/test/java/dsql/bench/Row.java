package dsql.bench;

import dsql.bench.Measure.Absolute;
import dsql.bench.Measure.Missing;
import dsql.bench.Measure.Ratio;
import java.util.List;
import java.util.Locale;

/// One line of the table.
///
/// @param what was measured
/// @param peer what it is compared with; empty for a quantity of its own
record Row(String what, String peer, Measure measure, Goal goal) {

  static final List<String> HEADS =
      List.of("what", "here", "peer", "", "ratio", "quartiles", "goal", "");

  private static final String MARK = "row\t";

  /// The same, measured with those compilers.
  Row with(Tiers tiers) {
    return new Row(what + tiers.suffix, peer, measure, goal);
  }

  /// As one line, for another JVM.
  String encode() {
    return MARK
        + String.join("\t", what, peer, goal.kind().name(), goal.value() + "", measure.encode());
  }

  static boolean isEncoded(String line) {
    return line.startsWith(MARK);
  }

  static Row decode(String line) {
    String[] part = line.substring(MARK.length()).split("\t", 5);
    Goal goal = new Goal(Goal.Kind.valueOf(part[2]), Double.parseDouble(part[3]));
    return new Row(part[0], part[1], Measure.decode(part[4]), goal);
  }

  /// The cells under [#HEADS].
  List<String> cells() {
    return switch (measure) {
      case Ratio ratio ->
          List.of(
              what,
              Measure.digits(ratio.ours()) + " " + ratio.unit(),
              Measure.digits(ratio.theirs()) + " " + ratio.unit(),
              peer,
              hundredths(ratio.value()),
              hundredths(ratio.low()) + " to " + hundredths(ratio.high()),
              goal.toString(),
              verdict(ratio.value()));
      case Absolute(String unit, double value) ->
          List.of(
              what,
              Measure.digits(value) + " " + unit,
              "",
              peer,
              "",
              "",
              goal.toString(),
              verdict(value));
      case Missing(String why) -> List.of(what, "n/a", "", why, "", "", goal.toString(), "");
    };
  }

  private String verdict(double found) {
    return goal.kind() == Goal.Kind.NONE ? "" : goal.isMetBy(found) ? "met" : "**missed**";
  }

  private static String hundredths(double value) {
    return String.format(Locale.ROOT, value < 0.1 ? "%.3f" : "%.2f", value);
  }
}
