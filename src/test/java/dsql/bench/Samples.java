package dsql.bench;

import dsql.bench.Measure.Ratio;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// One contestant's measurements, in the blocks in which contestants took turns. Confined to one
/// thread.
final class Samples {

  private final List<double[]> blocks = new ArrayList<>();

  /// Adds a block.
  void add(double... block) {
    blocks.add(block.clone());
  }

  /// The value below which that share of all measurements lies.
  double quantile(double share) {
    return quantile(blocks.stream().flatMapToDouble(Arrays::stream).toArray(), share);
  }

  double median() {
    return quantile(0.5);
  }

  private static double quantile(double[] values, double share) {
    Arrays.sort(values);
    if (values.length == 0) {
      throw new IllegalStateException("nothing was measured");
    }
    double at = share * (values.length - 1);
    int below = (int) at;
    int above = Math.min(below + 1, values.length - 1);
    return values[below] + (at - below) * (values[above] - values[below]);
  }

  /// Ours to theirs, at that quantile; both ran in the same blocks.
  static Ratio ratio(String unit, Samples ours, Samples theirs, double share) {
    double[] single = new double[ours.blocks.size()];
    for (int i = 0; i < single.length; i++) {
      single[i] =
          quantile(ours.blocks.get(i).clone(), share)
              / quantile(theirs.blocks.get(i).clone(), share);
    }
    return new Ratio(
        unit,
        ours.quantile(share),
        theirs.quantile(share),
        quantile(single.clone(), 0.25),
        quantile(single.clone(), 0.75));
  }

  static Ratio ratio(String unit, Samples ours, Samples theirs) {
    return ratio(unit, ours, theirs, 0.5);
  }
}
