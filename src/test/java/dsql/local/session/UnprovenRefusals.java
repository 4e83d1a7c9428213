package dsql.local.session;

import dsql.local.fault.Unproven;
import dsql.local.fault.UnprovenAnswers;
import dsql.local.session.Portal.Prepared;
import dsql.local.sql.Command.Begin;
import dsql.local.sql.Command.Commit;
import dsql.local.sql.Statement;
import dsql.local.wire.Refusal;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Refuses, by order, constructs that nobody has seen the service take.
final class UnprovenRefusals {
  private final UnprovenAnswers answers;

  // Since the last sync.
  private int executed;
  private int inserts;
  private boolean begun;
  private final Set<Prepared> run = new HashSet<>();

  UnprovenRefusals(UnprovenAnswers answers) {
    this.answers = answers;
  }

  /// Why a statement that is to be executed is refused, or null.
  @Nullable Refusal refusal(Portal portal) {
    boolean first = executed++ == 0;
    boolean again = !run.add(portal.prepared());
    begun |= portal.command() instanceof Begin;
    inserts += portal.prepared().statement().startsWith("insert") ? 1 : 0;
    if (!answers.refusesAny()) {
      return null;
    }
    for (Unproven construct : Unproven.values()) {
      Refusal refusal = answers.refusalOf(construct);
      if (refusal != null && uses(construct, portal, first, again)) {
        answers.countRefusal();
        return refusal;
      }
    }
    return null;
  }

  void sync() {
    executed = 0;
    inserts = 0;
    begun = false;
    run.clear();
  }

  private static boolean isReturning(Statement sql) {
    return sql.startsWith("insert") && sql.count("returning") > 0;
  }

  private boolean uses(Unproven construct, Portal portal, boolean first, boolean again) {
    Statement sql = portal.prepared().statement();
    return switch (construct) {
      case COMMIT_UNDER_ONE_SYNC -> portal.command() instanceof Commit && !first;
      case BEGIN_UNDER_ONE_SYNC -> begun && !(portal.command() instanceof Begin);
      case CHANGING_CTES -> sql.startsWith("with") && sql.count("insert") > 1;
      case BOUND_ARRAYS -> sql.startsWith("insert") && sql.holds("from", "unnest", "(");
      case PIECES_UNDER_UNION_ALL -> sql.holds(")", "union", "all", "(");
      case ONLY_DEFAULTS_ON_CONFLICT -> sql.holds("default", "values", "on", "conflict");
      case BATCH_WITH_RETURNING -> again && isReturning(sql);
      case PIPELINED_INSERTS -> inserts > 1 && isReturning(sql);
      case CATALOG_IN_INSERT -> sql.count("insert") > 0 && sql.count("pg_attribute") > 0;
      case SEQUENCES -> sql.count("pg_sequence") > 0;
      case JOBS -> sql.holds("sys", ".", "jobs");
      case WAIT_FOR_JOB -> sql.startsWith("call") && sql.holds("sys", ".", "wait_for_job");
    };
  }
}
