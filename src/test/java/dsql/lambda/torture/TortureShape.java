package dsql.lambda.torture;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// A table as it is at one time, and what a function that has just started would tell of it.
///
/// Each column holds its type's samples in the rows 3, 2 and 1, and NULL in row 9, if there is one.
///
/// @param columns besides the key `id integer`
/// @param nulls whether row 9 exists
record TortureShape(List<Column> columns, boolean nulls) {

  /// Rows from here on are not the model's.
  static final int LIMIT = 10;

  private static final int NULL_ROW = 9;

  /// A type: what is in the table, in ascending order, and how it is told.
  enum Kind {
    INTEGER("integer", "1 2 3", "1 2 3"),
    BIGINT("bigint", "1 2 3", "\"1\" \"2\" \"3\""),
    TEXT("text", "a no yes", "\"a\" \"no\" \"yes\""),
    VARCHAR_5("varchar(5)", "a no yes", "\"a\" \"no\" \"yes\""),
    VARCHAR_50("varchar(50)", "a no yes", "\"a\" \"no\" \"yes\""),
    BOOLEAN("boolean", "false false true", "false false true"),
    NUMERIC_4("numeric(10,4)", "1.5 2.25 3.125", "\"1.5000\" \"2.2500\" \"3.1250\""),
    NUMERIC_2("numeric(10,2)", "1.5 2.25 3.75", "\"1.50\" \"2.25\" \"3.75\""),
    TIMESTAMP_6(
        "timestamp(6)",
        "2026-01-01T00:00:00.000001 2026-01-02T00:00:00.5 2026-01-03T00:00:00",
        "\"2026-01-01T00:00:00.000001\" \"2026-01-02T00:00:00.5\" \"2026-01-03T00:00:00\""),
    TIMESTAMP_0(
        "timestamp(0)",
        "2026-01-01T00:00:00 2026-01-02T00:00:01 2026-01-03T00:00:02",
        "\"2026-01-01T00:00:00\" \"2026-01-02T00:00:01\" \"2026-01-03T00:00:02\""),
    DOUBLE("double precision", "0.1 0.123456789 1.5", "0.1 0.123456789 1.5"),
    REAL("real", "0.1 0.25 1.5", "0.1 0.25 1.5");

    private final String sql;
    private final String stored;
    private final String told;

    Kind(String sql, String stored, String told) {
      this.sql = sql;
      this.stored = stored;
      this.told = told;
    }

    /// The samples as they are stored.
    private List<String> stored() {
      return List.of(stored.split(" ", -1));
    }

    /// And as they are told.
    private List<String> told() {
      return List.of(told.split(" ", -1));
    }

    /// How a value given as a string is told when it is in; empty where it must be refused.
    Optional<String> taken(Probe probe) {
      String text = probe.text;
      boolean fits =
          switch (this) {
            case TEXT, VARCHAR_50 -> true;
            case VARCHAR_5 -> text.length() <= 5;
            case INTEGER, BIGINT -> probe == Probe.WHOLE;
            case NUMERIC_2 -> probe == Probe.WHOLE || probe == Probe.HALF;
            case NUMERIC_4, DOUBLE, REAL ->
                probe == Probe.WHOLE || probe == Probe.HALF || probe == Probe.FOUR_DIGITS;
            case BOOLEAN -> probe == Probe.TRUE;
            case TIMESTAMP_6 -> probe == Probe.MICROSECONDS || probe == Probe.SECONDS;
            case TIMESTAMP_0 -> probe == Probe.SECONDS;
          };
      if (!fits) {
        return Optional.empty();
      }
      return Optional.of(
          switch (this) {
            case NUMERIC_4 -> quoted(text, probe == Probe.WHOLE ? ".0000" : zeros(probe, 3));
            case NUMERIC_2 -> quoted(text, probe == Probe.WHOLE ? ".00" : zeros(probe, 1));
            case INTEGER, DOUBLE, REAL, BOOLEAN -> text;
            default -> quoted(text, "");
          });
    }

    /// A value that can be in a column of this type.
    Probe fitting() {
      return Arrays.stream(Probe.values())
          .filter(probe -> taken(probe).isPresent())
          .findFirst()
          .orElseThrow();
    }

    private static String zeros(Probe probe, int count) {
      return probe == Probe.HALF ? "0".repeat(count) : "";
    }

