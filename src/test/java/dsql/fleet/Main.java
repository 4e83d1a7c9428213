package dsql.fleet;

/// Runs every scenario and prints its figures.
public final class Main {

  private Main() {}

  /// Runs them.
  ///
  /// @param arguments none
  public static void main(String[] arguments) {
    for (int count : new int[] {1_000, 10_000}) {
      for (boolean before : new boolean[] {true, false}) {
        long t = System.nanoTime();
        Fleet.Settings settings =
            before ? Fleet.Settings.DEPLOYED.before() : Fleet.Settings.DEPLOYED;
        Fleet fleet = new Fleet(settings, 1);
        fleet.deploy(count);
        fleet.time.run();
        System.out.printf(
            "deploy %d before=%s: served %d by %.1f s, attempts %d, by rate %d, refused %d, lost %d (%d ms)%n",
            count, before, fleet.served, fleet.lastServed, fleet.service.attempts,
            fleet.service.refusedByRate, fleet.refused, fleet.lost,
            (System.nanoTime() - t) / 1_000_000);
      }
    }
  }
}
