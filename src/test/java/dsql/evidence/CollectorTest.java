package dsql.evidence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.evidence.Construct.Kind;
import dsql.local.session.Tap;
import dsql.local.wire.Message;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
final class CollectorTest {

  private final Collector collector =
      new Collector(Set.of(new Construct(Kind.STATEMENT, "SELECT")));

  @Test
  void whatHasNoRowIsToldOnceWithItsText() throws IOException {
    Tap.Line line = line("dsql-lambda");
    collector.complaints();
    line.received(parse("SELECT $1"));
    line.received(parse("SELECT brand_new($1)"));
    line.received(parse("SELECT brand_new($1), 2"));
    List<String> complaints = collector.complaints();
    assertTrue(complaints.toString().contains("unnamed statement"), complaints.toString());
    assertEquals(
        "Functions: brand_new() has no row in docs/dsql-evidence.md: SELECT brand_new($1)",
        complaints.getLast());
    assertEquals(List.of(), collector.complaints());
  }

  @Test
  void otherClientsAreNotHeard() throws IOException {
    line("psql").received(parse("SELECT brand_new($1)"));
    assertEquals(List.of(), collector.complaints());
  }

  @Test
  void whatRunsUnderOneSyncIsTold() throws IOException {
    try (Collector.Watch watch = collector.watch()) {
      Tap.Line line = line("dsql-lambda");
      for (String sql : List.of("BEGIN READ ONLY", "SELECT 1", "SELECT 2", "COMMIT")) {
        line.received(parse(sql));
        line.received(bind(0));
        line.received(execute(0));
      }
      line.received(Message.SYNC);
      line.received(Message.of('Q').string("").end());
      assertEquals(Set.of("BEGIN READ ONLY, SELECT×n, COMMIT", "empty"), texts(watch, Kind.SYNC));
    }
  }

  @Test
  void whatIsSpecialInMessagesIsTold() throws IOException {
    try (Collector.Watch watch = collector.watch()) {
      Tap.Line line = line("dsql-lambda");
      line.received(parse("INSERT INTO \"t\" (\"a\") VALUES ($1) RETURNING 1"));
      line.received(bind(1));
      line.received(execute(5));
      line.received(bind(1));
      assertEquals(
          Set.of(
              "Execute of some rows",
              "direct TLS",
              "one statement bound several times, with RETURNING",
              "parameter in binary, type uuid",
              "parameter, type uuid",
              "result in binary",
              "unnamed portal",
              "unnamed statement"),
          texts(watch, Kind.PROTOCOL));
      assertEquals(
          Set.of("application_name=dsql-lambda", "options: a=b", "options: c=d"),
          texts(watch, Kind.STARTUP));
    }
  }

  @Test
  void aRowHasSixCells() {
    List<String> page =
        List.of(
            "- `golden` recordings",
            "## Operators",
            "| Construct | Grade | Source | Otherwise | Test | Case |",
            "| --- | --- | --- | --- | --- | --- |",
            "| `\\|\\|` | recorded | golden:queries | | `T#t` | |");
    Page.Row row = Page.parse(page).rows().getFirst();
    assertEquals(new Construct(Kind.OPERATOR, "||"), row.construct());
    assertEquals(
        "recorded golden:queries T#t", row.grade() + ' ' + row.source() + ' ' + row.test());
    assertThrows(
        IllegalArgumentException.class,
        () -> Page.parse(List.of("## Operators", "| `=` | recorded | golden |")));
  }

  private Tap.Line line(String application) {
    Map<String, String> startup =
        Map.of("application_name", application, "options", "-c a=b -cc=d");
    return collector.opened(startup, true);
  }

  private static Message parse(String sql) {
    boolean parameter = sql.contains("$1");
    Message.Builder message = Message.of('P').string("").string(sql).int16(parameter ? 1 : 0);
    return parameter ? message.int32(2950).end() : message.end();
  }

  /// Binds one value in that format, or none, and asks for rows in it.
  private static Message bind(int format) {
    Message.Builder message = Message.of('B').string("").string("");
    if (format == 0) {
      return message.int16(0).int16(0).int16(0).end();
    }
    message.int16(1).int16(format);
    message.int16(1).value("sixteen bytes ..");
    return message.int16(1).int16(format).end();
  }

  private static Message execute(int rows) {
    return Message.of('E').string("").int32(rows).end();
  }

  private static Set<String> texts(Collector.Watch watch, Kind kind) {
    return watch.seen().stream()
        .filter(construct -> construct.kind() == kind)
        .map(Construct::text)
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
