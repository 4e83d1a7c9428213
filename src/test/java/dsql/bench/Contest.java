package dsql.bench;

import java.util.ArrayList;
import java.util.List;

/// Runs contestants in turns, so that each sees the same machine.
final class Contest {

  private Contest() {}

  /// Milliseconds of each, in the order given.
  ///
  /// @param warmUp runs of each before anything counts
  /// @param perBlock runs of each in a block
  static List<Samples> run(int warmUp, int blocks, int perBlock, List<Contestant> contestants)
      throws Exception {
    int n = 0;
    for (int i = 0; i < warmUp; i++) {
      for (Contestant contestant : contestants) {
        contestant.time(n++);
      }
    }
    List<Samples> samples = new ArrayList<>();
    contestants.forEach(_ -> samples.add(new Samples()));
    double[][] block = new double[contestants.size()][perBlock];
    for (int b = 0; b < blocks; b++) {
      for (int i = 0; i < perBlock; i++) {
        for (int c = 0; c < contestants.size(); c++) {
          // A different one begins each time.
          int turn = (c + i) % contestants.size();
          block[turn][i] = contestants.get(turn).time(n++);
        }
      }
      for (int c = 0; c < contestants.size(); c++) {
        samples.get(c).add(block[c]);
      }
    }
    return samples;
  }
}
