package dsql.db;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dsql.SharedDsql;
import dsql.db.jdbc.IsoText;
import dsql.local.LocalDsql;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The server's ISO 8601 is what is made here of its own style, for any interval: so that its text
/// can be handed on as it is, and read of a ledger that was written in the other style.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class IntervalStyleTest {

  private static final long[] MICROSECONDS = {
    0,
    1,
    10,
    500_000,
    999_999,
    1_000_000,
    59_999_999,
    60_000_000,
    3_599_999_999L,
    3_600_000_000L,
    86_399_999_999L,
    86_400_000_000L,
    90_061_000_001L,
    123_456_789_012_345L,
    Long.MAX_VALUE
  };
  private static final long[] DAYS_OR_MONTHS = {0, 1, 11, 12, 13, 29, 120, Integer.MAX_VALUE};

  private final LocalDsql dsql;

  IntervalStyleTest(LocalDsql dsql) {
    this.dsql = dsql;
  }

  @Test
  void bothStylesGiveTheSameText() throws SQLException {
    List<String> intervals = new ArrayList<>();
    for (long months : signed(DAYS_OR_MONTHS)) {
      for (long days : signed(DAYS_OR_MONTHS)) {
        for (long microseconds : signed(MICROSECONDS)) {
          intervals.add(literal(months, days, microseconds));
        }
      }
    }
    intervals.add(literal(Integer.MIN_VALUE, Integer.MIN_VALUE, Long.MIN_VALUE));
    SplittableRandom random = new SplittableRandom(20_261_125);
    for (int i = 0; i < 5_000; i++) {
      intervals.add(
          literal(
              random.nextInt() >> random.nextInt(32),
              random.nextInt() >> random.nextInt(32),
              random.nextLong() >> random.nextInt(64)));
    }
    List<String> iso = texts("iso_8601", intervals);
    List<String> own = texts("postgres", intervals);
    for (int i = 0; i < intervals.size(); i++) {
      assertEquals(interval(own.get(i)), iso.get(i), intervals.get(i));
      assertEquals(iso.get(i), interval(iso.get(i)));
    }
  }

  private static String interval(String text) {
    return new String(
        IsoText.interval(text.getBytes(StandardCharsets.US_ASCII)), StandardCharsets.US_ASCII);
  }

  private List<String> texts(String style, List<String> intervals) throws SQLException {
    List<String> texts = new ArrayList<>();
    try (Connection connection = dsql.superuser().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("SET intervalstyle = " + style);
      try (PreparedStatement query =
          connection.prepareStatement(
              "SELECT v::interval::text FROM unnest(?) WITH ORDINALITY AS t (v, n) ORDER BY n")) {
        query.setArray(1, connection.createArrayOf("text", intervals.toArray()));
        try (ResultSet row = query.executeQuery()) {
          while (row.next()) {
            texts.add(row.getString(1));
          }
        }
      }
    }
    assertEquals(intervals.size(), texts.size());
    return texts;
  }

  private static String literal(long months, long days, long microseconds) {
    return months + " months " + days + " days " + microseconds + " microseconds";
  }

  private static List<Long> signed(long[] numbers) {
    List<Long> signed = new ArrayList<>();
    for (long number : numbers) {
      signed.add(number);
      signed.add(-number);
    }
    return signed;
  }
}
