package dsql.local.fault;

import dsql.local.wire.Refusal;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// What the endpoint answers where nobody has seen the service's own answer. Each is a switch, for
/// clients must do with any of them. Safe for concurrent use.
public final class UnprovenAnswers {
  private final Map<Unproven, Refusal> refused = new ConcurrentHashMap<>();
  private final AtomicInteger refusals = new AtomicInteger();
  private volatile ExistingIndex existingIndex = ExistingIndex.NO_ROW;
  private volatile boolean nameless;
  private volatile boolean duplicatesConflict;
  private volatile boolean lifeEndsWithWords;

  UnprovenAnswers() {}

  /// Refuses a construct from now on, in any words of the server's.
  public void refuse(Unproven construct, Refusal refusal) {
    refused.put(construct, refusal);
  }

  /// Is any construct refused?
  public boolean refusesAny() {
    return !refused.isEmpty();
  }

  /// The refusal ordered for this construct, or null.
  public @Nullable Refusal refusalOf(Unproven construct) {
    return refused.get(construct);
  }

  /// How often clients were refused a construct, since the last [#clear].
  public int refusals() {
    return refusals.get();
  }

  /// Counts such a refusal.
  public void countRefusal() {
    refusals.incrementAndGet();
  }

  /// What a job for an index whose name is taken answers from now on; `NO_ROW` at first.
  public void existingIndex(ExistingIndex answer) {
    existingIndex = answer;
  }

  public ExistingIndex existingIndex() {
    return existingIndex;
  }

  /// Whether errors lack the fields with the names of the schema, table, column, type and
  /// constraint that they are about; the messages have the names in any case.
  public void nameless(boolean value) {
    nameless = value;
  }

  public boolean nameless() {
    return nameless;
  }

  /// Whether a key that another session has inserted since the transaction began is a conflict
  /// (40001) rather than a duplicate (23505).
  public void duplicatesConflict(boolean value) {
    duplicatesConflict = value;
  }

  public boolean duplicatesConflict() {
    return duplicatesConflict;
  }

  /// Whether a session is told that its 60 minutes are over (57P01) before it is cut off.
  public void lifeEndsWithWords(boolean value) {
    lifeEndsWithWords = value;
  }

  public boolean lifeEndsWithWords() {
    return lifeEndsWithWords;
  }

  /// Sets everything back.
  public void clear() {
    refused.clear();
    refusals.set(0);
    existingIndex = ExistingIndex.NO_ROW;
    nameless = false;
    duplicatesConflict = false;
    lifeEndsWithWords = false;
  }
}
