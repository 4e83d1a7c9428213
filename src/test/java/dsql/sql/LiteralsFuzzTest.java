package dsql.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.SharedDsql;
import dsql.action.ColumnType;
import dsql.action.Faults;
import dsql.action.Filter;
import dsql.action.Identifier;
import dsql.action.Member;
import dsql.action.MemberType;
import dsql.action.Operand;
import dsql.action.Value;
import dsql.json.JsonWriter;
import dsql.local.LocalDsql;
import dsql.sql.TableShape.ColumnShape;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Names, values and paths of a caller, written into SQL text, mean themselves to PostgreSQL: there
/// is no syntax error and no second statement, and each condition holds for the value that it
/// names.
@Tag("slow")
@ExtendWith(SharedDsql.class)
final class LiteralsFuzzTest {

  private static final int TRIES = 100_000;
  private static final int TRIES_A_STATEMENT = 250;

  /// What is most likely to end a name, a literal or a comment, or to be taken for a parameter.
  private static final String[] PARTS = {
    "'", "''", "\"", "\\", "\\'", "?", "??", "$1", "$$", ";", "--", "/*", "*/", "E'", "::text", "{",
    "}", ",", "NULL", " ", "\n", "\t", "é", "😀", "%", "_", "0", "01", "-1", "a", "A", "~", "/",
    "\u0001", "\u00a0"
  };

  @Test
  void whatACallerNamesMeansItself(LocalDsql dsql) throws SQLException {
    long seed = Long.getLong("literals.seed", System.nanoTime());
    Random random = new Random(seed);
    try (Connection connection = dsql.superuser().getConnection()) {
      for (int i = 0; i < TRIES; i += TRIES_A_STATEMENT) {
        List<String> selects = new ArrayList<>();
        List<String> parameters = new ArrayList<>();
        for (int n = 0; n < TRIES_A_STATEMENT; n++) {
          selects.add(select(random, parameters));
        }
        check(connection, selects, parameters, "-Dliterals.seed=" + seed + ", from try " + i);
      }
    }
  }

  private static void check(
      Connection connection, List<String> selects, List<String> parameters, String name)
      throws SQLException {
    String text = String.join(" UNION ALL ", selects);
    try (PreparedStatement query = connection.prepareStatement(text)) {
      for (int i = 0; i < parameters.size(); i++) {
        query.setString(i + 1, parameters.get(i));
      }
      int count = 0;
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          assertTrue(row.getBoolean(1), () -> name + ": a condition does not hold");
          count++;
        }
      }
      assertEquals(selects.size(), count, name);
    } catch (SQLException e) {
      throw new AssertionError(name, e);
    }
  }

  /// A SELECT of a condition that holds.
  private static String select(Random random, List<String> parameters) {
    Identifier name = name(random);
    String value = text(random, 6);
    boolean document = random.nextBoolean();
    ColumnType type = ColumnType.ofCatalog(document ? "jsonb" : "text");
    ColumnShape column = new ColumnShape(1, name, type, true, Optional.empty(), false);
    TableShape shape =
        new TableShape(
            new Identifier("s"), new Identifier("t"), Map.of(name.name(), column), List.of());
    List<String> path = new ArrayList<>();
    for (int i = random.nextInt(3); document && i >= 0; i--) {
      path.add(text(random, 3));
    }
    Operand operand =
        document
            ? new Operand(name, Optional.of(new Member(path, MemberType.TEXT)))
            : Operand.of(name);
    parameters.add(document ? json(path, value) : value);
    Filter filter = filter(operand, value, random);
    Faults faults = new Faults();
    String condition = LiteralFilter.of(filter, shape, faults);
    faults.throwIfAny();
    return "SELECT "
        + condition
        + " FROM (SELECT ?::"
        + type.sql()
        + " AS "
        + name.quoted()
        + ") AS t";
  }

  private static Filter filter(Operand operand, String value, Random random) {
    Value given = new Value.Text(value);
    return switch (random.nextInt(4)) {
      case 0 -> new Filter.Compare(operand, Filter.Comparison.EQ, given, "");
      case 1 -> new Filter.In(operand, false, List.of(new Value.Text(value + "'"), given), "");
      case 2 -> new Filter.Between(operand, given, given, "");
      default ->
          new Filter.Like(
              operand,
              random.nextBoolean(),
              value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_"),
              "");
    };
  }

  static Identifier name(Random random) {
    while (true) {
      String text = text(random, 8);
      if (Identifier.fault(text).isEmpty()) {
        return new Identifier(text);
      }
    }
  }

  static String text(Random random, int most) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(most + 1); i > 0; i--) {
      text.append(PARTS[random.nextInt(PARTS.length)]);
    }
    return text.toString();
  }

  /// A document with the value at the path.
  static String json(List<String> path, String value) {
    JsonWriter out = new JsonWriter();
    for (String name : path) {
      out.beginObject().name(name);
    }
    out.value(value);
    path.forEach(_ -> out.endObject());
    return out.toString();
  }
}
