package dsql.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/// How much is measured, and what is done with it.
///
/// @param quick a rehearsal of under two minutes: every row, few runs, nothing to rely on
/// @param only the parts to run; empty for all
/// @param write where the results go besides standard output; no file when `write` is not asked for
/// @param before a built checkout of an earlier commit to compare warm rows with; empty for none
record Settings(boolean quick, Set<String> only, boolean write, Path file, String before) {

  Settings {
    only = Set.copyOf(only);
  }

  /// By the properties `bench`, `bench.only`, `bench.write` and `bench.before`.
  static Settings of(Path file) {
    String mode = System.getProperty("bench", "full");
    if (!List.of("quick", "full").contains(mode)) {
      throw new IllegalArgumentException("-Dbench=" + mode + ": give quick or full");
    }
    String only = System.getProperty("bench.only", "all");
    return new Settings(
        mode.equals("quick"),
        only.equals("all") ? Set.of() : Set.of(only.split(",", -1)),
        Boolean.getBoolean("bench.write"),
        file,
        System.getProperty("bench.before", ""));
  }

  boolean includes(String part) {
    return only.isEmpty() || only.contains(part);
  }

  /// One number for a full run, another for a rehearsal.
  int pick(int full, int rehearsal) {
    return quick ? rehearsal : full;
  }
}
