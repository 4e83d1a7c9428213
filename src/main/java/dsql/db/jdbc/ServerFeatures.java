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

/// The features that the function uses although no record shows that a cluster supports them. It
/// stops using one once the server has refused it. Safe for concurrent use.
public final class ServerFeatures {

  /// A feature.
  public enum Feature {
    /// Many rows sent as one array for each column.
    ARRAYS,
    /// The guard of a table's shape inside the statement that writes.
    GUARDS,
    /// Rows and their ledger row written by one statement.
    KEPT_ROWS,
    /// The statements of many rows that may be skipped, sent in one round trip.
    PIPELINES,
    /// A whole read-only transaction sent in one round trip.
    ONE_ROUND_TRIP,
    /// The rows after a position read as two ordered pieces, each of which an index can serve.
    PIECES
  }

  private final Set<Feature> refused = ConcurrentHashMap.newKeySet();

  /// The features that one attempt may use. Confined to one thread.
  public static final class Choice {
    private final Set<Feature> without;
    private final List<Feature> used = new ArrayList<>();

    private Choice(Set<Feature> without) {
      this.without = without;
    }

    /// A choice of all features.
    public static Choice ofAll() {
      return new Choice(Set.of());
    }

    /// Whether the attempt may use a feature; if so, it counts as used.
    public boolean uses(Feature feature) {
      boolean may = !without.contains(feature);
      if (may && !used.contains(feature)) {
        used.add(feature);
      }
      return may;
    }
  }

  /// All features that this server has not refused so far.
  public Choice choice() {
    return new Choice(refused);
  }

  /// Does something with some of the features.
  @FunctionalInterface
  public interface Attempt<T> {
    public T run(Choice features) throws SQLException, AmbiguousCommit;
  }

  /// Runs an attempt with all features that were not refused before. When the server says that it
  /// does not support something, the attempt runs again with one feature less, until it succeeds or
  /// has used none.
  public <T> T run(Lease lease, Attempt<T> attempt) throws SQLException, AmbiguousCommit {
    Set<Feature> without = EnumSet.noneOf(Feature.class);
    without.addAll(refused);
    Feature last = null;
    while (true) {
      Choice choice = new Choice(without);
      try {
        T done = attempt.run(choice);
        if (last != null) {
          // It succeeded without this feature, so that the refusal was due to it.
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
