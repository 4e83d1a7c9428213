package dsql.cluster;

import dsql.db.connect.DsqlConnectionOpener;
import dsql.db.connect.IamTokenSource;
import dsql.db.pool.Deadline;
import dsql.db.pool.Ticker;
import dsql.local.ConformanceTable.Case;
import java.io.PrintStream;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import software.amazon.awssdk.regions.Region;

/// Asks a cluster every case of the conformance table and what the function does, in a place of its
/// own that it removes, and tells what differs.
final class Check {

  /// Nothing differs.
  static final int SAME = 0;

  /// Something does.
  static final int DIFFERENT = 1;

  /// It could not run, or not to its end.
  static final int NOT_RUN = 2;

  static final List<String> PROTOCOLS = List.of("simple", "extended");

  private static final Duration CONNECT = Duration.ofSeconds(20);
  private static final Duration STATEMENT = Duration.ofMinutes(5);

  /// It was told to end.
  private static final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private final Target target;
  private final List<Case> cases;
  private final PrintStream out;
  private final PrintStream err;
  private final AtomicBoolean stopping = new AtomicBoolean();
  private final Steps steps = new Steps(STATEMENT, Thread::sleep);

  Check(Target target, List<Case> cases, PrintStream out, PrintStream err) {
    this.target = target;
    this.cases = cases;
    this.out = out;
    this.err = err;
  }

  /// Has it end at the next statement; what it made is removed all the same.
  void stop() {
    stopping.set(true);
  }

  /// Runs all of it.
  ///
  /// @return the status that the process is to end with
  int run() {
    Sessions sessions = sessions();
    Report report = new Report(target);
    try (Place place = place(sessions)) {
      out.println("Running in schema " + place.schema() + " as " + target.user() + ".");
      report.server(place);
      run(report, sessions, place);
      place.clean();
      out.println("The function, in the same schema.");
      report.calls(FunctionRun.run(environment(place), this::goOn));
    } catch (Stopped e) {
      err.println("Ended before its time; what it made was removed.");
      return NOT_RUN;
    } catch (SQLException | RuntimeException e) {
      err.println("Could not run: " + report.scrubbed(Report.reason(e)));
      return NOT_RUN;
    }
    report.statements(steps.count());
    return report.tell(out, err);
  }

  private void run(Report report, Sessions sessions, Place place) throws SQLException {
    CaseRunner runner = new CaseRunner(sessions, place, steps);
    int number = 0;
    for (Case conformance : cases) {
      String skipped = reasonToSkip(conformance);
      for (String protocol : PROTOCOLS) {
        goOn();
        report.add(
            skipped.isEmpty()
                ? runner.run(conformance, protocol)
                : Outcome.skipped(conformance, protocol, skipped));
      }
      if (++number % 25 == 0) {
        out.printf("%d of %d cases%n", number, cases.size());
      }
    }
  }

  private void goOn() {
    if (stopping.get()) {
      throw new Stopped();
    }
  }

  private String reasonToSkip(Case conformance) {
    if (conformance.needs("admin") && !target.isAdmin()) {
      return "takes the rights of admin";
    }
    return conformance.needs("cluster") && !target.exclusive()
        ? "takes a cluster that nobody else uses; give -Dcluster.exclusive=true if this one is"
        : "";
  }

  private Place place(Sessions sessions) throws SQLException {
    return target.isAdmin()
        ? Place.make(sessions, steps)
        : Place.in(target.schema(), sessions, steps);
  }

  /// Sessions as the function opens them.
  private Sessions sessions() {
    IamTokenSource tokens =
        new IamTokenSource(target.host(), Region.of(target.region()), target.isAdmin());
    DsqlConnectionOpener opener =
        new DsqlConnectionOpener(target.host(), target.port(), target.user(), CONNECT, tokens);
    return () -> opener.open(Deadline.in(CONNECT, Ticker.SYSTEM));
  }

  private Map<String, String> environment(Place place) {
    return new HashMap<>(
        Map.of(
            "CLUSTER_ENDPOINT", target.host() + ":" + target.port(),
            "CLUSTER_USER", target.user(),
            "CLUSTER_REGION", target.region(),
            "CLUSTER_SCHEMA", place.schema(),
            "RETRY_MAX_ATTEMPTS", "10"));
  }
}
