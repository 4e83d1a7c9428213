package dsql.bench;

import java.util.List;

/// The compilers that a JVM has, as Lambda starts Java 25 with them.
enum Tiers {
  /// Under SnapStart, as the template deploys the function: C1 and C2.
  ALL("-XX:TieredStopAtLevel=4", ""),
  /// Without SnapStart: C1 alone.
  C1("-XX:TieredStopAtLevel=1", ", C1 alone");

  private final String flag;

  /// What the rows that were measured so have behind their names.
  final String suffix;

  Tiers(String flag, String suffix) {
    this.flag = flag;
    this.suffix = suffix;
  }

  /// The JVM's flags, with the heap of 512 MB.
  List<String> flags() {
    return List.of("-XX:+UseSerialGC", flag, "-Xmx440m", "--enable-native-access=ALL-UNNAMED");
  }
}
