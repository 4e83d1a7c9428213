package dsql.lambda.endtoend;

import static dsql.JsonAssert.at;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dsql.SharedDsql;
import dsql.Tables;
import dsql.lambda.LocalFunction;
import dsql.local.LocalDsql;
import java.sql.SQLException;
import java.util.Map;
import java.util.TimeZone;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the database computes of the time is in UTC, whatever the zone of the JVM.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class SessionTimeZoneTest {

  private final LocalDsql dsql;
  private final TimeZone before = TimeZone.getDefault();

  SessionTimeZoneTest(LocalDsql dsql) {
    this.dsql = dsql;
  }

  @BeforeEach
  void freshTable() throws SQLException {
    Tables.fresh(
        dsql,
        "zoned",
        "id int PRIMARY KEY, zone text DEFAULT current_setting('TimeZone'), utc bool DEFAULT"
            + " (now()::timestamp = now() AT TIME ZONE 'UTC'), day bool DEFAULT (current_date ="
            + " (now() AT TIME ZONE 'UTC')::date)");
  }

  @AfterEach
  void restoreTheZone() {
    TimeZone.setDefault(before);
    Tables.awaitNoSessions(dsql);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Asia/Kolkata", "Pacific/Kiritimati", "Etc/GMT+12", "UTC"})
  void aSessionIsInUtcWhateverTheJvmsTimeZone(String zone) throws SQLException {
    TimeZone.setDefault(TimeZone.getTimeZone(zone));
    try (LocalFunction function = new LocalFunction(dsql, Map.of())) {
      assertUtc(function, 1);
      // Of a connection that is opened later.
      Tables.killSessions(dsql);
      TimeZone.setDefault(TimeZone.getTimeZone(zone));
      assertUtc(function, 2);
    }
  }

  private static void assertUtc(LocalFunction function, int id) {
    String reply =
        function.invoke(
            "{\"action\":\"insert\",\"table\":\"zoned\",\"rows\":[{\"id\":"
                + id
                + "}],\"returning\":[\"zone\",\"utc\",\"day\"]}");
    assertEquals("UTC", at(reply, "rows/0/zone"));
    assertEquals("true", at(reply, "rows/0/utc"));
    assertEquals("true", at(reply, "rows/0/day"));
  }
}
