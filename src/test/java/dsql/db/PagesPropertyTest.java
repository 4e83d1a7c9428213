package dsql.db;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.SharedDsql;
import dsql.action.Faults;
import dsql.action.Filter;
import dsql.action.Identifier;
import dsql.action.Member;
import dsql.action.MemberType;
import dsql.action.Operand;
import dsql.action.Query;
import dsql.action.Query.Nulls;
import dsql.action.Query.Order;
import dsql.action.Result;
import dsql.action.Selected;
import dsql.codec.RequestText;
import dsql.codec.ResultEncoder;
import dsql.db.insert.Inserts;
import dsql.db.jdbc.ReplyLimit;
import dsql.db.pool.Deadline;
import dsql.db.pool.Ticker;
import dsql.json.Json;
import dsql.json.JsonText;
import dsql.json.JsonWriter;
import dsql.local.LocalDsql;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Whatever the table, the order and the size of pages, the pages put together are the whole
/// result, once each, also while rows come in between.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class PagesPropertyTest {

  private static final int TRIES = 2000;

  /// Orders tried on one table.
  private static final int TRIES_A_TABLE = 20;

  private static final Identifier TABLE = new Identifier("pages");
  private static final Identifier VIEW = new Identifier("pages_view");

  /// A type, and few values of it, so that many rows are alike.
  private record Kind(String type, List<String> values) {}

  private static final List<Kind> KINDS =
      List.of(
          new Kind("smallint", List.of("-32768", "0", "7", "32767")),
          new Kind("integer", List.of("-1", "0", "2147483647")),
          new Kind("bigint", List.of("-9223372036854775808", "5", "9223372036854775807")),
          new Kind("numeric(30,5)", List.of("0.00001", "-5", "5", "'NaN'")),
          new Kind("real", List.of("'-0'", "0.1", "1e30", "'NaN'", "'-Infinity'")),
          new Kind("double precision", List.of("0.1", "-0.30000000000000004", "5e-324", "'NaN'")),
          new Kind("text", List.of("''", "'a'", "'B'", "'é'", "'\"\\''x'", "'😀'")),
          new Kind("varchar(5)", List.of("'b'", "'ab '", "'ab'")),
          new Kind("char(4)", List.of("'b'", "'ab'", "''")),
          new Kind("boolean", List.of("true", "false")),
          new Kind("date", List.of("'0044-03-15 BC'", "'2024-02-29'", "'infinity'")),
          new Kind("time", List.of("'00:00'", "'24:00'", "'12:34:56.789012'")),
          new Kind("timestamp", List.of("'2024-02-29 12:00:00.000001'", "'-infinity'")),
          new Kind("timestamptz", List.of("'2024-02-29 12:00:00.000001+02'", "'infinity'")),
          new Kind("interval", List.of("'1 mon'", "'30 days'", "'-1 hour'", "'1 day -00:00:01'")),
          new Kind("timetz", List.of("'12:00+02'", "'12:00:00.000001-11'", "'24:00+00'")),
          new Kind("jsonb", List.of("'null'", "'1'", "'[]'", "'{\"a\": \"x\"}'", "'\"b\"'")),
          new Kind("bytea", List.of("''", "'\\x00'", "'\\xff00'")),
          new Kind(
              "uuid",
              List.of(
                  "'00000000-0000-0000-0000-000000000000'",
                  "'ffffffff-ffff-ffff-ffff-ffffffffffff'")));

  private final LocalDsql dsql;

  PagesPropertyTest(LocalDsql dsql) {
    this.dsql = dsql;
  }

  /// Members of the documents in the column `doc`, by type, each with values in JSON. A missing one
  /// and a JSON null are NULL.
  private static final Map<MemberType, List<String>> MEMBERS =
      Map.of(
          MemberType.TEXT, List.of("\"a\"", "\"B'\\\"\"", "7", "null", "[1]"),
          MemberType.INTEGER, List.of("1", "\"-2\"", "null"),
          MemberType.BIGINT, List.of("9223372036854775807", "\"0\""),
          MemberType.NUMERIC, List.of("1.50", "1.5", "-7e3", "\"0.001\""),
          MemberType.BOOLEAN, List.of("true", "\"false\""),
          MemberType.DATE, List.of("\"2024-02-29\"", "\"0001-01-01\""),
          MemberType.TIMESTAMPTZ,
              List.of("\"2024-02-29T12:00:00.000001+02\"", "\"2024-02-29 10:00:00.000001Z\""),
          MemberType.UUID, List.of("\"00000000-0000-0000-0000-00000000000A\"", "null"));

  /// A column of the table.
  private record Column(String name, Kind kind, boolean notNull) {
    private String definition() {
      return name + ' ' + kind.type() + (notNull ? " NOT NULL" : "");
    }

    private String value(Random random) {
      return !notNull && random.nextInt(4) == 0
          ? "NULL"
          : kind.values().get(random.nextInt(kind.values().size()));
    }
  }

  @Test
  void pagesPutTogetherAreTheWholeResult() throws Exception {
    long seed = Long.getLong("pages.seed", System.nanoTime());
    Random random = new Random(seed);
    try (Connection superuser = dsql.superuser().getConnection();
        Statement statement = superuser.createStatement()) {
      for (int i = 0; i < TRIES; i += TRIES_A_TABLE) {
        List<Column> columns = table(statement, random);
        try (Database database =
            LocalDatabase.of(dsql, Inserts.MAX_CHUNK_ROWS, 1 + random.nextInt(40))) {
          for (int n = 0; n < TRIES_A_TABLE; n++) {
            String name = "try " + (i + n) + ", -Dpages.seed=" + seed;
            new Walk(database, statement, columns, random, name).run();
          }
        }
      }
    }
  }

  /// Makes a table whose column `era` tells the rows that came later.
  private static List<Column> table(Statement statement, Random random) throws SQLException {
    List<Column> columns = new ArrayList<>();
    for (int i = random.nextInt(5); i >= 0; i--) {
      Kind kind = KINDS.get(random.nextInt(KINDS.size()));
      columns.add(new Column("c" + i, kind, random.nextInt(4) == 0));
    }
    statement.execute("DROP TABLE IF EXISTS public.pages CASCADE");
    statement.execute(
        "CREATE TABLE public.pages (id uuid DEFAULT gen_random_uuid(), era integer NOT NULL, "
            + columns.stream().map(Column::definition).collect(Collectors.joining(", "))
            + ", doc jsonb, PRIMARY KEY ("
            + (random.nextBoolean() ? "era, id" : "id")
            + "))");
    statement.execute("ALTER TABLE public.pages OWNER TO admin");
    statement.execute("CREATE VIEW public.pages_view AS SELECT * FROM public.pages");
    statement.execute("ALTER VIEW public.pages_view OWNER TO admin");
    insert(statement, columns, random, random.nextInt(60), 0);
    return columns;
  }

  private static void insert(
      Statement statement, List<Column> columns, Random random, int count, int era)
      throws SQLException {
    for (int row = 0; row < count; row++) {
      statement.execute(
          "INSERT INTO public.pages VALUES (gen_random_uuid(), "
              + era
              + columns.stream()
                  .map(column -> ", " + column.value(random))
                  .collect(Collectors.joining())
              + ", '"
              + document(random).replace("'", "''")
              + "')");
    }
  }

  private static String document(Random random) {
    List<String> members = new ArrayList<>();
    MEMBERS.forEach((type, values) -> {
      if (random.nextInt(4) > 0) {
        members.add("\"" + type + "\":" + values.get(random.nextInt(values.size())));
      }
    });
    return "{\"in\":[{" + String.join(",", members) + "}]}";
  }

  /// One query, read page by page.
  private record Walk(
      Database database, Statement statement, List<Column> columns, Random random, String name) {

    private void run() throws Exception {
      // A view has no primary key.
      boolean view = random.nextBoolean();
      List<Order> orders = orders();
      boolean all = random.nextBoolean();
      Optional<Column> filtered =
          random.nextBoolean() ? Optional.of(any()) : Optional.<Column>empty();
      Query first =
          new Query(
              view ? VIEW : TABLE,
              all
                  ? List.of()
                  : List.of(
                      new Selected.Plain(
                          Operand.of(new Identifier("id")), new Identifier("id"), "/select/0")),
              filtered.map(
                  c -> new Filter.IsNull(Operand.of(new Identifier(c.name())), true, "/where")),
              List.of(),
              Optional.empty(),
              orders,
              view ? List.of(new Identifier("id")) : List.of(),
              1 + random.nextInt(30),
              Optional.empty(),
              random.nextInt(4) == 0);
      List<String> expected = expected(orders, filtered);
      ReplyLimit limit =
          new ReplyLimit(
              random.nextBoolean() ? ReplyLimit.LAMBDA_REPLY_BYTES : 2_500 + random.nextInt(5_000),
              random.nextBoolean());
      boolean concurrent = random.nextBoolean();
      List<String> ids = new ArrayList<>();
      Optional<String> cursor = Optional.empty();
      for (int era = 1; era == 1 || cursor.isPresent(); era++) {
        Result.Queried page = page(first, cursor, limit);
        ids.addAll(ids(page));
        cursor = page.nextCursor();
        if (concurrent && era < 20) {
          insert(statement, columns, random, random.nextInt(4), era);
        }
      }
      assertEquals(ids.size(), new HashSet<>(ids).size(), name + ": a row came twice");
      if (concurrent) {
        ids.retainAll(new HashSet<>(expected));
        statement.execute("DELETE FROM public.pages WHERE era > 0");
      }
      assertEquals(expected, ids, name);
    }

    private Column any() {
      return columns.get(random.nextInt(columns.size()));
    }

    private List<Order> orders() {
      List<Operand> names = new ArrayList<>();
      for (Column column : columns) {
        names.add(Operand.of(new Identifier(column.name())));
      }
      names.add(Operand.of(new Identifier("id")));
      for (MemberType type : MemberType.values()) {
        Member member = new Member(List.of("in", "0", type.name()), type);
        names.add(new Operand(new Identifier("doc"), Optional.of(member)));
      }
      Collections.shuffle(names, random);
      List<Order> orders = new ArrayList<>();
      for (Operand operand : names.subList(0, Math.min(names.size(), random.nextInt(4)))) {
        Optional<Nulls> nulls =
            switch (random.nextInt(3)) {
              case 0 -> Optional.of(Nulls.FIRST);
              case 1 -> Optional.of(Nulls.LAST);
              default -> Optional.empty();
            };
        orders.add(new Order(operand, random.nextBoolean(), nulls, "/orderBy"));
      }
      return orders;
    }

    /// By SQL that says in one piece what the pages must add up to.
    private List<String> expected(List<Order> orders, Optional<Column> filtered)
        throws SQLException {
      StringBuilder sql = new StringBuilder("SELECT id FROM public.pages");
      filtered.ifPresent(c -> sql.append(" WHERE ").append(c.name()).append(" IS NOT NULL"));
      sql.append(" ORDER BY ");
      for (Order order : orders) {
        boolean first = order.nulls().map(n -> n == Nulls.FIRST).orElse(order.descending());
        sql.append(expression(order.operand()))
            .append(order.descending() ? " DESC" : " ASC")
            .append(first ? " NULLS FIRST, " : " NULLS LAST, ");
      }
      // All rows are of one era, so the key adds just this.
      sql.append("id");
      List<String> ids = new ArrayList<>();
      try (ResultSet row = statement.executeQuery(sql.toString())) {
        while (row.next()) {
          ids.add(row.getString(1));
        }
      }
      return ids;
    }

    private static String expression(Operand operand) {
      if (operand.member().isEmpty()) {
        return operand.column().name();
      }
      MemberType type = operand.member().get().type();
      return "(doc -> 'in' -> 0 ->> '" + type + "')::" + type.columnType().sql();
    }

    private Result.Queried page(Query first, Optional<String> cursor, ReplyLimit limit) {
      Query query =
          new Query(
              first.table(),
              first.select(),
              first.where(),
              List.of(),
              Optional.empty(),
              first.orderBy(),
              first.key(),
              first.limit(),
              cursor,
              first.total());
      Result.Queried page =
          (Result.Queried)
              database.run(
                  query, database.begin(Deadline.in(Duration.ofSeconds(30), Ticker.SYSTEM)), limit);
      long bytes = limit.counted(new JsonWriter().json(ResultEncoder.encode(page)), 0);
      assertTrue(bytes <= limit.bytes(), () -> name + ": " + bytes + " bytes of " + limit.bytes());
      assertEquals(page.hasMore(), page.nextCursor().isPresent(), name);
      assertEquals(first.total(), page.total().isPresent(), name);
      assertTrue(page.rows().count() <= first.limit(), name);
      return page;
    }

    private static List<String> ids(Result.Queried page) throws JsonText.Malformed {
      String json = new String(page.rows().json(), StandardCharsets.UTF_8);
      Json.Arr rows = (Json.Arr) RequestText.parse(json, new Faults());
      assertEquals(page.rows().count(), rows.elements().size());
      return rows.elements().stream()
          .map(row -> ((Json.Str) Objects.requireNonNull(((Json.Obj) row).get("id"))).value())
          .toList();
    }
  }
}
