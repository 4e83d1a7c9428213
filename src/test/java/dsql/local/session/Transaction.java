package dsql.local.session;

import dsql.local.sql.Command.Kind;
import dsql.local.wire.Refusal;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What the service counts in a transaction, explicit or implicit, and where it stops.
///
/// Holds no clock and sends nothing: it is told what happens and asked what is allowed.
final class Transaction {
  private static final int MOST_ROWS = 3000;
  private static final long MOST_BYTES = 10L * 1024 * 1024;
  private static final Duration LONGEST = Duration.ofMinutes(5);

  final boolean explicit;

  /// How many transactions had changed data when it began.
  final long changesBefore;

  private final Instant began;
  private long rows;
  private long bytes;
  private boolean used;
  private boolean ddl;
  private boolean dml;

  Transaction(boolean explicit, Cluster cluster) {
    this.explicit = explicit;
    this.began = cluster.clock.instant();
    this.changesBefore = cluster.changes.get();
  }

  /// Has it had any statement but settings and the like?
  boolean isUsed() {
    return used;
  }

  boolean hasDdl() {
    return ddl;
  }

  boolean hasDml() {
    return dml;
  }

  /// Why a statement of this kind cannot run now, or null; if it can, it counts as run.
  @Nullable Refusal admit(Kind kind, Instant now) {
    if (ageOver(now)) {
      return tooOld(now);
    }
    used = true;
    return switch (kind) {
      case READ, LOCK, SESSION -> null;
      case WRITE -> {
        if (ddl) {
          yield mixed();
        }
        dml = true;
        yield null;
      }
      case DDL -> {
        if (ddl) {
          yield Refusal.error("0A000", "multiple ddl statements not supported in a transaction");
        }
        if (dml) {
          yield mixed();
        }
        ddl = true;
        yield null;
      }
    };
  }

  /// Counts changed rows; the refusal of the row too many, or null.
  @Nullable Refusal count(long changed) {
    rows += changed;
    return rows > MOST_ROWS ? Refusal.error("54000", "transaction row limit exceeded") : null;
  }

  void countBytes(long written) {
    bytes += written;
  }

  /// Why it cannot commit, or null.
  @Nullable Refusal commit(Instant now) {
    if (ageOver(now)) {
      return tooOld(now);
    }
    return bytes > MOST_BYTES
        ? Refusal.error("54000", "transaction size limit 10mb exceeded")
            .withDetail("Current transaction size %dmb > 10mb".formatted(bytes / 1024 / 1024))
        : null;
  }

  private boolean ageOver(Instant now) {
    return explicit && Duration.between(began, now).compareTo(LONGEST) > 0;
  }

  private Refusal tooOld(Instant now) {
    return Refusal.error("54000", "transaction age limit of 300s exceeded")
        .withDetail(
            "Current transaction age %ds exceeds 300s"
                .formatted(Duration.between(began, now).toSeconds()));
  }

  private static Refusal mixed() {
    return Refusal.error("0A000", "ddl and dml are not supported in the same transaction");
  }
}