    private static String quoted(String text, String more) {
      return '"' + text + more + '"';
    }
  }

  /// What an insert gives, always as a string.
  enum Probe {
    WHOLE("12"),
    HALF("7.5"),
    FOUR_DIGITS("7.7777"),
    EIGHT_LETTERS("abcdefgh"),
    TRUE("true"),
    SECONDS("2026-01-02T03:04:05"),
    MICROSECONDS("2026-01-02T03:04:05.678901");

    final String text;

    Probe(String text) {
      this.text = text;
    }
  }

  record Column(String name, Kind kind, boolean nullable) {}

  /// A table made anew.
  static TortureShape of(String name, Kind kind, boolean nullable) {
    return new TortureShape(List.of(new Column(name, kind, nullable)), false);
  }

  Optional<Column> column(String name) {
    return columns.stream().filter(c -> c.name().equals(name)).findFirst();
  }

  List<String> names() {
    return columns.stream().map(Column::name).toList();
  }

  /// The statements that make the table anew.
  String sql(String table) {
    StringBuilder sql = new StringBuilder("DROP TABLE IF EXISTS public." + table + ";");
    sql.append("CREATE TABLE public." + table + " (id integer PRIMARY KEY");
    for (Column column : columns) {
      sql.append(", ").append(column.name()).append(' ').append(column.kind().sql);
      sql.append(column.nullable() ? "" : " NOT NULL");
    }
    sql.append(");ALTER TABLE public." + table + " OWNER TO admin;");
    for (int row = 1; row <= 3; row++) {
      sql.append("INSERT INTO public." + table + " VALUES (" + row);
      for (Column column : columns) {
        sql.append(", '").append(column.kind().stored().get(3 - row)).append('\'');
      }
      sql.append(");");
    }
    return sql.toString();
  }

  /// The statements that add a column with its samples.
  static String added(String table, Column column) {
    StringBuilder sql = new StringBuilder();
    sql.append(
        "ALTER TABLE public.%s ADD COLUMN %s %s;"
            .formatted(table, column.name(), column.kind().sql));
    for (int row = 1; row <= 3; row++) {
      sql.append(
          "UPDATE public.%s SET %s = '%s' WHERE id = %d;"
              .formatted(table, column.name(), column.kind().stored().get(3 - row), row));
    }
    return sql.toString();
  }

  static String nullRow(String table) {
    return "INSERT INTO public.%s (id) VALUES (%d);".formatted(table, NULL_ROW);
  }

  /// The types as a reply tells them.
  String toldColumns() {
    JsonArray told = new JsonArray();
    told.add(toldColumn("id", "integer"));
    columns.forEach(c -> told.add(toldColumn(c.name(), c.kind().sql)));
    return told.toString();
  }

  /// The types of the key and a column that are called by each other's names.
  String swappedColumns(Column order) {
    JsonArray told = new JsonArray();
    told.add(toldColumn(order.name(), "integer"));
    told.add(toldColumn("id", order.kind().sql));
    return told.toString();
  }

  private static JsonObject toldColumn(String name, String type) {
    JsonObject told = new JsonObject();
    told.addProperty("name", name);
    told.addProperty("type", type);
    return told;
  }

  /// The model's rows in the order of a column, those without a value last, then of the key.
  List<JsonObject> rowsBy(Column order) {
    List<String> ranks = order.kind().stored();
    List<Integer> ids = new ArrayList<>(IntStream.rangeClosed(1, 3).boxed().toList());
    ids.sort(
        Comparator.<Integer>comparingInt(id -> ranks.indexOf(ranks.get(3 - id)))
            .thenComparing(Comparator.naturalOrder()));
    List<JsonObject> rows = new ArrayList<>();
    ids.forEach(id -> rows.add(row(id)));
    if (nulls) {
      rows.add(row(NULL_ROW));
    }
    return rows;
  }

  /// The rows without a value in any column of the model's.
  List<JsonObject> nullRows() {
    return nulls ? List.of(row(NULL_ROW)) : List.of();
  }

  private JsonObject row(int id) {
    JsonObject row = new JsonObject();
    row.addProperty("id", id);
    columns.forEach(c ->
        row.add(
            c.name(),
            id == NULL_ROW
                ? JsonNull.INSTANCE
                : new Gson().fromJson(c.kind().told().get(3 - id), JsonElement.class)));
    return row;
  }
}
