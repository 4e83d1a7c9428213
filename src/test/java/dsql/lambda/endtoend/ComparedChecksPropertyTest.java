package dsql.lambda.endtoend;

import static dsql.JsonAssert.at;
import static dsql.JsonAssert.problem;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import dsql.SharedDsql;
import dsql.Tables;
import dsql.lambda.LocalFunction;
import dsql.lambda.RequestRejected;
import dsql.local.LocalDsql;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Whatever the condition of a check, the table that was created with it is found to be as
/// requested, and one with another condition is not.
@Tag("slow")
@ExtendWith(SharedDsql.class)
final class ComparedChecksPropertyTest {

  private static final int TABLES = 150;
  private static final int CHECKS = 8;

  private static final String CREATE =
      """
      {"action":"create","table":"t","primaryKey":["id"],"columns":[{"name":"id","type":"bigint"},
       {"name":"small","type":"smallint"},{"name":"n","type":"numeric(9,3)"},
       {"name":"r","type":"real"},{"name":"x","type":"double precision"},{"name":"s","type":"text"},
       {"name":"v","type":"varchar(12)"},{"name":"c","type":"char(4)"},{"name":"d","type":"date"},
       {"name":"t","type":"time"},{"name":"z","type":"timestamptz"},{"name":"w","type":"timestamp"},
       {"name":"i","type":"interval"},{"name":"u","type":"uuid"},{"name":"b","type":"boolean"},
       {"name":"y","type":"bytea"},{"name":"j","type":"jsonb"}],"checks":[%s]}
      """;

  /// Columns, each with two values as an event writes them.
  private static final List<List<String>> VALUES =
      List.of(
          List.of("id", "5", "-9007199254740993"),
          List.of("small", "0", "-3"),
          List.of("n", "1.50", "\"-0.001\""),
          List.of("r", "1.5", "-2"),
          List.of("x", "0.1", "1e300"),
          List.of("s", "\"it's\"", "\"a\\\\b % ? \\\"\""),
          List.of("v", "\"dog\"", "\"\""),
          List.of("c", "\"ab\"", "\"abcd\""),
          List.of("d", "\"2026-02-28\"", "\"0001-01-01\""),
          List.of("t", "\"10:00:00\"", "\"23:59:59.5\""),
          List.of("z", "\"2026-01-01T10:00:00+02:00\"", "\"1999-12-31T23:59:59Z\""),
          List.of("w", "\"2026-01-01T10:00:00\"", "\"1999-12-31T23:59:59.123\""),
          List.of("i", "\"PT36H\"", "\"P1Y2M3D\""),
          List.of("u", uuid("1"), uuid("A")),
          List.of("b", "true", "false"),
          List.of("y", "\"AQID\"", "\"\""));

  @Test
  void aCheckIsEqualToItselfOnly(LocalDsql dsql) throws SQLException {
    long seed = Long.getLong("checks.seed", System.nanoTime());
    Random random = new Random(seed);
    try (LocalFunction function = new LocalFunction(dsql, Map.of("CLUSTER_SCHEMA", "checks"))) {
      for (int table = 0; table < TABLES; table++) {
        String name = "-Dchecks.seed=" + seed + ", table " + table;
        Tables.freshSchema(dsql, "checks");
        List<String> conditions = new ArrayList<>();
        for (int i = 0; i < CHECKS; i++) {
          conditions.add(condition(random, 2));
        }
        String event = create(conditions);
        assertEquals("created", at(function.invoke(event), "outcome"), () -> name + event);
        assertEquals("unchanged", at(function.invoke(event), "outcome"), () -> name + event);
        int changed = random.nextInt(CHECKS);
        String other = other(conditions.get(changed), random);
        conditions.set(changed, other);
        String mutated = create(conditions);
        JsonObject problem = problem(RequestRejected.class, () -> function.invoke(mutated));
        assertEquals(
            "[\"check c%d: has another condition\"]".formatted(changed),
            at(problem, "differences"),
            () -> name + event + mutated);
      }
    } finally {
      Tables.awaitNoSessions(dsql);
      Tables.dropSchema(dsql, "checks");
    }
  }

  private static String create(List<String> conditions) {
    List<String> checks = new ArrayList<>();
    for (int i = 0; i < conditions.size(); i++) {
      checks.add("{\"name\":\"c%d\",\"where\":%s}".formatted(i, conditions.get(i)));
    }
    return CREATE.replace("%s", String.join(",", checks));
  }

  private static String condition(Random random, int depth) {
    int kind = depth == 0 ? 0 : random.nextInt(6);
    return switch (kind) {
      case 1 ->
          "{\"and\":[%s,%s]}".formatted(condition(random, depth - 1), condition(random, depth - 1));
      case 2 ->
          "{\"or\":[%s,%s]}".formatted(condition(random, depth - 1), condition(random, depth - 1));
      case 3 -> "{\"not\":%s}".formatted(condition(random, depth - 1));
      default -> single(random);
    };
  }

  private static String single(Random random) {
    if (random.nextInt(5) == 0) {
      return document(random);
    }
    List<String> values = VALUES.get(random.nextInt(VALUES.size()));
    String column = values.get(0);
    String first = values.get(1);
    String second = values.get(2);
    String operators =
        switch (random.nextInt(column.equals("b") ? 4 : 7)) {
          case 0 -> "\"eq\":" + first;
          case 1 -> "\"ne\":" + second;
          case 2 -> "\"in\":[" + first + ',' + second + ']';
          case 3 -> "\"isNull\":" + random.nextBoolean();
          case 4 -> "\"gte\":" + first + ",\"lt\":" + second;
          case 5 -> "\"between\":[" + second + ',' + first + ']';
          default -> "\"notIn\":[" + second + ',' + first + ']';
        };
    return "{\"%s\":{%s}}".formatted(column, operators);
  }

  private static String document(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> "{\"j\":{\"at\":\"/a/0/it's\",\"eq\":\"x\"}}";
      case 1 ->
          "{\"j\":{\"at\":\"/n\",\"type\":\"numeric\",\"gt\":%d}}".formatted(random.nextInt(9));
      case 2 -> "{\"j\":{\"contains\":{\"k\":[%d]}}}".formatted(random.nextInt(9));
      default -> "{\"j\":{\"has\":\"k%d\"}}".formatted(random.nextInt(9));
    };
  }

  /// A condition that means something else.
  private static String other(String condition, Random random) {
    return random.nextBoolean()
        ? "{\"and\":[%s,{\"small\":{\"lt\":%d}}]}".formatted(condition, 100 + random.nextInt(9))
        : "{\"not\":%s}".formatted(condition);
  }

  private static String uuid(String end) {
    return "\"00000000-0000-0000-0000-00000000000" + end + '"';
  }
}
