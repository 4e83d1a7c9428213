package dsql.evidence;

import dsql.evidence.Construct.Kind;
import dsql.local.session.Tap;
import dsql.local.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/// Holds all that the function sends in the tests against a page. Safe for concurrent use.
final class Collector implements Tap {

  /// What the function calls itself; other clients are the tests' own.
  static final String APPLICATION = "dsql-lambda";

  /// Texts kept at most.
  private static final int MAX_TEXTS = 2_000;

  private final Set<Construct> known;
  private final Map<String, Reduced> texts = new ConcurrentHashMap<>();
  private final Set<Construct> unknown = ConcurrentHashMap.newKeySet();
  private final List<String> complaints = new CopyOnWriteArrayList<>();
  private final List<Watch> watches = new CopyOnWriteArrayList<>();

  /// @param known the constructs that have a row
  Collector(Set<Construct> known) {
    this.known = Set.copyOf(known);
  }

  @Override
  public Line opened(Map<String, String> startup, boolean directTls) {
    if (!startup.getOrDefault("application_name", "").equals(APPLICATION)) {
      return _ -> {};
    }
    startup.forEach((name, value) -> {
      for (String setting : settings(name, value)) {
        found(new Construct(Kind.STARTUP, setting), "the start-up packet");
      }
    });
    if (directTls) {
      found(new Construct(Kind.PROTOCOL, "direct TLS"), "the first byte");
    }
    return new Conversation(this);
  }

  private static List<String> settings(String name, String value) {
    return switch (name) {
      case "user", "database" -> List.of(name);
      case "options" -> {
        List<String> options = new ArrayList<>();
        for (String word : value.strip().split("\\s+", -1)) {
          if (!word.equals("-c")) {
            options.add("options: " + word.replaceFirst("^(-c|--)", ""));
          }
        }
        yield options;
      }
      default -> List.of(name + '=' + value);
    };
  }

  /// What a text consists of.
  Reduced statement(String sql) {
    Reduced reduced = texts.get(sql);
    if (reduced == null) {
      reduced = Reducer.reduce(Statement.of(sql));
      if (texts.size() >= MAX_TEXTS) {
        texts.clear();
      }
      texts.put(sql, reduced);
      for (Construct construct : reduced.constructs()) {
        found(construct, sql);
      }
    } else if (!watches.isEmpty()) {
      for (Watch watch : watches) {
        watch.seen.addAll(reduced.constructs());
      }
    }
    return reduced;
  }

  /// @param where what holds it, for whoever is to find it
  void found(Construct construct, String where) {
    for (Watch watch : watches) {
      watch.seen.add(construct);
    }
    if (!known.contains(construct) && unknown.add(construct)) {
      complaints.add("%s has no row in %s: %s".formatted(construct, Page.PATH, brief(where)));
    }
  }

  /// All constructs sent while it is open.
  final class Watch implements AutoCloseable {
    private final Set<Construct> seen = ConcurrentHashMap.newKeySet();

    Set<Construct> seen() {
      return Set.copyOf(seen);
    }

    @Override
    public void close() {
      watches.remove(this);
    }
  }

  Watch watch() {
    Watch watch = new Watch();
    watches.add(watch);
    return watch;
  }

  /// What has no row and was not told before.
  List<String> complaints() {
    List<String> told = List.copyOf(complaints);
    complaints.removeAll(told);
    return told;
  }

  private static String brief(String text) {
    return text.length() > 1_000 ? text.substring(0, 1_000) + "…" : text;
  }
}
