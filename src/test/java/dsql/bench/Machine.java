package dsql.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/// The machine's shape, without which no number means anything.
final class Machine {

  private Machine() {}

  static String shape() throws IOException {
    return String.format(
        Locale.ROOT,
        "%d cores (%s), %s of memory, %s %s %s, %s; load before the run %.2f",
        Runtime.getRuntime().availableProcessors(),
        field("/proc/cpuinfo", "model name"),
        field("/proc/meminfo", "MemTotal"),
        System.getProperty("java.vm.vendor"),
        System.getProperty("java.runtime.name"),
        Runtime.version(),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
  }

  /// In a few words.
  static String brief() throws IOException {
    long kibibytes = Long.parseLong(field("/proc/meminfo", "MemTotal").replaceAll("\\D", ""));
    return "%d cores, %d GiB of memory"
        .formatted(Runtime.getRuntime().availableProcessors(), Math.round(kibibytes / 1048576.0));
  }

  /// The first field of that name in a file of `/proc`.
  static String field(String file, String name) throws IOException {
    for (String line : Files.readAllLines(Path.of(file))) {
      String[] part = line.split(":", 2);
      if (part.length == 2 && part[0].strip().equals(name)) {
        return part[1].strip();
      }
    }
    return "unknown";
  }
}
