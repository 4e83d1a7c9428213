package dsql.cluster;

import dsql.local.ConformanceTable.Case;
import dsql.local.ConformanceTable.Expected;
import dsql.local.ConformanceTable.Step;
import java.util.List;

/// How a case went.
///
/// @param protocol `simple` or `extended`
/// @param skipped why it was not run; empty if it was
/// @param steps what was done, up to the first step that differs
/// @param attempts how often the case was begun
public record Outcome(
    Case conformance,
    String protocol,
    String skipped,
    List<Done> steps,
    int attempts,
    long millis) {

  /// One statement, as it was sent, and its answer.
  public record Done(Step step, String sql, Expected expected, Answer answer, long millis) {

    public boolean holds() {
      return answer.holds(expected);
    }

    /// A conflict that is not what the case is about.
    boolean isDisturbed() {
      return answer.isStale() && (expected instanceof Expected.Anything || !holds());
    }

    @Override
    public String toString() {
      return sql + ": expected " + expected + " but got " + answer;
    }
  }

  static Outcome skipped(Case conformance, String protocol, String reason) {
    return new Outcome(conformance, protocol, reason, List.of(), 0, 0);
  }

  public boolean holds() {
    return steps.isEmpty() || steps.getLast().holds();
  }

  /// Was it met with a change of somebody else's?
  boolean isDisturbed() {
    return !holds() && steps.getLast().isDisturbed();
  }
}
