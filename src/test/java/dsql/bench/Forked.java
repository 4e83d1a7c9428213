package dsql.bench;

import dsql.local.LocalDsql;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Runs a part in a JVM of its own, with Lambda's flags, its endpoint in the same JVM.
///
/// @param tiers the JVM's compilers
/// @param pinned whether all of it, PostgreSQL too, has one CPU: unpinned, a round trip's time
///   depends on where the scheduler happens to put its two ends
record Forked(String name, Tiers tiers, boolean pinned) implements Part {

  /// A part inside that JVM.
  interface Inner {
    List<Row> run(Settings settings, LocalDsql dsql) throws Exception;
  }

  private static final Map<String, Inner> INNER =
      Map.of(
          "warm", new Warm(),
          "trips", new Trips(),
          "network", new Network(),
          "bulk", new Bulk(),
          "growth", new Growth(),
          "page", new Pages(),
          "concurrency", new Concurrency());

  @Override
  public List<Row> run(Settings settings) throws Exception {
    List<String> arguments = List.of(name, Boolean.toString(settings.quick()), settings.before());
    List<String> program = pinned ? Children.onOneCpu() : List.of();
    return Children.run(program, tiers.flags(), Forked.class, arguments).stream()
        .filter(Row::isEncoded)
        .map(Row::decode)
        .map(row -> row.with(tiers))
        .toList();
  }

  /// Runs one part.
  ///
  /// @param arguments the part, whether it is a rehearsal, and the earlier checkout
  public static void main(String[] arguments) throws Exception {
    Inner inner = INNER.get(arguments[0]);
    if (inner == null) {
      throw new IllegalArgumentException(arguments[0]);
    }
    boolean quick = Boolean.parseBoolean(arguments[1]);
    Settings settings = new Settings(quick, Set.of(), false, Path.of("none"), arguments[2]);
    // The peers do not run again what meets a table that was made after they connected, and what it
    // takes to imitate the service's catalog is no cost of the function's.
    try (LocalDsql dsql = LocalDsql.builder().staleCatalogs(false).serviceCatalogs(false).start()) {
      inner.run(settings, dsql).forEach(row -> System.out.println(row.encode()));
    }
  }
}
