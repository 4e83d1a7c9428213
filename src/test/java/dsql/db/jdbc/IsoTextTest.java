package dsql.db.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a server in UTC does not send; the rest is in the value matrix.
@Tag("unit")
class IsoTextTest {

  @ParameterizedTest
  @CsvSource({
    "2026-02-28 23:59:59.5+01, 2026-02-28T22:59:59.5Z",
    "2026-02-28 23:59:00-05:30, 2026-03-01T05:29:00Z",
    "1883-11-18 12:03:57.000001-04:56:02, 1883-11-18T16:59:59.000001Z",
    "10000-01-01 00:59:59.999999+01, 9999-12-31T23:59:59.999999Z",
    "0001-12-31 23:00:00-01 BC, 0001-01-01T00:00:00Z",
    "294277-01-01 13:59:59+14, +294276-12-31T23:59:59Z",
    "2026-02-28 23:59:59+00, 2026-02-28T23:59:59Z",
    "infinity, infinity",
    "28.02.2026 23:59:59 CET, 28.02.2026 23:59:59 CET",
    "'', ''"
  })
  void writesATimestamptzInIsoForm(String text, String iso) {
    assertEquals(iso, string(IsoText.timestamptz(bytes(text))));
  }

  /// The other styles of dates and intervals that a role may be set to pass as they are.
  @ParameterizedTest
  @CsvSource({
    "28/02/2026, 28/02/2026",
    "P1Y2M, P1Y2M",
    "1-2 3 4:05:06, 1-2 3 4:05:06",
    "@ 1 year, @ 1 year",
    "'', ''"
  })
  void leavesTextOfOtherStylesUnchanged(String text, String same) {
    assertEquals(same, string(IsoText.interval(bytes(text))));
    assertEquals(same, string(IsoText.date(bytes(text))));
    assertEquals(same, string(IsoText.timestamp(bytes(text))));
    assertEquals(same, string(IsoText.timetz(bytes(text))));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String string(byte[] text) {
    return new String(text, StandardCharsets.UTF_8);
  }
}
