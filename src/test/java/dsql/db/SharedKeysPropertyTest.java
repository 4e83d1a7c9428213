package dsql.db;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.SharedDsql;
import dsql.action.Faults;
import dsql.action.Identifier;
import dsql.action.InvalidRequest;
import dsql.action.Operand;
import dsql.action.Query;
import dsql.action.Query.Order;
import dsql.action.Result;
import dsql.codec.RequestText;
import dsql.db.insert.Inserts;
import dsql.db.jdbc.ReplyLimit;
import dsql.db.pool.Deadline;
import dsql.db.pool.Ticker;
import dsql.json.Json;
import dsql.json.JsonText;
import dsql.local.LocalDsql;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// A key that the caller declares, and that rows share, loses no row: the pages put together are
/// all rows, or one of them is refused.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class SharedKeysPropertyTest {

  private static final int TRIES = 1000;
  private static final int TRIES_A_TABLE = 20;

  private static final Identifier TABLE = new Identifier("shared");

  /// A type, and values of it, several of which the server takes for equal.
  private record Kind(String type, List<String> values) {}

  private static final List<Kind> KINDS =
      List.of(
          new Kind("integer", List.of("1", "2", "3", "4", "5", "6", "7", "8")),
          new Kind("numeric", List.of("1", "1.0", "1.00", "2", "1e30", "'NaN'", "-0.10", "-0.1")),
          new Kind("double precision", List.of("0", "'-0'", "0.1", "5e-324", "'NaN'", "1e300")),
          new Kind("bpchar", List.of("'a'", "'a '", "'b'", "' b'", "''", "' '", "'c'")),
          new Kind("char(3)", List.of("'a'", "'a '", "'b'", "''")),
          new Kind("text", List.of("'a'", "'a '", "'A'", "''", "'b'", "'c'", "'d'")),
          new Kind("date", List.of("'2024-02-29'", "'infinity'", "'0044-03-15 BC'")),
          new Kind(
              "timestamptz",
              List.of("'2024-02-29 12:00+02'", "'2024-02-29 10:00Z'", "'infinity'", "'epoch'")),
          new Kind("boolean", List.of("true", "false")));

  @Test
  void noRowIsLost(LocalDsql dsql) throws Exception {
    long seed = Long.getLong("shared.seed", System.nanoTime());
    Random random = new Random(seed);
    int complete = 0;
    try (Connection superuser = dsql.superuser().getConnection();
        Statement statement = superuser.createStatement()) {
      for (int i = 0; i < TRIES; i += TRIES_A_TABLE) {
        int rows = table(statement, random);
        try (Database database =
            LocalDatabase.of(dsql, Inserts.MAX_CHUNK_ROWS, 1 + random.nextInt(9))) {
          for (int n = 0; n < TRIES_A_TABLE; n++) {
            String name = "try " + (i + n) + ", -Dshared.seed=" + seed;
            complete += walk(database, random, rows, name) ? 1 : 0;
          }
        }
      }
    }
    assertTrue(complete > TRIES / 20 && complete < TRIES * 19 / 20, complete + " were complete");
  }

  private static int table(Statement statement, Random random) throws SQLException {
    int rows = random.nextInt(15);
    List<Kind> kinds = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      kinds.add(KINDS.get(random.nextInt(KINDS.size())));
    }
    statement.execute("DROP TABLE IF EXISTS public.shared");
    statement.execute(
        "CREATE TABLE public.shared (id integer, a %s, b %s)"
            .formatted(kinds.getFirst().type(), kinds.getLast().type()));
    statement.execute("ALTER TABLE public.shared OWNER TO admin");
    for (int id = 0; id < rows; id++) {
      statement.execute(
          "INSERT INTO public.shared VALUES ("
              + id
              + kinds.stream().map(kind -> ", " + value(kind, random)).collect(Collectors.joining())
              + ")");
    }
    return rows;
  }

  private static String value(Kind kind, Random random) {
    return random.nextInt(5) == 0
        ? "NULL"
        : kind.values().get(random.nextInt(kind.values().size()));
  }

  /// Whether all pages were answered.
  private static boolean walk(Database database, Random random, int rows, String name)
      throws JsonText.Malformed {
    List<Identifier> key =
        random.nextBoolean()
            ? List.of(new Identifier("a"))
            : List.of(new Identifier("a"), new Identifier("b"));
    List<Order> orders =
        random.nextBoolean()
            ? List.of()
            : List.of(
                new Order(
                    Operand.of(new Identifier(random.nextBoolean() ? "b" : "a")),
                    random.nextBoolean(),
                    Optional.of(random.nextBoolean() ? Query.Nulls.FIRST : Query.Nulls.LAST),
                    "/orderBy/0"));
    int limit = 1 + random.nextInt(12);
    Set<String> ids = new TreeSet<>();
    int count = 0;
    Optional<String> cursor = Optional.empty();
    do {
      Query query =
          new Query(
              TABLE,
              List.of(),
              Optional.empty(),
              List.of(),
              Optional.empty(),
              orders,
              key,
              limit,
              cursor,
              false);
      Result.Queried page;
      try {
        page =
            (Result.Queried)
                database.run(
                    query,
                    database.begin(Deadline.in(Duration.ofSeconds(30), Ticker.SYSTEM)),
                    new ReplyLimit(ReplyLimit.LAMBDA_REPLY_BYTES, false));
      } catch (InvalidRequest e) {
        assertEquals("/key", e.faults().getFirst().pointer(), name);
        return false;
      }
      count += page.rows().count();
      ids.addAll(ids(page));
      cursor = page.nextCursor();
    } while (cursor.isPresent());
    assertEquals(rows, count, name);
    assertEquals(rows, ids.size(), name);
    return true;
  }

  private static List<String> ids(Result.Queried page) throws JsonText.Malformed {
    String json = new String(page.rows().json(), StandardCharsets.UTF_8);
    return ((Json.Arr) RequestText.parse(json, new Faults()))
        .elements().stream()
            .map(row -> Objects.requireNonNull(((Json.Obj) row).get("id")))
            .map(id -> ((Json.Num) id).literal())
            .toList();
  }
}
