package dsql.sql;

import static dsql.sql.Shapes.names;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dsql.action.Fault;
import dsql.action.Filter;
import dsql.action.Identifier;
import dsql.action.InvalidRequest;
import dsql.action.Query;
import dsql.action.Query.Nulls;
import dsql.action.Query.Order;
import dsql.action.Value;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SelectSqlTest {

  private final TableShape shape =
      Shapes.of(2, "id uuid", "n bigint", "name character varying(3)", "j json", "jb jsonb");

  @Test
  void allColumnsAndRowsByThePrimaryKey() {
    SelectSql select =
        SelectSql.of(
            new Query(new Identifier("t"), List.of(), Optional.empty(), List.of(), 100), shape);
    assertEquals(
        new Sql(
            "SELECT \"id\", \"n\", \"name\", \"j\", \"jb\" FROM \"s\".\"t\""
                + " ORDER BY \"id\", \"n\" LIMIT ?",
            List.of(new Parameter.Text("101"))),
        select.sql());
    assertEquals(
        List.of("id uuid", "n bigint", "name varchar(3)", "j json", "jb jsonb"),
        select.columns().stream().map(c -> c.name() + ' ' + c.type().sql()).toList());
  }

  @Test
  void everythingAsked() {
    SelectSql select =
        SelectSql.of(
            new Query(
                new Identifier("t"),
                names("name", "id"),
                Optional.of(
                    new Filter.And(
                        List.of(
                            equal("name", new Value.Text("longer than its column")),
                            new Filter.IsNull(new Identifier("j"), "/where/j"),
                            equal("n", new Value.Num("1e2")),
                            equal("jb", new Value.Num("1.0"))))),
                List.of(
                    new Order(new Identifier("n"), true, Optional.empty()),
                    new Order(new Identifier("name"), false, Optional.of(Nulls.FIRST)),
                    new Order(new Identifier("jb"), true, Optional.of(Nulls.LAST))),
                10_000),
            shape);
    assertEquals(
        new Sql(
            "SELECT \"name\", \"id\" FROM \"s\".\"t\""
                + " WHERE \"name\" = ? AND \"j\" IS NULL AND \"n\" = ? AND \"jb\" = ?"
                + " ORDER BY \"n\" DESC, \"name\" NULLS FIRST, \"jb\" DESC NULLS LAST, \"id\""
                + " LIMIT ?",
            List.of(
                new Parameter.Text("longer than its column"),
                new Parameter.Text("100"),
                new Parameter.Text("1.0"),
                new Parameter.Text("10001"))),
        select.sql());
    assertEquals(List.of("name", "id"), select.columns().stream().map(c -> c.name()).toList());
  }

  @Test
  void aViewHasNoOrderOfItsOwn() {
    assertEquals(
        "SELECT \"a\" FROM \"s\".\"t\" LIMIT ?",
        SelectSql.of(
                new Query(new Identifier("t"), List.of(), Optional.empty(), List.of(), 1),
                Shapes.of(0, "a text"))
            .sql()
            .text());
  }

  @Test
  void quotesHostileNamesAndBindsHostileValues() {
    String hostile = "a\"--;?/*";
    assertEquals(
        new Sql(
            "SELECT \"a\"\"--;?/*\" FROM \"s\".\"t\" WHERE \"a\"\"--;?/*\" = ?"
                + " ORDER BY \"a\"\"--;?/*\" LIMIT ?",
            List.of(new Parameter.Text("' OR 1=1 --"), new Parameter.Text("2"))),
        SelectSql.of(
                new Query(
                    new Identifier("t"),
                    names(hostile),
                    Optional.of(
                        new Filter.And(List.of(equal(hostile, new Value.Text("' OR 1=1 --"))))),
                    List.of(),
                    1),
                Shapes.of(1, hostile + " text"))
            .sql());
  }

  @Test
  void pointsAtEveryFault() {
    Query query =
        new Query(
            new Identifier("t"),
            names("id", "no"),
            Optional.of(
                new Filter.And(
                    List.of(
                        equal("nope", new Value.Text("x")),
                        new Filter.IsNull(new Identifier("a/b"), "/where/a~1b"),
                        equal("id", new Value.Text("x")),
                        equal("j", new Value.Text("x"))))),
            List.of(
                new Order(new Identifier("j"), false, Optional.empty()),
                new Order(new Identifier("none"), false, Optional.empty())),
            1);
    List<Fault> faults =
        assertThrows(InvalidRequest.class, () -> SelectSql.of(query, shape)).faults();
    assertEquals(
        List.of(
            "/select/1 UNKNOWN_COLUMN",
            "/where/nope UNKNOWN_COLUMN",
            "/where/a~1b UNKNOWN_COLUMN",
            "/where/id INVALID_VALUE",
            "/where/j INVALID_VALUE",
            "/orderBy/0/column INVALID_VALUE",
            "/orderBy/1/column UNKNOWN_COLUMN"),
        faults.stream().map(f -> f.pointer() + ' ' + f.code()).toList());
  }

  private static Filter equal(String column, Value value) {
    return new Filter.Equal(new Identifier(column), value, "/where/" + column);
  }
}
