package dsql.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.SharedDsql;
import dsql.action.Faults;
import dsql.action.Filter;
import dsql.action.Identifier;
import dsql.action.Query;
import dsql.codec.RequestDecoder;
import dsql.codec.RequestText;
import dsql.db.jdbc.Parameters;
import dsql.json.JsonText;
import dsql.json.JsonWriter;
import dsql.local.LocalDsql;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Whatever the names, the pointers and the values of a filter, from its JSON to the server there
/// is no syntax error and no second statement, and each condition holds for the row that it names.
@Tag("slow")
@ExtendWith(SharedDsql.class)
final class FiltersFuzzTest {

  private static final int TRIES = 100_000;
  private static final int TRIES_A_STATEMENT = 250;

  @Test
  void aFilterMeansWhatItSays(LocalDsql dsql) throws SQLException {
    long seed = Long.getLong("filters.seed", System.nanoTime());
    Random random = new Random(seed);
    try (Connection connection = dsql.superuser().getConnection()) {
      for (int i = 0; i < TRIES; i += TRIES_A_STATEMENT) {
        List<String> selects = new ArrayList<>();
        List<Parameter> parameters = new ArrayList<>();
        for (int n = 0; n < TRIES_A_STATEMENT; n++) {
          selects.add(select(random, parameters));
        }
        check(connection, selects, parameters, "-Dfilters.seed=" + seed + ", from try " + i);
      }
    }
  }

  private static void check(
      Connection connection, List<String> selects, List<Parameter> parameters, String name) {
    try (PreparedStatement query =
        connection.prepareStatement(String.join(" UNION ALL ", selects))) {
      Parameters.bind(query, parameters);
      int count = 0;
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          int at = count;
          assertTrue(row.getBoolean(1), () -> name + ": does not hold: " + selects.get(at));
          count++;
        }
      }
      assertEquals(selects.size(), count, name);
    } catch (SQLException e) {
      throw new AssertionError(name, e);
    }
  }

  /// A row with a document and a text, of which the condition holds.
  private record Row(
      Identifier document, Identifier plain, List<String> path, String json, String value) {}

  /// A SELECT of a condition that holds.
  private static String select(Random random, List<Parameter> parameters) {
    Identifier document = LiteralsFuzzTest.name(random);
    Identifier plain = document;
    while (plain.equals(document)) {
      plain = LiteralsFuzzTest.name(random);
    }
    String value = LiteralsFuzzTest.text(random, 6);
    List<String> path = new ArrayList<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      path.add(LiteralsFuzzTest.text(random, 3));
    }
    Row row = new Row(document, plain, path, LiteralsFuzzTest.json(path, value), value);
    Faults faults = new Faults();
    TableShape shape = Shapes.of(0, List.of(document, plain), List.of("jsonb", "text"));
    Sql condition = FilterSql.of(decoded(where(row, random)), shape, faults);
    faults.throwIfAny();
    parameters.addAll(condition.parameters());
    parameters.add(new Parameter.Typed(row.json(), "jsonb"));
    parameters.add(new Parameter.Typed(value, "text"));
    return "SELECT %s FROM (SELECT ?::jsonb AS %s, ?::text AS %s) AS t"
        .formatted(condition.text(), document.quoted(), plain.quoted());
  }

  private static Filter decoded(String where) {
    String query = "{\"action\":\"query\",\"table\":\"t\",\"where\":" + where + "}";
    Faults faults = new Faults();
    try {
      return ((Query)
              RequestDecoder.decode(RequestText.parse(query, faults), Optional.empty(), faults))
          .where()
          .orElseThrow();
    } catch (JsonText.Malformed e) {
      throw new AssertionError(query, e);
    }
  }

  private static String where(Row row, Random random) {
    String document = text(row.document().name());
    String plain = text(row.plain().name());
    String value = text(row.value());
    return switch (random.nextInt(8)) {
      case 0 -> "{%s:{%s,\"eq\":%s}}".formatted(document, pointer(row), value);
      case 1 -> "{%s:{%s,\"in\":[\"x'\",%s]}}".formatted(document, pointer(row), value);
      case 2 -> "{%s:{%s,\"like\":%s}}".formatted(document, pointer(row), pattern(row));
      case 3 -> "{%s:{%s,\"isNull\":false}}".formatted(document, pointer(row));
      case 4 -> "{%s:{\"contains\":%s}}".formatted(document, row.json());
      case 5 -> "{%s:{\"has\":%s}}".formatted(document, text(row.path().getFirst()));
      case 6 -> "{%s:{\"between\":[%s,%s]}}".formatted(plain, value, value);
      default ->
          "{\"in\":{\"columns\":[%s,%s],\"values\":[[\"?\",{}],[%s,%s]]}}"
              .formatted(plain, document, value, row.json());
    };
  }

  private static String pointer(Row row) {
    StringBuilder pointer = new StringBuilder();
    for (String token : row.path()) {
      pointer.append('/').append(token.replace("~", "~0").replace("/", "~1"));
    }
    return "\"at\":" + text(pointer.toString());
  }

  private static String pattern(Row row) {
    return text(row.value().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_"));
  }

  private static String text(String text) {
    return new JsonWriter().value(text).toString();
  }
}
