package dsql.lambda.torture;

import dsql.lambda.torture.TortureShape.Column;
import dsql.lambda.torture.TortureShape.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// A change of a table by somebody else.
///
/// @param sql what makes it
/// @param after the table then
record TortureChange(String sql, TortureShape after) {

  private static final List<String> NAMES = List.of("v", "w", "x");

  /// Any change that the table can have: a column added, dropped, renamed, of another type or no
  /// longer NOT NULL, two columns' names exchanged, the table made anew.
  static TortureChange any(String table, TortureShape now, SplittableRandom random) {
    TortureChange change = null;
    while (change == null) {
      change =
          switch (random.nextInt(7)) {
            case 0 -> added(table, now, random);
            case 1 -> dropped(table, now, random);
            case 2 -> renamed(table, now, random);
            case 3 -> exchanged(table, now);
            case 4 -> retyped(table, now, random);
            case 5 -> nullable(table, now);
            default -> anew(table, random);
          };
    }
    return change;
  }

  static TortureChange anew(String table, SplittableRandom random) {
    TortureShape shape = TortureShape.of(name(random), kind(random), false);
    return new TortureChange(shape.sql(table), shape);
  }

  static String name(SplittableRandom random) {
    return NAMES.get(random.nextInt(NAMES.size()));
  }

  private static Kind kind(SplittableRandom random) {
    List<Kind> kinds = List.of(Kind.values());
    return kinds.get(random.nextInt(kinds.size()));
  }

  private static @Nullable TortureChange added(
      String table, TortureShape now, SplittableRandom random) {
    String name = name(random);
    if (now.column(name).isPresent()) {
      return null;
    }
    Column column = new Column(name, kind(random), true);
    List<Column> columns = new ArrayList<>(now.columns());
    columns.add(column);
    return new TortureChange(
        TortureShape.added(table, column), new TortureShape(columns, now.nulls()));
  }

  private static @Nullable TortureChange dropped(
      String table, TortureShape now, SplittableRandom random) {
    if (now.columns().size() == 1) {
      return null;
    }
    List<Column> columns = new ArrayList<>(now.columns());
    Column column = columns.remove(random.nextInt(columns.size()));
    return new TortureChange(drop(table, column), new TortureShape(columns, now.nulls()));
  }

  private static @Nullable TortureChange renamed(
      String table, TortureShape now, SplittableRandom random) {
    String name = name(random);
    if (now.column(name).isPresent()) {
      return null;
    }
    int at = random.nextInt(now.columns().size());
    Column column = now.columns().get(at);
    List<Column> columns = new ArrayList<>(now.columns());
    columns.set(at, new Column(name, column.kind(), column.nullable()));
    return new TortureChange(
        rename(table, column.name(), name), new TortureShape(columns, now.nulls()));
  }

  private static @Nullable TortureChange exchanged(String table, TortureShape now) {
    if (now.columns().size() == 1) {
      return null;
    }
    Column a = now.columns().get(0);
    Column b = now.columns().get(1);
    List<Column> columns = new ArrayList<>(now.columns());
    columns.set(0, new Column(b.name(), a.kind(), a.nullable()));
    columns.set(1, new Column(a.name(), b.kind(), b.nullable()));
    return new TortureChange(
        rename(table, a.name(), "other")
            + rename(table, b.name(), a.name())
            + rename(table, "other", b.name()),
        new TortureShape(columns, now.nulls()));
  }

  // As on the service, where no column's type can be changed.
  private static TortureChange retyped(String table, TortureShape now, SplittableRandom random) {
    List<Column> columns = new ArrayList<>(now.columns());
    Column before = columns.remove(random.nextInt(columns.size()));
    Column after = new Column(before.name(), kind(random), true);
    columns.add(after);
    return new TortureChange(
        drop(table, before) + TortureShape.added(table, after),
        new TortureShape(columns, now.nulls()));
  }

  private static @Nullable TortureChange nullable(String table, TortureShape now) {
    if (now.nulls()) {
      return null;
    }
    StringBuilder sql = new StringBuilder();
    List<Column> columns = new ArrayList<>();
    for (Column column : now.columns()) {
      sql.append("ALTER TABLE public.%s ALTER %s DROP NOT NULL;".formatted(table, column.name()));
      columns.add(new Column(column.name(), column.kind(), true));
    }
    sql.append(TortureShape.nullRow(table));
    return new TortureChange(sql.toString(), new TortureShape(columns, true));
  }

  private static String drop(String table, Column column) {
    return "ALTER TABLE public.%s DROP COLUMN %s;".formatted(table, column.name());
  }

  private static String rename(String table, String from, String to) {
    return "ALTER TABLE public.%s RENAME %s TO %s;".formatted(table, from, to);
  }
}
