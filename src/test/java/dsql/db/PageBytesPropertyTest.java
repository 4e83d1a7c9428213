package dsql.db;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.SharedDsql;
import dsql.Tables;
import dsql.action.Failure;
import dsql.action.Identifier;
import dsql.action.Operand;
import dsql.action.Problem;
import dsql.action.Query;
import dsql.action.Query.Order;
import dsql.action.Result.Queried;
import dsql.action.Result.Truncation;
import dsql.codec.ResultEncoder;
import dsql.db.insert.Inserts;
import dsql.db.jdbc.ReplyLimit;
import dsql.db.pool.Deadline;
import dsql.db.pool.Ticker;
import dsql.json.JsonWriter;
import dsql.local.LocalDsql;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// A page never has more bytes than its door takes, and never fewer rows than would have fitted.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class PageBytesPropertyTest {

  private static final int TRIES = 1000;
  private static final int ROWS = 60;
  private static final ReplyLimit DIRECT = new ReplyLimit(ReplyLimit.LAMBDA_REPLY_BYTES, false);
  private static final String LETTERS = "abc\"\\/\n\t\r\u0001\u007fé€😀";

  private final LocalDsql dsql;

  PageBytesPropertyTest(LocalDsql dsql) {
    this.dsql = dsql;
  }

  @Test
  void aPageIsAsLongAsItMayBe() throws Exception {
    long seed = Long.getLong("pages.seed", System.nanoTime());
    Random random = new Random(seed);
    table(random);
    for (int i = 0; i < TRIES; i += 50) {
      int step = 1 + random.nextInt(2 * ROWS);
      try (Database database = LocalDatabase.of(dsql, Inserts.MAX_CHUNK_ROWS, step)) {
        for (int n = 0; n < 50; n++) {
          check(database, random, "try " + (i + n) + ", -Dpages.seed=" + seed);
        }
      }
    }
  }

  @Test
  void aTableThatJustFitsIsOnePageHoweverItIsRead() throws Exception {
    table(new Random(1));
    Queried whole;
    try (Database database = LocalDatabase.of(dsql, Inserts.MAX_CHUNK_ROWS, ROWS + 1)) {
      whole = page(database, List.of(), ROWS, DIRECT);
    }
    ReplyLimit exact = new ReplyLimit(bytes(whole, DIRECT), false);
    ReplyLimit less = new ReplyLimit(exact.bytes() - 1, false);
    for (int step = 1; step <= ROWS + 1; step++) {
      try (Database database = LocalDatabase.of(dsql, Inserts.MAX_CHUNK_ROWS, step)) {
        Queried page = page(database, List.of(), ROWS + 1, exact);
        assertEquals(ROWS, page.rows().count(), "step " + step);
        assertFalse(page.hasMore(), "step " + step);
        assertTrue(page(database, List.of(), ROWS + 1, less).hasMore(), "step " + step);
      }
    }
  }

  private void table(Random random) throws Exception {
    Tables.fresh(dsql, "bytes", "id integer PRIMARY KEY, t text NOT NULL, j json");
    try (Connection connection = dsql.superuser().getConnection();
        PreparedStatement insert =
            connection.prepareStatement("INSERT INTO public.bytes VALUES (?, ?, ?::json)")) {
      for (int id = 0; id < ROWS; id++) {
        insert.setInt(1, id);
        insert.setString(2, text(random));
        insert.setString(3, random.nextBoolean() ? null : "{\n\t\"a\" :  \"\\\"\\u0001\"\r}");
        insert.execute();
      }
    }
  }

  /// Mostly short, and sometimes longer than half of a page.
  private static String text(Random random) {
    int[] letters = LETTERS.codePoints().toArray();
    StringBuilder text = new StringBuilder();
    int most = random.nextInt(8) == 0 ? 700 : 30;
    for (int i = random.nextInt(most); i >= 0; i--) {
      text.appendCodePoint(letters[random.nextInt(letters.length)]);
    }
    return text.toString();
  }

  private void check(Database database, Random random, String name) {
    boolean asJsonString = random.nextBoolean();
    List<Order> orders =
        random.nextBoolean()
            ? List.of()
            : List.of(
                new Order(
                    Operand.of(new Identifier("t")),
                    random.nextBoolean(),
                    Optional.empty(),
                    "/orderBy"));
    ReplyLimit limit = new ReplyLimit(500 + random.nextInt(20_000), asJsonString);
    ReplyLimit boundless = new ReplyLimit(ReplyLimit.LAMBDA_REPLY_BYTES, asJsonString);
    Queried page;
    try {
      page = page(database, orders, ROWS, limit);
    } catch (Failure e) {
      assertEquals(Problem.Code.ROW_TOO_LARGE, e.problem().code(), name);
      Queried first = page(database, orders, 1, boundless);
      assertTrue(truncatedBytes(first, boundless) > limit.bytes(), name);
      return;
    }
    assertTrue(bytes(page, limit) <= limit.bytes(), name);
    assertEquals(page.hasMore(), page.rows().count() < ROWS, name);
    if (page.hasMore()) {
      assertEquals(Optional.of(Truncation.BYTES), page.truncatedBy(), name);
      Queried longer = page(database, orders, page.rows().count() + 1, boundless);
      assertTrue(truncatedBytes(longer, boundless) > limit.bytes(), name);
    }
  }

  private static long truncatedBytes(Queried page, ReplyLimit limit) {
    return bytes(
        page.hasMore()
            ? new Queried(
                page.table(),
                page.columns(),
                page.rows(),
                true,
                page.nextCursor(),
                Optional.of(Truncation.BYTES),
                OptionalLong.empty())
            : page,
        limit);
  }

  private static long bytes(Queried page, ReplyLimit limit) {
    return limit.counted(new JsonWriter().json(ResultEncoder.encode(page)), 0);
  }

  private static Queried page(Database database, List<Order> orders, int rows, ReplyLimit limit) {
    Query query =
        new Query(
            new Identifier("bytes"),
            List.of(),
            Optional.empty(),
            List.of(),
            Optional.empty(),
            orders,
            List.of(),
            rows,
            Optional.empty(),
            false);
    return (Queried)
        database.run(
            query, database.begin(Deadline.in(Duration.ofSeconds(30), Ticker.SYSTEM)), limit);
  }
}
