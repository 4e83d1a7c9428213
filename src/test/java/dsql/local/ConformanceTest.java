package dsql.local;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dsql.cluster.CaseRunner;
import dsql.cluster.Outcome;
import dsql.cluster.Place;
import dsql.cluster.Sessions;
import dsql.cluster.Steps;
import dsql.local.ConformanceTable.Case;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/// Every case of the conformance table, over both the simple and the extended protocol.
///
/// A case marked as a gap must fail, so that the table stays honest both ways.
@Tag("slow")
class ConformanceTest {

  /// The time limit makes waiting for a lock a failure.
  private static final Duration LIMIT = Duration.ofSeconds(5);

  private static LocalDsql dsql;
  private static Place place;
  private static CaseRunner runner;

  /// Jobs take time, as they do on a cluster.
  @BeforeAll
  static void start() throws SQLException {
    dsql = LocalDsql.builder().weighs(true).jobDelay(Duration.ofMillis(700)).start();
    Sessions sessions = () -> Endpoints.connect(dsql);
    Steps steps = new Steps(LIMIT, Thread::sleep);
    place = Place.make(sessions, steps);
    runner = new CaseRunner(sessions, place, steps);
  }

  @AfterAll
  static void stop() throws SQLException {
    place.close();
    dsql.close();
  }

  @TestFactory
  Stream<DynamicTest> theEndpointAnswersAsTheTableSays() throws IOException {
    return ConformanceTable.read().stream()
        .flatMap(c ->
            Stream.of("simple", "extended")
                .map(mode ->
                    dynamicTest(
                        c.title() + " [" + c.source() + "], " + mode, () -> check(c, mode))));
  }

  private static void check(Case c, String mode) throws SQLException {
    Outcome outcome = runner.run(c, mode);
    if (c.gap().isEmpty()) {
      assertTrue(outcome.holds(), () -> outcome.steps().getLast().toString());
    } else {
      assertFalse(outcome.holds(), "no gap any more");
    }
  }
}
