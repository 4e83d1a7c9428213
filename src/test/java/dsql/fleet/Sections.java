package dsql.fleet;

import java.util.List;
import java.util.Locale;

/// The questions that are asked of a fleet.
final class Sections {

  static final Fleet.Settings NOW = Fleet.Settings.DEPLOYED;

  private Sections() {}

  static List<Section> all() {
    return List.of(
        Storms.deploys(),
        Storms.spent(),
        Storms.onTheHour(),
        Storms.renewal(),
        Storms.total(),
        Storms.wakeUp(),
        Loads.hour(),
        Loads.outage(),
        Loads.spike(),
        Loads.sizes(),
        Loads.hotRow(),
        Loads.variants());
  }

  static int most(List<Integer> numbers, int from) {
    return numbers.stream().skip(from).mapToInt(n -> n).max().orElse(0);
  }

  static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
