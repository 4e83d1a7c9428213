package dsql.cluster;

import dsql.cluster.Outcome.Done;
import dsql.local.ConformanceTable.Case;
import dsql.local.ConformanceTable.Expected;
import dsql.local.ConformanceTable.Step;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.TransactionState;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.jdbc.PreferQueryMode;

/// Runs cases of the conformance table, here and on a cluster. Used by one thread.
///
/// A change of the catalog anywhere in a cluster fails a statement of every session (OC001). Where
/// no case expects that, the statement is run again, or the whole case where a transaction has
/// ended by it; only the last attempt counts.
public final class CaseRunner {
  private static final int ATTEMPTS = 6;
  private static final Duration POLL = Duration.ofMillis(250);
  private static final Duration LONGEST_JOB = Duration.ofMinutes(5);

  /// Speaks the simple protocol whatever the rest of the case does.
  private static final char SIMPLE = 's';

  /// Has no search path set.
  private static final char PLAIN = 'p';

  private final Sessions sessions;
  private final Place place;
  private final Steps steps;

  public CaseRunner(Sessions sessions, Place place, Steps steps) {
    this.sessions = sessions;
    this.place = place;
    this.steps = steps;
  }

  /// Runs a case over one protocol, `simple` or `extended`, in an empty place.
  ///
  /// @throws SQLException where no session could be opened, or the place not be cleaned
  public Outcome run(Case conformance, String protocol) throws SQLException {
    for (int attempt = 1; ; attempt++) {
      long begun = System.nanoTime();
      place.clean();
      List<Done> done = attempt(conformance, protocol);
      Outcome outcome = new Outcome(conformance, protocol, "", done, attempt, millisSince(begun));
      if (outcome.holds() || attempt == ATTEMPTS || !wasDisturbed(done)) {
        return outcome;
      }
      steps.pause(attempt);
    }
  }

  private static boolean wasDisturbed(List<Done> done) {
    return done.stream().anyMatch(Done::isDisturbed);
  }

  private List<Done> attempt(Case conformance, String protocol) throws SQLException {
    Map<Character, Connection> open = new HashMap<>();
    List<Done> done = new ArrayList<>();
    try {
      for (Step step : conformance.steps()) {
        Connection session = open.get(step.session());
        if (session == null) {
          session = steps.open(sessions);
          open.put(step.session(), session);
          prepare(session, step.session(), protocol);
        }
        done.add(persistently(step, session));
        if (!done.getLast().holds()) {
          break;
        }
        if (step.waits() && done.getLast().answer() instanceof Answer.Rows(List<String> job)) {
          await(job.getFirst());
        }
      }
    } finally {
      close(open.values());
    }
    return done;
  }

  private void prepare(Connection session, char letter, String protocol) throws SQLException {
    PreferQueryMode mode =
        letter == SIMPLE || protocol.equals("simple")
            ? PreferQueryMode.SIMPLE
            : PreferQueryMode.EXTENDED;
    session.unwrap(PgConnection.class).getQueryExecutor().setPreferQueryMode(mode);
    if (letter != PLAIN) {
      steps.begin(session);
      try (Statement statement = session.createStatement()) {
        statement.execute("SET search_path = " + place.schema());
      }
    }
  }

  /// Runs a step again where somebody's change of the catalog disturbed it; not a COMMIT, with
  /// which its transaction is lost.
  private Done persistently(Step step, Connection session) throws SQLException {
    boolean alone = isIdle(session);
    Done done = run(step, session);
    for (int again = 1;
        alone && again < ATTEMPTS && done.isDisturbed() && isIdle(session);
        again++) {
      steps.pause(again);
      done = run(step, session);
    }
    return done;
  }

  private static boolean isIdle(Connection session) throws SQLException {
    return session.unwrap(PgConnection.class).getTransactionState() == TransactionState.IDLE;
  }

  private Done run(Step step, Connection session) throws SQLException {
    String sql = place.named(step.sql());
    steps.begin(session);
    long begun = System.nanoTime();
    Answer answer;
    try {
      answer =
          step.parameters().isEmpty()
              ? plain(sql, session)
              : bound(sql, step.parameters(), session);
    } catch (SQLException e) {
      answer = Answer.of(e);
    }
    return new Done(step, sql, named(step.expected()), answer, millisSince(begun));
  }

  private static Answer plain(String sql, Connection session) throws SQLException {
    try (Statement statement = session.createStatement()) {
      statement.setEscapeProcessing(false);
      return Answer.of(statement, statement.execute(sql));
    }
  }

  private static Answer bound(String sql, List<@Nullable String> parameters, Connection session)
      throws SQLException {
    try (PreparedStatement statement = session.prepareStatement(sql)) {
      for (int i = 0; i < parameters.size(); i++) {
        statement.setObject(i + 1, parameters.get(i), Types.OTHER);
      }
      return Answer.of(statement, statement.execute());
    }
  }

  private Expected named(Expected expected) {
    return switch (expected) {
      case Expected.Rows(List<String> rows) ->
          new Expected.Rows(rows.stream().map(place::named).toList());
      case Expected.Failed(List<String> states, String message) ->
          new Expected.Failed(states, place.named(message));
      case Expected.Success _, Expected.Anything _, Expected.Count _ -> expected;
    };
  }

  /// Waits for a job's end. It is the case's own matter what that was.
  private void await(String job) throws SQLException {
    long begun = System.nanoTime();
    while (millisSince(begun) < LONGEST_JOB.toMillis()) {
      List<String> found = place.query("SELECT status FROM sys.jobs WHERE job_id = ?", job);
      if (found.isEmpty() || found.getFirst().matches("completed|failed")) {
        return;
      }
      steps.pause(POLL);
    }
  }

  private static void close(Iterable<Connection> open) throws SQLException {
    for (Connection session : open) {
      session.close();
    }
  }

  private static long millisSince(long begun) {
    return (System.nanoTime() - begun) / 1_000_000;
  }
}
