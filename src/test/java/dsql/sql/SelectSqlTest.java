package dsql.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.action.Failure;
import dsql.action.Faults;
import dsql.action.InvalidRequest;
import dsql.action.Problem;
import dsql.action.Query;
import dsql.codec.RequestDecoder;
import dsql.codec.RequestText;
import dsql.json.JsonText;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("unit")
class SelectSqlTest {

  private static final TableShape SHAPE =
      Shapes.of(
          2,
          "id uuid",
          "n bigint",
          "name character varying(3)",
          "j json",
          "jb jsonb",
          "b bytea",
          "o boolean");

  @Test
  void allColumnsAndRowsByThePrimaryKey() {
    SelectSql select = select("");
    assertEquals(
        new Sql(
            "SELECT t.\"id\", t.\"n\", t.\"name\", t.\"j\", t.\"jb\", t.\"b\", t.\"o\""
                + " FROM \"s\".\"t\" AS t ORDER BY t.\"id\", t.\"n\" LIMIT ?",
            List.of(Parameter.bigint(101))),
        select.page(Optional.empty(), 101, true));
    assertEquals(
        "[id uuid, n bigint, name varchar(3), j json, jb jsonb, b bytea, o boolean]",
        select.columns().stream().map(c -> c.name() + ' ' + c.type().sql()).toList().toString());
    assertEquals(List.of(1, 2), select.positionColumns());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'n':'7'}|t.n = ?|7",
        "{'n':{'ne':7,'lt':1e2}}|(t.n <> ?) AND (t.n < ?)|7, 100",
        "{'name':{'gt':'a','gte':'longer than its column','lte':'c'}}|(t.name > ?) AND (t.name >= ?) AND (t.name <= ?)|a, longer than its column, c",
        "{'n':{'in':[1,'2',3]}}|t.n IN (?, ?, ?)|1, 2, 3",
        "{'n':{'in':[]}}|FALSE|``",
        "{'n':{'notIn':[1]},'name':{'notIn':[]}}|(t.n NOT IN (?)) AND (TRUE)|1",
        "{'name':{'like':'J%','ilike':'_j'}}|(t.name LIKE ?) AND (t.name ILIKE ?)|J%, _j",
        "{'n':{'between':[1,2]}}|t.n BETWEEN ? AND ?|1, 2",
        "{'j':null,'name':{'isNull':false}}|(t.j IS NULL) AND (t.name IS NOT NULL)|``",
        "{'or':[{'n':1},{'not':{'name':'a','o':true}}]}|(t.n = ?) OR (NOT ((t.name = ?) AND (t.o = ?)))|1, a, true",
        "{'and':[{'n':1},{'or':[{'n':2}]}],'jb':{'eq':{'a':1}}}|((t.n = ?) AND ((t.n = ?))) AND (t.jb = ?)|1, 2, {\"a\":1}",
      })
  void writesAFilterAsACondition(String where, String sql, String parameters) {
    Sql page = select("'where':" + where + ",'select':['n']").page(Optional.empty(), 9, true);
    assertEquals(
        "SELECT t.n, t.id FROM s.t AS t WHERE (" + sql + ") ORDER BY t.id, t.n LIMIT ?",
        page.text().replace("\"", ""));
    assertEquals((parameters.isEmpty() ? "" : parameters + ", ") + "9", texts(page));
  }

  @Test
  void anOrderIsMadeTotalAndItsTermsAreSelected() {
    SelectSql select =
        select(
            "'select':['o',{'column':'n','as':'id'}],'orderBy':["
                + "{'column':'n','direction':'desc'},{'column':'name','nulls':'first'},"
                + "{'column':'o','direction':'desc','nulls':'last'}]");
    assertEquals(
        "SELECT t.\"o\", t.\"n\" AS \"id\", t.\"name\", t.\"id\" FROM \"s\".\"t\" AS t"
            + " ORDER BY t.\"n\" DESC, t.\"name\" NULLS FIRST, t.\"o\" DESC NULLS LAST, t.\"id\""
            + " LIMIT ?",
        select.page(Optional.empty(), 1, true).text());
    assertEquals(List.of(2, 3, 1, 4), select.positionColumns());
    assertEquals(4, select.width());
  }

  @Test
  void nothingIsOrderedBeyondTheKey() {
    assertEquals(
        "ORDER BY t.n, t.id DESC LIMIT ?",
        order("{'column':'n'},{'column':'id','direction':'desc'},{'column':'name'}"));
  }

  private static String order(String orderBy) {
    String text = select("'orderBy':[" + orderBy + "]").page(Optional.empty(), 1, true).text();
    return text.substring(text.indexOf("ORDER")).replace("\"", "");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'column':'id'}|u,5|t.id >= ? AND (t.id > ? OR t.id = ? AND (t.n > ?))|u, u, u, 5",
        "{'column':'n','direction':'desc'}|5,u|t.n <= ? AND (t.n < ? OR t.n = ? AND (t.id > ?))|5, 5, 5, u",
        "{'column':'name'}|,u,5|t.name IS NULL AND (t.id > ? OR t.id = ? AND (t.n > ?))|u, u, 5",
        "{'column':'name','direction':'desc'}|x,u,5|t.name <= ? AND (t.name < ? OR t.name = ? AND (t.id > ? OR t.id = ? AND (t.n > ?)))|x, x, x, u, u, 5",
        "{'column':'o'},{'column':'name'}|,x,u,5|t.o IS NULL AND (t.name > ? OR t.name IS NULL OR t.name = ? AND (t.id > ? OR t.id = ? AND (t.n > ?)))|x, x, u, u, 5",
      })
  void writesAPositionAsACondition(String orderBy, String at, String sql, String parameters) {
    Position position =
        new Position(Arrays.stream(at.split(",", -1)).map(v -> v.isEmpty() ? null : v).toList());
    Sql page =
        select("'select':['o'],'orderBy':[" + orderBy + "]").page(Optional.of(position), 9, true);
    String text = page.text().replace("\"", "");
    assertEquals(sql, text.substring(text.indexOf("WHERE ") + 6, text.indexOf(" ORDER")));
    assertEquals(parameters + ", 9", texts(page));
  }

  /// NULLs and values stand in an index apart from each other.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'column':'name'}|x,u,5|t.name >= ? AND (t.name > ? OR t.name = ? AND (t.id > ? OR t.id = ? AND (t.n > ?))) ORDER BY t.name, t.id, t.n|t.name IS NULL ORDER BY t.id, t.n|2, 3, 4|x, x, x, u, u, 5, 9, 9, 9",
        "{'column':'name','nulls':'first'}|,u,5|t.name IS NULL AND (t.id > ? OR t.id = ? AND (t.n > ?)) ORDER BY t.id, t.n|t.name IS NOT NULL ORDER BY t.name, t.id, t.n|2 NULLS FIRST, 3, 4|u, u, 5, 9, 9, 9",
        "{'column':'name','nulls':'first'}||t.name IS NULL ORDER BY t.id, t.n|t.name IS NOT NULL ORDER BY t.name, t.id, t.n|2 NULLS FIRST, 3, 4|9, 9, 9",
        "{'column':'name','direction':'desc','nulls':'last'}||t.name IS NOT NULL ORDER BY t.name DESC, t.id, t.n|t.name IS NULL ORDER BY t.id, t.n|2 DESC NULLS LAST, 3, 4|9, 9, 9",
        "{'column':'name','direction':'desc','nulls':'last'}|x,u,5|t.name <= ? AND (t.name < ? OR t.name = ? AND (t.id > ? OR t.id = ? AND (t.n > ?))) ORDER BY t.name DESC, t.id, t.n|t.name IS NULL ORDER BY t.id, t.n|2 DESC NULLS LAST, 3, 4|x, x, x, u, u, 5, 9, 9, 9",
      })
  void readsNullsAndValuesInPiecesThatAnIndexCanServe(
      String orderBy, String at, String first, String second, String order, String parameters) {
    Optional<Position> position =
        Optional.ofNullable(at)
            .map(values ->
                new Position(
                    Arrays.stream(values.split(",", -1))
                        .map(v -> v.isEmpty() ? null : v)
                        .toList()));
    Sql page = select("'select':['o'],'orderBy':[" + orderBy + "]").page(position, 9, true);
    String piece = "(SELECT t.o, t.name, t.id, t.n FROM s.t AS t WHERE %s LIMIT ?)";
    assertEquals(
        "SELECT * FROM ("
            + piece.formatted(first)
            + " UNION ALL "
            + piece.formatted(second)
            + ") AS pieces ORDER BY "
            + order
            + " LIMIT ?",
        page.text().replace("\"", ""));
    assertEquals(parameters, texts(page));
  }

  @Test
  void writesGroupsAndTheirPosition() {
    SelectSql select =
        select(
            "'select':[{'count':'*'},{'sum':'n','as':'total'},{'max':'name'}],'where':{'n':1},"
                + "'groupBy':['name','o'],'orderBy':[{'column':'total','direction':'desc'}]");
    String head =
        "SELECT count(*) AS \"count\", sum(t.\"n\") AS \"total\", max(t.\"name\") AS \"max\", t.\"name\","
            + " t.\"o\" FROM \"s\".\"t\" AS t WHERE (t.\"n\" = ?) GROUP BY t.\"name\", t.\"o\"";
    String tail = " ORDER BY sum(t.\"n\") DESC, t.\"name\", t.\"o\" LIMIT ?";
    assertEquals(head + tail, select.page(Optional.empty(), 1, true).text());
    assertEquals(
        head
            + " HAVING sum(t.\"n\") <= ? AND (sum(t.\"n\") < ? OR sum(t.\"n\") = ? AND"
            + " (t.\"name\" > ? OR t.\"name\" IS NULL OR t.\"name\" = ? AND (t.\"o\" > ? OR t.\"o\" IS NULL)))"
            + tail,
        select.page(Optional.of(new Position(List.of("9", "a", "t"))), 1, true).text());
    assertEquals(
        "[bigint, numeric, text]",
        select.columns().stream().map(c -> c.type().sql()).toList().toString());
  }

  @Test
  void oneGroupOfAllHasNoOrder() {
    assertEquals(
        "SELECT count(t.\"j\") AS \"count\" FROM \"s\".\"t\" AS t LIMIT ?",
        select("'select':[{'count':'j'}]").page(Optional.empty(), 1, true).text());
  }

  @Test
  void quotesHostileNamesAndBindsHostileValues() {
    String hostile = "a\"--;?/*";
    String name = "a\\\"--;?/*";
    Query query =
        parsed(
            """
            {"action":"query","table":"t","where":{"%s":"' OR 1=1 --"},
             "select":[{"column":"%s","as":"%s2"}]}
            """
                .formatted(name, name, name));
    assertEquals(
        new Sql(
            "SELECT t.\"a\"\"--;?/*\" AS \"a\"\"--;?/*2\" FROM \"s\".\"t\" AS t"
                + " WHERE (t.\"a\"\"--;?/*\" = ?)"
                + " ORDER BY t.\"a\"\"--;?/*\" LIMIT ?",
            List.of(new Parameter.Typed("' OR 1=1 --", "text"), Parameter.bigint(2))),
        SelectSql.of(query, Shapes.of(1, hostile + " text")).page(Optional.empty(), 2, true));
  }

  @Test
  void pointsAtEveryFault() {
    assertEquals(
        "/select/1 UNKNOWN_COLUMN, /where/nope UNKNOWN_COLUMN,"
            + " /where/a~1b UNKNOWN_COLUMN, /where/id INVALID_VALUE, /where/j INVALID_VALUE,"
            + " /where/n/like INVALID_VALUE,"
            + " /where/n/in/1 INVALID_VALUE, /where/or/0/o/between/1 INVALID_VALUE,"
            + " /orderBy/0/column INVALID_VALUE, /orderBy/1/column UNKNOWN_COLUMN",
        faults(
            "'select':['id','no'],"
                + "'where':{'nope':'x','a/b':null,'id':'x','j':'x',"
                + "'n':{'like':'1','in':[1,'x']},'or':[{'o':{'between':[true,7]}}]},"
                + "'orderBy':[{'column':'j'},{'column':'none'}]"));
    assertEquals(
        "/select/0 INVALID_VALUE, /select/1 INVALID_VALUE, /groupBy/0 INVALID_VALUE",
        faults("'select':[{'sum':'name'},{'min':'o'}],'groupBy':['j']"));
  }

  private static String faults(String more) {
    InvalidRequest invalid = assertThrows(InvalidRequest.class, () -> select(more));
    return String.join(
        ", ", invalid.faults().stream().map(f -> f.pointer() + ' ' + f.code()).toList());
  }

  @Test
  void rowsWithoutAKeyHaveOnePage() {
    TableShape keyless = Shapes.of(0, "a text");
    SelectSql select = SelectSql.of(query("'orderBy':[{'column':'a'}]"), keyless);
    assertEquals(
        "SELECT t.\"a\" FROM \"s\".\"t\" AS t ORDER BY t.\"a\" LIMIT ?",
        select.page(Optional.empty(), 1, true).text());
    assertFalse(select.pageable());
    String cursor = select.cursor(new Position(List.of("x")));
    Failure failure =
        assertThrows(
            Failure.class,
            () ->
                SelectSql.of(
                    query("'orderBy':[{'column':'a'}],'cursor':'" + cursor + "'"), keyless));
    assertEquals(Problem.Code.CURSOR_MISMATCH, failure.problem().code());

    assertTrue(select("").pageable());
    assertTrue(SelectSql.of(query("'select':['a'],'groupBy':['a']"), keyless).pageable(), "groups");
    assertFalse(SelectSql.of(query("'select':[{'count':'*'}]"), keyless).pageable());
  }

  private static final String BOUND =
      "'where':{'b':'AAE=','n':1},'orderBy':[{'column':'name'}],'cursor':'%s'";

  @Test
  void aCursorLeadsBackToItsPosition() {
    Position position = new Position(Arrays.asList(null, "u", "5"));
    String cursor =
        select("'where':{'b':'AAE=','n':1},'orderBy':[{'column':'name'}]").cursor(position);
    assertEquals(Optional.of(position), select(BOUND.formatted(cursor)).start());
    // The same comparison in other words, other columns and another limit are the same query.
    assertEquals(
        Optional.of(position),
        select(
                BOUND.replace("'n':1", "'n':{'eq':'1'}").formatted(cursor)
                    + ",'select':['o'],'limit':7")
            .start());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'where':{'b':'AAE=','n':2},'orderBy':[{'column':'name'}],'cursor':'%s'",
        "'where':{'b':'AAI=','n':1},'orderBy':[{'column':'name'}],'cursor':'%s'",
        "'where':{'b':'AAE=','n':1},'orderBy':[{'column':'name','nulls':'first'}],'cursor':'%s'",
        "'where':{'b':'AAE=','n':1},'orderBy':[{'column':'name','direction':'desc'}],'cursor':'%s'",
        "'where':{'b':'AAE=','n':1},'cursor':'%s'",
        "'where':{'n':1},'orderBy':[{'column':'name'}],'cursor':'%s'",
        "'where':{'b':'AAE=','n':1},'orderBy':[{'column':'name'}],'cursor':''",
        "'where':{'b':'AAE=','n':1},'orderBy':[{'column':'name'}],'cursor':'not base64!'",
        "'where':{'b':'AAE=','n':1},'orderBy':[{'column':'name'}],'cursor':'AAAAAAAAAAAAAAAAAAAAAAAA'",
      })
  void aCursorOfAnotherQueryIsRefused(String other) {
    String cursor =
        select("'where':{'b':'AAE=','n':1},'orderBy':[{'column':'name'}]")
            .cursor(new Position(List.of("x", "u", "5")));
    assertMismatch(other.formatted(cursor));
  }

  @Test
  void everyChangeOfACursorIsNoticed() {
    String cursor =
        select("'where':{'b':'AAE=','n':1},'orderBy':[{'column':'name'}]")
            .cursor(new Position(List.of("x", "u", "5")));
    for (int i = 0; i < cursor.length(); i++) {
      char other = cursor.charAt(i) == 'B' ? 'A' : 'B';
      assertMismatch(BOUND.formatted(cursor.substring(0, i) + other + cursor.substring(i + 1)));
      assertMismatch(BOUND.formatted(cursor.substring(0, i)));
    }
    assertMismatch(BOUND.formatted(cursor + "A"));
    assertMismatch(BOUND.formatted(cursor + "="));
  }

  private static void assertMismatch(String more) {
    Failure failure = assertThrows(Failure.class, () -> select(more), more);
    assertEquals(Problem.Code.CURSOR_MISMATCH, failure.problem().code());
  }

  @Test
  void equalPartsInOtherPlacesAreAnotherQuery() {
    Position position = new Position(List.of("u", "5"));
    assertNotEquals(
        select("'where':{'name':{'gt':'1','lt':'12'}}").cursor(position),
        select("'where':{'name':{'gt':'11','lt':'2'}}").cursor(position));
  }

  private static SelectSql select(String more) {
    return SelectSql.of(query(more), SHAPE);
  }

  /// @param more what follows the table, apostrophes for quotes
  private static Query query(String more) {
    String separator = more.isEmpty() ? "" : ",";
    return parsed(
        "{\"action\":\"query\",\"table\":\"t\"" + separator + more.replace('\'', '"') + "}");
  }

  private static Query parsed(String json) {
    Faults faults = new Faults();
    try {
      return (Query)
          RequestDecoder.decode(RequestText.parse(json, faults), Optional.empty(), faults);
    } catch (JsonText.Malformed e) {
      throw new AssertionError(json, e);
    }
  }

  private static String texts(Sql sql) {
    return String.join(", ", sql.parameters().stream().map(SelectSqlTest::text).toList());
  }

  private static String text(Parameter parameter) {
    return parameter instanceof Parameter.Typed(String value, String _)
        ? value
        : ((Parameter.Text) parameter).value();
  }
}
