package dsql.lambda.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What is kept of the trace headers that a caller can make up.
@Tag("unit")
class TraceTest {

  private static final String ROOT = "Root=1-5759e988-bd862e3fe1be46a994272793";

  @ParameterizedTest
  @ValueSource(
      strings = {
        ROOT,
        ROOT + ";Parent=53995c3f42cd8ad8;Sampled=1",
        "Self=1-67891233-abcdef012345678912345678;" + ROOT,
        ROOT + ";Parent=53995c3f42cd8ad8;Sampled=?;Lineage=25:a87bd80c:1|68fd508a:5"
      })
  void aWellFormedHeaderIsKept(String header) {
    assertEquals(header, Trace.xrayFields(header));
    assertEquals(header, new Trace(header, null).xray());
  }

  @ParameterizedTest
  @CsvSource({
    "'CalledFrom=app;" + ROOT + "', " + ROOT,
    "'" + ROOT + ";Token=secret;Sampled=1', '" + ROOT + ";Sampled=1'",
    "'" + ROOT + ";;Sampled=2', " + ROOT
  })
  void whatIsNotKnownOfAHeaderIsDropped(String header, String kept) {
    assertEquals(kept, Trace.xrayFields(header));
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "",
        ";",
        "1-5759e988-bd862e3fe1be46a994272793",
        "Root=1-5759e988-bd862e3fe1be46a99427279",
        ROOT + "\n",
        ROOT + "\",\"level\":\"FATAL"
      })
  void aHeaderOfAnotherShapeIsDropped(String header) {
    assertNull(Trace.xrayFields(header));
  }

  @Test
  void aLongHeaderIsNotLookedAt() {
    String fits = ROOT + ";" + "x".repeat(512 - ROOT.length() - 1);
    assertEquals(ROOT, Trace.xrayFields(fits));
    assertNull(Trace.xrayFields(fits + "x"));
  }

  @ParameterizedTest
  @CsvSource({
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01, true",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more, false",
    "00-4BF92F3577B34DA6A3CE929D0E0E4736-00F067AA0BA902B7-01, false",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b-01, false",
    "'', false"
  })
  void aTraceparentIsKeptWhole(String header, boolean kept) {
    assertEquals(kept ? header : null, new Trace(null, header).traceparent());
  }
}
