package dsql.db.jdbc;

import dsql.db.fault.AmbiguousCommit;
import dsql.db.fault.SqlFailure;
import dsql.db.pool.Lease;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// What the function would like a server to take although nobody has seen a cluster take it, and
/// does without once this one has refused it. Safe for concurrent use.
public final class ServerFeatures {

  public enum Feature {
    /// Many rows as one array for each column.
    ARRAYS,
    /// The guard of a table's shape within the statement that writes.
    GUARDS,
    /// Rows and their ledger row in one statement.
    KEPT_ROWS,
    /// Statements of rows that may be skipped, many in one round trip.
    PIPELINES,
    /// A whole read-only transaction in one round trip.
    ONE_ROUND_TRIP,
    /// The rows after a position as two ordered pieces, each of which an index can serve.
    PIECES
  }

  private final Set<Feature> refused = ConcurrentHashMap.newKeySet();

  /// What one attempt may use. Confined to one thread.
  public static final class Choice {
    private final Set<Feature> without;
    private final List<Feature> used = new ArrayList<>();

    private Choice(Set<Feature> without) {
      this.without = without;
    }

    /// One of all features.
    public static Choice ofAll() {
      return new Choice(Set.of());
    }

    /// Whether a feature may be used; whoever asks does use it then.
    public boolean uses(Feature feature) {
      boolean may = !without.contains(feature);
      if (may && !used.contains(feature)) {
        used.add(feature);
      }
      return may;
    }
  }

  /// All that this server has not refused so far.
  public Choice choice() {
    return new Choice(refused);
  }

  /// What is done with some features.
  @FunctionalInterface
  public interface Attempt<T> {
    public T run(Choice features) throws SQLException, AmbiguousCommit;
  }

  /// Runs it with all that was not refused before. Where the server refuses something, it runs
  /// again with one feature less each time, until that was it or none is left.
  public <T> T run(Lease lease, Attempt<T> attempt) throws SQLException, AmbiguousCommit {
    Set<Feature> without = EnumSet.noneOf(Feature.class);
    without.addAll(refused);
    Feature last = null;
    while (true) {
      Choice choice = new Choice(without);
      try {
        T done = attempt.run(choice);
        if (last != null) {
          // Only now is it known that it was for this one.
          refused.add(last);
        }
        return done;
      } catch (SQLException e) {
        if (!SqlFailure.isUnsupported(e) || choice.used.isEmpty()) {
          throw e;
        }
        last = choice.used.getLast();
      }
      without.add(last);
      lease.reset();
    }
  }
}
