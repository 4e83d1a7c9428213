package dsql.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.PlainIndex;
import dsql.action.ActionName;
import dsql.action.Column;
import dsql.action.ColumnType;
import dsql.action.Create;
import dsql.action.Create.IfExists;
import dsql.action.DefaultFunction;
import dsql.action.Faults;
import dsql.action.Filter;
import dsql.action.IdempotencyKey;
import dsql.action.Identifier;
import dsql.action.Insert;
import dsql.action.Insert.Atomicity;
import dsql.action.Insert.OnConflict;
import dsql.action.InvalidRequest;
import dsql.action.Member;
import dsql.action.MemberType;
import dsql.action.Operand;
import dsql.action.Query;
import dsql.action.Query.Nulls;
import dsql.action.Query.Order;
import dsql.action.Request;
import dsql.action.Row;
import dsql.action.Selected;
import dsql.action.Selected.Aggregate;
import dsql.action.Selected.Function;
import dsql.action.Value;
import dsql.json.Json;
import dsql.json.JsonText;
import dsql.json.LowerCase;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Requests are decoded whole, or refused with every fault. Texts use `'` for `"`.
@Tag("unit")
class RequestDecoderTest {

  private static final String COLUMN = "{'name':'id','type':'uuid'}";

  @Test
  void decodesACreate() throws Exception {
    Create create =
        (Create)
            decode(
                """
                {'action':'create','table':'owner',
                 'columns':[{'name':'id','type':'uuid','default':'gen_random_uuid()'},
                            {'name':'name','type':'varchar(30)','nullable':false},
                            {'name':'city','type':'varchar(80)','nullable':false},
                            {'name':'telephone','type':'varchar(20)'}],
                 'primaryKey':['id'], 'unique':[['name','city']],
                 'indexes':[{'name':'owner_city','columns':['city']}], 'ifExists':'verify'}
                """);
    assertEquals(
        new Create(
            name("owner"),
            List.of(
                new Column(
                    name("id"),
                    ColumnType.forNewColumn("uuid"),
                    false,
                    Optional.of(new Column.Default.Call(DefaultFunction.GEN_RANDOM_UUID)),
                    OptionalInt.empty()),
                column("name", "varchar(30)", false),
                column("city", "varchar(80)", false),
                column("telephone", "varchar(20)", true)),
            names("id"),
            List.of(names("name", "city")),
            List.of(),
            List.of(),
            Optional.empty(),
            List.of(PlainIndex.of(name("owner_city"), names("city"))),
            IfExists.VERIFY,
            false),
        create);
  }

  @Test
  void decodesACreateWithEveryOptionalField() throws Exception {
    Create create =
        (Create)
            decode(
                """
                {'action':'create','table':'t','ifExists':'error','wait':true,
                 'columns':[{'name':'n','type':'bigint','identity':{'cache':65536}},
                            {'name':'x','type':'int8','identity':{'cache':1},'nullable':false},
                            {'name':'a','type':'numeric(12,2)','default':{'value':1.10}},
                            {'name':'b','type':'text','default':{'value':null}},
                            {'name':'c','type':'timestamptz','default':'NOW()'},
                            {'name':'d','type':'int','default':null,'identity':null,'nullable':null}]}
                """);
    assertEquals(IfExists.ERROR, create.ifExists());
    assertTrue(create.awaitIndexes());
    assertEquals(List.of(), create.primaryKey());
    assertEquals(
        List.of(
            new Column(
                name("n"),
                ColumnType.forNewColumn("bigint"),
                false,
                Optional.empty(),
                OptionalInt.of(65_536)),
            new Column(
                name("x"),
                ColumnType.forNewColumn("bigint"),
                false,
                Optional.empty(),
                OptionalInt.of(1)),
            literal("a", "numeric(12,2)", new Value.Num("1.10")),
            literal("b", "text", Value.NULL),
            new Column(
                name("c"),
                ColumnType.forNewColumn("timestamptz"),
                true,
                Optional.of(new Column.Default.Call(DefaultFunction.NOW)),
                OptionalInt.empty()),
            column("d", "integer", true)),
        create.columns());
  }

  @Test
  void faultsOfGroupsAreListedBesideOthers() {
    assertEquals(
        "/limit invalid_value, /having invalid_value",
        faultsOf("{'action':'query','table':'t','limit':0,'having':{'n':1}}"));
    assertEquals(
        "/table invalid_value, /limit invalid_value, /orderBy/0 invalid_value,"
            + " /having/b invalid_value, /key invalid_value",
        faultsOf(
            "{'action':'query','table':'','select':['a'],'limit':0,'groupBy':['a'],'orderBy':['b'],"
                + "'having':{'b':1},'key':['a']}"));
    // What is grouped is not known here.
    assertEquals(
        "/groupBy wrong_type",
        faultsOf("{'action':'query','table':'t','select':['a'],'groupBy':3,'having':{'n':1}}"));
  }

  @Test
  void decodesAnInsert() {
    assertEquals(
        new Insert(
            name("owner"),
            List.of(
                new Row(
                    names("name", "city", "telephone"),
                    List.of(
                        new Value.Text("John Doe"),
                        new Value.Text("Anytown"),
                        new Value.Text("555-555-1999")))),
            names("id"),
            Optional.of(
                new OnConflict.Update(names("id"), Optional.empty(), Optional.of(names("city")))),
            Optional.of(new IdempotencyKey("order-7781")),
            Atomicity.ALL),
        decode(
            """
            {'action':'insert','table':'owner',
             'rows':[{'name':'John Doe','city':'Anytown','telephone':'555-555-1999'}],
             'returning':['id'], 'onConflict':{'columns':['id'],'do':'update','set':['city']},
             'idempotencyKey':'order-7781','atomicity':'all'}
            """));
  }

  @Test
  void insertKeepsValuesAndTheOrderOfColumns() {
    Insert insert =
        (Insert)
            decode(
                """
                {'action':'insert','table':'t','rows':[
                 {'z':null,'a':true,'m':-0,'b':1e400,'j':{'k':[1.10,null]},'l':[]},{}],
                 'onConflict':{'columns':['a','b'],'do':'nothing'},'returning':null}
                """);
    Row row = insert.rows().getFirst();
    assertEquals(names("z", "a", "m", "b", "j", "l"), row.columns());
    assertEquals(
        List.of(
            Value.NULL,
            new Value.Bool(true),
            new Value.Num("-0"),
            new Value.Num("1e400"),
            new Value.Structure("{\"k\":[1.10,null]}"),
            new Value.Structure("[]")),
        row.values());
    assertEquals(new Row(List.of(), List.of()), insert.rows().getLast());
    assertEquals(
        Optional.of(new OnConflict.Nothing(names("a", "b"), Optional.empty())),
        insert.onConflict());
    assertEquals(List.of(), insert.returning());
  }

  @Test
  void updateWithoutSetLeavesItOpen() {
    Insert insert =
        (Insert)
            decode(
                """
                {'action':'insert','table':'t','rows':[{}],
                 'onConflict':{'columns':['a'],'do':'update','set':null}}
                """);
    assertEquals(
        Optional.of(new OnConflict.Update(names("a"), Optional.empty(), Optional.empty())),
        insert.onConflict());
  }

  @Test
  void decodesAQuery() {
    assertEquals(
        new Query(
            name("owner"),
            List.of(plain("id", 0), plain("name", 1)),
            Optional.of(
                new Filter.And(
                    List.of(
                        equal("city", new Value.Text("Anytown"), "/where/city"),
                        new Filter.IsNull(Operand.of(name("a/b")), false, "/where/a~1b"),
                        equal("n", new Value.Num("1.0"), "/where/n"),
                        equal("b", new Value.Bool(false), "/where/b")))),
            List.of(),
            Optional.empty(),
            List.of(
                new Order(
                    Operand.of(name("name")), true, Optional.of(Nulls.LAST), "/orderBy/0/column"),
                new Order(Operand.of(name("id")), false, Optional.empty(), "/orderBy/1"),
                new Order(
                    Operand.of(name("n")), false, Optional.of(Nulls.FIRST), "/orderBy/2/column")),
            List.of(),
            10_000,
            Optional.of("next"),
            false),
        decode(
            """
            {'action':'query','table':'owner','select':['id','name'],
             'where':{'city':'Anytown','a/b':null,'n':1.0,'b':false},
             'orderBy':[{'column':'name','direction':'desc','nulls':'last'},'id',
                        {'column':'n','direction':'asc','nulls':'first'}],
             'limit':10000, 'cursor':'next'}
            """));
  }

  private static Selected plain(String column, int index) {
    return new Selected.Plain(Operand.of(name(column)), name(column), "/select/" + index);
  }

  private static Filter equal(String column, Value value, String pointer) {
    return new Filter.Compare(Operand.of(name(column)), Filter.Comparison.EQ, value, pointer);
  }

  @Test
  void decodesEveryOperatorOfAFilter() {
    Query query =
        (Query)
            decode(
                """
                {'action':'query','table':'t','where':{
                 'a':{'eq':1,'ne':2,'gt':'x','gte':4,'lt':5,'lte':true},
                 'b':{'in':[1,'2'],'notIn':[],'like':'J%\\\\\\\\','ilike':'_j','between':[1,2]},
                 'c':{'isNull':true},'d':{'isNull':false},'e':{'eq':null},'f':{'ne':null},
                 'or':[{'a':1,'b':{'eq':{'x':1}}},{'not':{'and':[{'a':[]}]}}]}}
                """
                    .replace("[{'a':[]}]", "[{'a':{'in':[]}}]"));
    List<Filter> all = ((Filter.And) query.where().orElseThrow()).all();
    assertEquals(
        List.of(
            "EQ 1 /where/a/eq",
            "NE 2 /where/a/ne",
            "GT x /where/a/gt",
            "GTE 4 /where/a/gte",
            "LT 5 /where/a/lt",
            "LTE true /where/a/lte",
            "in [1, 2] /where/b/in",
            "notIn [] /where/b/notIn",
            "like J%\\\\ /where/b/like",
            "ilike _j /where/b/ilike",
            "between 1 2 /where/b/between",
            "isNull /where/c/isNull",
            "isNotNull /where/d/isNull",
            "isNull /where/e/eq",
            "isNotNull /where/f/ne",
            "or(and(EQ 1 /where/or/0/a; EQ {\"x\":1} /where/or/0/b/eq);"
                + " not(and(in [] /where/or/1/not/and/0/a/in)))"),
        all.stream().map(RequestDecoderTest::text).toList());
  }

  private static String text(Filter filter) {
    return switch (filter) {
      case Filter.And(List<Filter> of) -> "and(" + texts(of) + ")";
      case Filter.Or(List<Filter> of) -> "or(" + texts(of) + ")";
      case Filter.Not(Filter of) -> "not(" + text(of) + ")";
      case Filter.Compare(_, Filter.Comparison is, Value value, String at) ->
          is + " " + text(value) + " " + at;
      case Filter.In(_, boolean not, List<Value> values, String at) ->
          (not ? "notIn " : "in ")
              + values.stream().map(RequestDecoderTest::text).toList()
              + " "
              + at;
      case Filter.Like(_, boolean any, String pattern, String at) ->
          (any ? "ilike " : "like ") + pattern + " " + at;
      case Filter.Between(_, Value low, Value high, String at) ->
          "between " + text(low) + " " + text(high) + " " + at;
      case Filter.IsNull(_, boolean not, String at) -> (not ? "isNotNull " : "isNull ") + at;
      case Filter.Contains(_, Value document, String at) -> "contains " + text(document) + " " + at;
      case Filter.Has(_, String key, String at) -> "has " + key + " " + at;
      case Filter.Tuples(List<Identifier> columns, List<List<Value>> rows, String at) ->
          columns
              + " in "
              + rows.stream()
                  .map(row -> row.stream().map(RequestDecoderTest::text).toList())
                  .toList()
              + " "
              + at;
    };
  }

  private static String texts(List<Filter> filters) {
    return filters.stream().map(RequestDecoderTest::text).collect(Collectors.joining("; "));
  }

  private static String text(Value value) {
    return switch (value) {
      case Value.Null _ -> "null";
      case Value.Bool(boolean bool) -> Boolean.toString(bool);
      case Value.Num(String literal) -> literal;
      case Value.Text(String text) -> text;
      case Value.Structure(String json) -> json;
    };
  }

  @Test
  void decodesConditionsInsideDocuments() {
    Query query =
        (Query)
            decode(
                """
                {'action':'query','table':'t','where':{
                 'a':{'at':'/x~1y/0/~01','type':'numeric','gt':1,'lt':2},
                 'b':{'contains':{'x':null}},'c':{'has':'x'},
                 'in':{'columns':['a','b'],'values':[[1,'x'],[2,'y']]}},
                 'key':['a'],'total':true}
                """);
    List<Filter> all = ((Filter.And) query.where().orElseThrow()).all();
    assertEquals(
        List.of(
            "GT 1 /where/a/gt",
            "LT 2 /where/a/lt",
            "contains {\"x\":null} /where/b/contains",
            "has x /where/c/has",
            "[a, b] in [[1, x], [2, y]] /where/in"),
        all.stream().map(RequestDecoderTest::text).toList());
    Operand member =
        new Operand(
            name("a"), Optional.of(new Member(List.of("x/y", "0", "~1"), MemberType.NUMERIC)));
    assertEquals(member, ((Filter.Compare) all.getFirst()).operand());
    assertEquals(
        List.of("/where/a/gt NUMERIC", "/where/a/lt NUMERIC"),
        query.casts().stream().map(cast -> cast.pointer() + " " + cast.type()).toList());
    assertEquals(names("a"), query.key());
    assertTrue(query.total());
  }

  @Test
  void decodesAggregatesAndAliases() {
    Query query =
        (Query)
            decode(
                """
                {'action':'query','table':'t','groupBy':['a','b'],
                 'select':[{'column':'a','as':'x'},'b',{'count':'*'},{'count':'c','as':'n'},
                           {'sum':'c'},{'min':'c'},{'max':'c'},{'avg':'c','as':'mean'}],
                 'orderBy':[{'column':'mean'},{'column':'a'}]}
                """);
    assertEquals(names("a", "b"), query.groupBy());
    assertEquals(
        List.of(
            new Selected.Plain(Operand.of(name("a")), name("x"), "/select/0"),
            plain("b", 1),
            new Aggregate(Function.COUNT, Optional.empty(), false, name("count"), "/select/2"),
            aggregate(Function.COUNT, "n", 3),
            aggregate(Function.SUM, "sum", 4),
            aggregate(Function.MIN, "min", 5),
            aggregate(Function.MAX, "max", 6),
            aggregate(Function.AVG, "mean", 7)),
        query.select());
  }

  /// JSON Schema takes all of these for the same integer.
  @ParameterizedTest
  @ValueSource(strings = {"100", "100.0", "1e2", "1E+2", "1000e-1", "0.1e3", "100.000000000000"})
  void aWholeNumberMayBeWrittenInAnyWay(String number) {
    Query query = (Query) decode("{'action':'query','table':'t','limit':" + number + "}");
    assertEquals(100, query.limit());
  }

  /// A character is a code point, as it is to JSON Schema and to PostgreSQL.
  @Test
  void lengthsAreCountedInCharacters() {
    Create create =
        (Create)
            decode(
                "{'action':'create','table':'t','columns':[%s],'comment':'%s'}"
                    .formatted(COLUMN, "😀".repeat(10_000)));
    assertEquals(20_000, create.comment().orElseThrow().length());
    String pointer = "/" + "😀".repeat(999);
    Query query = (Query) decode(where("{'d':{'at':'%s','eq':1}}".formatted(pointer)));
    assertEquals(
        List.of(pointer.substring(1)),
        query
            .where()
            .orElseThrow()
            .conditions()
            .getFirst()
            .operand()
            .member()
            .orElseThrow()
            .path());
  }

  @Test
  void nullIsTheSameAsLeavingAnOptionalFieldOut() {
    assertEquals(
        decode(
            """
            {'action':'query','table':'t','groupBy':['a'],'orderBy':[{'column':'a'}],
             'select':['a',{'count':'*'},{'sum':'b'}],'where':{'a':{'eq':1}}}
            """),
        decode(
            """
            {'action':'query','table':'t','groupBy':['a'],
             'orderBy':[{'column':'a','at':null,'type':null,'direction':null,'nulls':null}],
             'select':['a',{'count':'*','at':null,'type':null,'distinct':null,'as':null},
                       {'sum':'b','type':null}],
             'where':{'a':{'eq':1,'type':null}}}
            """));
    assertEquals(
        decode(
            """
            {'action':'create','table':'t','columns':[{'name':'a','type':'int'}],
             'foreignKeys':[{'columns':['a'],'table':'u'}]}
            """),
        decode(
            """
            {'action':'create','table':'t','columns':[{'name':'a','type':'int'}],
             'foreignKeys':[{'name':null,'columns':['a'],'table':'u','references':null,
                             'onDelete':null,'onUpdate':null,'ifMissing':null}]}
            """));
  }

  private static Selected aggregate(Function function, String name, int index) {
    return new Aggregate(
        function, Optional.of(Operand.of(name("c"))), false, name(name), "/select/" + index);
  }

  @Test
  void aFilterNestsToDepthEight() {
    assertEquals(Query.class, decode(nested(8)).getClass());
    assertEquals("/where" + "/or/0".repeat(8) + "/or invalid_value", faultsOf(nested(9)));
  }

  private static String nested(int depth) {
    return "{'action':'query','table':'t','where':"
        + "{'or':[".repeat(depth)
        + "{'a':1}"
        + "]}".repeat(depth)
        + "}";
  }

  @Test
  void aFilterHasLimitsThatItNames() {
    String conditions = String.join(",", Collections.nCopies(1001, "{'a':1}"));
    assertEquals("/where invalid_value", faultsOf(where("{'or':[" + conditions + "]}")));
    assertEquals(Query.class, decode(where("{'or':[" + conditions.substring(8) + "]}")).getClass());
    String values = String.join(",", Collections.nCopies(10_001, "1"));
    assertEquals("/where invalid_value", faultsOf(where("{'a':{'in':[" + values + "]}}")));
    assertEquals(
        Query.class, decode(where("{'a':{'in':[" + values.substring(2) + "]}}")).getClass());
  }

  private static String where(String filter) {
    return "{'action':'query','table':'t','where':" + filter + "}";
  }

  @Test
  void decodesAQueryOfATableAlone() {
    Query least =
        new Query(
            name("t"),
            List.of(),
            Optional.empty(),
            List.of(),
            Optional.empty(),
            List.of(),
            List.of(),
            Query.DEFAULT_LIMIT,
            Optional.empty(),
            false);
    assertEquals(least, decode("{'action':'query','table':'t'}"));
    assertEquals(least, decode("{'table':'t','where':{},'orderBy':[],'action':'query'}"));
    assertEquals(
        least,
        decode(
            """
            {'action':'query','table':'t','select':null,'where':null,'orderBy':null,
             'limit':null,'cursor':null}
            """));
  }

  @ParameterizedTest
  @MethodSource("badRequests")
  void namesEveryFault(String request, String expected) {
    assertEquals(expected, faultsOf(request));
  }

  static Stream<Arguments> badRequests() {
    return Stream.of(
        // The action itself
        bad("[]", " wrong_type"),
        bad("null", " wrong_type"),
        bad("{}", "/action missing"),
        bad("{'action':null}", "/action wrong_type"),
        bad("{'action':1}", "/action wrong_type"),
        bad("{'action':'delete'}", "/action invalid_value"),
        bad("{'action':'INSERT'}", "/action invalid_value"),
        bad("{'x':1,'x':2}", "/x duplicate_key, /action missing"),
        bad("{'x':1,'x':2,'action':'drop'}", "/x duplicate_key, /action invalid_value"),
        // The table
        bad("{'action':'query'}", "/table missing"),
        bad("{'action':'query','table':null}", "/table wrong_type"),
        bad("{'action':'query','table':7}", "/table wrong_type"),
        bad("{'action':'query','table':''}", "/table invalid_value"),
        bad("{'action':'query','table':'public.owner'}", "/table invalid_value"),
        bad("{'action':'query','table':'a\\u0000b'}", "/table invalid_value"),
        bad("{'action':'query','table':'" + "é".repeat(32) + "'}", "/table invalid_value"),
        bad("{'action':'query','table':'t','a/b~c':1}", "/a~1b~0c unknown_field"),
        bad(
            "{'action':'query','tabel':'t','Table':'t'}",
            "/table missing, /tabel unknown_field, /Table unknown_field"),
        bad(
            "{'action':'query','table':'t','table':'u','limit':0}",
            "/table duplicate_key, /limit invalid_value"),
        // Fields of another action
        bad("{'action':'query','table':'t','rows':[{}]}", "/rows unknown_field"),
        bad("{'action':'insert','table':'t','rows':[{}],'limit':1}", "/limit unknown_field"),
        // create
        bad("{'action':'create','table':'t'}", "/columns missing"),
        bad("{'action':'create','table':'t','columns':null}", "/columns wrong_type"),
        bad("{'action':'create','table':'t','columns':{}}", "/columns wrong_type"),
        bad("{'action':'create','table':'t','columns':[]}", "/columns invalid_value"),
        bad("{'action':'create','table':'t','columns':['id']}", "/columns/0 wrong_type"),
        create("{}", "/columns/1/name missing, /columns/1/type missing"),
        create(
            "{'name':null,'type':null}", "/columns/1/name wrong_type, /columns/1/type wrong_type"),
        create("{'name':'a','type':7}", "/columns/1/type wrong_type"),
        create("{'name':'a','type':'money'}", "/columns/1/type invalid_value"),
        create("{'name':'a','type':'numeric'}", "/columns/1/type invalid_value"),
        create("{'name':'a','type':'int','size':4}", "/columns/1/size unknown_field"),
        create("{'name':'a','type':'int','nullable':'no'}", "/columns/1/nullable wrong_type"),
        create("{'name':'id','type':'int'}", "/columns/1/name invalid_value"),
        create(
            "{'name':'a','type':'int','default':'nextval(1)'}", "/columns/1/default invalid_value"),
        create("{'name':'a','type':'int','default':'now()'}", "/columns/1/default invalid_value"),
        create("{'name':'a','type':'int','default':7}", "/columns/1/default wrong_type"),
        create("{'name':'a','type':'int','default':{}}", "/columns/1/default/value missing"),
        create(
            "{'name':'a','type':'int','default':{'value':1,'sql':'x'}}",
            "/columns/1/default/sql unknown_field"),
        create(
            "{'name':'a','type':'nope','default':7,'nullable':1,'x':1}",
            "/columns/1/type invalid_value, /columns/1/default wrong_type,"
                + " /columns/1/nullable wrong_type, /columns/1/x unknown_field"),
        create("{'name':'a','type':'bigint','identity':true}", "/columns/1/identity wrong_type"),
        create("{'name':'a','type':'bigint','identity':{}}", "/columns/1/identity/cache missing"),
        create(
            "{'name':'a','type':'bigint','identity':{'cache':null}}",
            "/columns/1/identity/cache wrong_type"),
        create(
            "{'name':'a','type':'bigint','identity':{'cache':2}}",
            "/columns/1/identity/cache invalid_value"),
        create(
            "{'name':'a','type':'bigint','identity':{'cache':1,'start':1}}",
            "/columns/1/identity/start unknown_field"),
        create(
            "{'name':'a','type':'int','identity':{'cache':1}}",
            "/columns/1/identity invalid_value"),
        create(
            "{'name':'a','type':'bigint','identity':{'cache':1},'nullable':true,'x':1}",
            "/columns/1/nullable invalid_value, /columns/1/x unknown_field"),
        create(
            "{'name':'a','type':'bigint','identity':{'cache':1},'default':{'value':1},'x':1}",
            "/columns/1/default invalid_value, /columns/1/x unknown_field"),
        bad(
            """
            {'action':'create','table':'t','columns':[{'name':'id','type':'int','nullable':true}],
             'primaryKey':['id']}
            """,
            "/columns/0/nullable invalid_value"),
        table("'primaryKey':'id'", "/primaryKey wrong_type"),
        table("'primaryKey':[]", "/primaryKey invalid_value"),
        table("'primaryKey':['id','id']", "/primaryKey/1 invalid_value"),
        table("'primaryKey':['id','no']", "/primaryKey/1 unknown_column"),
        table("'primaryKey':['ID']", "/primaryKey/0 unknown_column"),
        table("'primaryKey':['j']", "/primaryKey/0 invalid_value"),
        table("'primaryKey':[1]", "/primaryKey/0 wrong_type"),
        table("'unique':['id']", "/unique/0 wrong_type"),
        table("'unique':[['id'],[]]", "/unique/1 invalid_value"),
        table("'unique':[['no'],['j']]", "/unique/0/0 unknown_column, /unique/1/0 invalid_value"),
        table("'comment':'%s'".formatted("😀".repeat(10_001)), "/comment invalid_value"),
        table("'indexes':{}", "/indexes wrong_type"),
        table("'indexes':['id']", "/indexes/0 wrong_type"),
        table("'indexes':[{}]", "/indexes/0/name missing, /indexes/0/columns missing"),
        table("'indexes':[{'name':'i','columns':null}]", "/indexes/0/columns wrong_type"),
        table("'indexes':[{'name':'i','columns':['no']}]", "/indexes/0/columns/0 unknown_column"),
        table(
            "'indexes':[{'name':'i','columns':['id']},{'name':'i','columns':['id'],'uniq':true}]",
            "/indexes/1/name invalid_value, /indexes/1/uniq unknown_field"),
        table("'ifExists':'replace'", "/ifExists invalid_value"),
        table("'ifExists':true", "/ifExists wrong_type"),
        table("'wait':'yes'", "/wait wrong_type"),
        table("'wait':'yes','primaryKey':['no']", "/primaryKey/0 unknown_column, /wait wrong_type"),
        table(
            "'primaryKey':['no'],'unique':[['no']]",
            "/primaryKey/0 unknown_column, /unique/0/0 unknown_column"),
        table("'unique':[" + repeated(25, i -> "['id']") + "]", "/unique invalid_value"),
        bad(
            "{'action':'create','table':'t','columns':["
                + repeated(9, i -> "{'name':'c" + i + "','type':'int'}")
                + "],'primaryKey':["
                + repeated(9, i -> "'c" + i + "'")
                + "]}",
            "/primaryKey invalid_value"),
        bad(
            "{'action':'create','table':'t','columns':["
                + repeated(256, i -> "{'name':'c" + i + "','type':'int'}")
                + "]}",
            "/columns invalid_value"),
        // A key over a column whose own type or name is at fault is not called unknown.
        bad(
            "{'action':'create','table':'t','columns':[{'type':'int'}],'primaryKey':['id']}",
            "/columns/0/name missing"),
        bad(
            """
            {'action':'create','table':'t','columns':[{'name':'id','type':'serial'}],
             'primaryKey':['id']}
            """,
            "/columns/0/type invalid_value"),
        // insert
        bad("{'action':'insert','table':'t'}", "/rows missing"),
        bad("{'action':'insert','table':'t','rows':null}", "/rows wrong_type"),
        bad("{'action':'insert','table':'t','rows':{}}", "/rows wrong_type"),
        bad("{'action':'insert','table':'t','rows':[]}", "/rows invalid_value"),
        bad(
            "{'action':'insert','table':'t','rows':[{},1,null,[]]}",
            "/rows/1 wrong_type, /rows/2 wrong_type, /rows/3 wrong_type"),
        bad(
            "{'action':'insert','table':'t','rows':[{'':1},{'':2}]}",
            "/rows/0/ invalid_value, /rows/1/ invalid_value"),
        bad("{'action':'insert','table':'t','rows':[{'a':1,'a':2}]}", "/rows/0/a duplicate_key"),
        insert("'returning':'id'", "/returning wrong_type"),
        insert("'returning':[]", "/returning invalid_value"),
        insert("'returning':['a','a',1]", "/returning/1 invalid_value, /returning/2 wrong_type"),
        insert("'onConflict':'ignore'", "/onConflict wrong_type"),
        insert("'onConflict':{}", "/onConflict/columns missing, /onConflict/do missing"),
        insert(
            "'onConflict':{'columns':null,'do':null}",
            "/onConflict/columns wrong_type, /onConflict/do wrong_type"),
        insert(
            "'onConflict':{'columns':[],'do':'skip','where':1}",
            "/onConflict/columns invalid_value, /onConflict/where wrong_type,"
                + " /onConflict/do invalid_value"),
        insert(
            "'onConflict':{'columns':['a'],'do':'nothing','set':['b']}",
            "/onConflict/set invalid_value"),
        insert(
            "'onConflict':{'columns':['a'],'do':'update','set':[]}",
            "/onConflict/set invalid_value"),
        insert("'idempotencyKey':1", "/idempotencyKey wrong_type"),
        insert("'idempotencyKey':' '", "/idempotencyKey invalid_value"),
        insert("'idempotencyKey':'a\\u0000b'", "/idempotencyKey invalid_value"),
        insert("'idempotencyKey':'%s'".formatted("k".repeat(513)), "/idempotencyKey invalid_value"),
        insert(
            "'idempotencyKey':'<aws.scheduler.scheduled-time>'", "/idempotencyKey invalid_value"),
        insert(
            "'idempotencyKey':'order-<AWS.Scheduler.execution-id>-1'",
            "/idempotencyKey invalid_value"),
        insert(
            "'idempotencyKey':'<aws.events.event.ingestion-time>'",
            "/idempotencyKey invalid_value"),
        insert("'idempotencyKey':'<aws.scheduler.'", "/idempotencyKey invalid_value"),
        insert("'atomicity':'chunk'", "/idempotencyKey missing"),
        insert("'atomicity':'some'", "/atomicity invalid_value"),
        insert("'atomicity':1", "/atomicity wrong_type"),
        // query
        select("'select':'id'", "/select wrong_type"),
        select("'select':[]", "/select invalid_value"),
        select("'select':['a','a']", "/select/1 invalid_value"),
        select("'select':[7]", "/select/0 wrong_type"),
        select("'select':[{}]", "/select/0 invalid_value"),
        select("'select':[{'sum':'*'}]", "/select/0/sum invalid_value"),
        select("'select':[{'count':null}]", "/select/0/count wrong_type"),
        select(
            "'select':[{'count':'*','at':'','type':'text','distinct':true}]",
            "/select/0/distinct invalid_value, /select/0/at invalid_value,"
                + " /select/0/type invalid_value"),
        select(
            "'select':[{'sum':'a','type':'text'},{'sum':'b','type':'text','at':null}]",
            "/select/0/type invalid_value, /select/1/type invalid_value"),
        select(
            "'select':[{'sum':'a','at':'/%s'}]".formatted("😀".repeat(1000)),
            "/select/0/at invalid_value"),
        select(
            "'select':[{'count':'*','sum':'a'},{'median':'a'}]",
            "/select/0 invalid_value, /select/1 invalid_value, /select/1/median unknown_field"),
        select(
            "'select':['a',{'count':'*','as':'a'}]",
            "/select/1 invalid_value, /select/0 invalid_value"),
        select("'select':['a',{'count':'*'}]", "/select/0 invalid_value"),
        select("'select':['a',{'count':'*'}],'groupBy':['b']", "/select/0 invalid_value"),
        select("'groupBy':['b']", "/select missing"),
        select(
            "'select':[{'count':'*'}],'groupBy':['b'],'orderBy':[{'column':'a'}]",
            "/orderBy/0/column invalid_value"),
        select("'where':[]", "/where wrong_type"),
        select("'where':{'a':[1]}", "/where/a wrong_type"),
        select("'where':{'a':{}}", "/where/a invalid_value"),
        select("'where':{'a':{'is':1}}", "/where/a/is unknown_field"),
        select("'where':{'a':{'gt':null}}", "/where/a/gt wrong_type"),
        select("'where':{'a':{'in':1}}", "/where/a/in wrong_type"),
        select("'where':{'a':{'in':[1,null]}}", "/where/a/in/1 wrong_type"),
        select("'where':{'a':{'between':[1]}}", "/where/a/between invalid_value"),
        select("'where':{'a':{'between':[1,null]}}", "/where/a/between/1 wrong_type"),
        select("'where':{'a':{'like':1}}", "/where/a/like wrong_type"),
        select("'where':{'a':{'like':'x\\\\'}}", "/where/a/like invalid_value"),
        select("'where':{'a':{'isNull':1}}", "/where/a/isNull wrong_type"),
        select("'where':{'or':[]}", "/where/or invalid_value"),
        select("'where':{'and':{}}", "/where/and wrong_type"),
        select("'where':{'or':[{},1]}", "/where/or/0 invalid_value, /where/or/1 wrong_type"),
        select("'where':{'not':[]}", "/where/not wrong_type"),
        select("'where':{'not':{}}", "/where/not invalid_value"),
        select("'where':{'':1}", "/where/ invalid_value"),
        select("'orderBy':'a'", "/orderBy wrong_type"),
        select("'orderBy':[1,'a','a']", "/orderBy/0 wrong_type, /orderBy/2 invalid_value"),
        select(
            "'orderBy':[['a'],null,7,true]",
            "/orderBy/0 wrong_type, /orderBy/1 wrong_type, /orderBy/2 wrong_type,"
                + " /orderBy/3 wrong_type"),
        select("'orderBy':['a','']", "/orderBy/1 invalid_value"),
        select(
            "'orderBy':['a',{'column':'b'},{'column':'a'},'b']",
            "/orderBy/2/column invalid_value, /orderBy/3 invalid_value"),
        select(
            "'select':[{'count':'*'}],'groupBy':['b'],'orderBy':['a']", "/orderBy/0 invalid_value"),
        select(
            "'orderBy':[{},{'column':'a','direction':'up','nulls':1,'x':1},{'column':'a'}]",
            "/orderBy/0/column missing, /orderBy/1/direction invalid_value,"
                + " /orderBy/1/nulls wrong_type, /orderBy/1/x unknown_field,"
                + " /orderBy/2/column invalid_value"),
        select("'limit':0", "/limit invalid_value"),
        select("'limit':10001", "/limit invalid_value"),
        select("'limit':-1", "/limit invalid_value"),
        select("'limit':1.5", "/limit invalid_value"),
        select("'limit':1e-1", "/limit invalid_value"),
        select("'limit':1e5", "/limit invalid_value"),
        select("'limit':1e99999999999999999999", "/limit invalid_value"),
        select("'limit':1.%s".formatted("0".repeat(100)), "/limit invalid_value"),
        select("'limit':99999999999999999999", "/limit invalid_value"),
        select("'limit':'10'", "/limit wrong_type"),
        select("'cursor':7", "/cursor wrong_type"),
        // All at once
        bad(
            "{'action':'insert','rows':[{'a':1},'x'],'returning':'id','colour':'blue'}",
            "/table missing, /rows/1 wrong_type, /returning wrong_type, /colour unknown_field"));
  }

  /// What has too many elements is not looked at.
  @ParameterizedTest
  @ValueSource(strings = {"groupBy", "orderBy", "select"})
  void tooManyNamesAreRefusedAtOnce(String field) {
    StringBuilder names = new StringBuilder("'x'");
    for (int i = 0; i < 160_000; i++) {
      names.append(",'c").append(i).append('\'');
    }
    String request = "{'action':'query','table':'t','" + field + "':[" + names + "]}";
    assertTimeoutPreemptively(
        Duration.ofSeconds(5),
        () -> assertEquals("/" + field + " invalid_value", faultsOf(request)));
  }

  private static Arguments bad(String request, String faults) {
    return Arguments.of(request, faults);
  }

  private static Arguments create(String column, String faults) {
    return bad("{'action':'create','table':'t','columns':[" + COLUMN + "," + column + "]}", faults);
  }

  private static Arguments table(String more, String faults) {
    return bad(
        "{'action':'create','table':'t','columns':["
            + COLUMN
            + ",{'name':'j','type':'jsonb'}],"
            + more
            + "}",
        faults);
  }

  private static Arguments insert(String more, String faults) {
    return bad("{'action':'insert','table':'t','rows':[{}]," + more + "}", faults);
  }

  private static Arguments select(String more, String faults) {
    return bad("{'action':'query','table':'t'," + more + "}", faults);
  }

  private static String repeated(int count, IntFunction<String> each) {
    return IntStream.range(0, count).mapToObj(each).collect(Collectors.joining(","));
  }

  @Test
  void tellsTwentyFaultsAtMost() {
    String faults =
        faultsOf("{'action':'insert','table':'t','rows':[" + repeated(30, i -> "1") + "]}");
    assertEquals(
        IntStream.range(0, 20)
            .mapToObj(i -> "/rows/" + i + " wrong_type")
            .collect(Collectors.joining(", ")),
        faults);
  }

  @ParameterizedTest
  @ValueSource(strings = {"create", "insert", "query"})
  void tellsTheActionBeforeAnythingElseIsLookedAt(String action) throws Exception {
    Json json = RequestText.parse("{\"x\":1,\"action\":\"" + action + "\"}", new Faults());
    assertEquals(action, RequestDecoder.action(json, new Faults()).text());
    assertEquals(Optional.of(action), ActionName.of(action).map(ActionName::text));
  }

  private static Request decode(String text) {
    Faults faults = new Faults();
    try {
      return RequestDecoder.decode(
          RequestText.parse(text.replace('\'', '"'), faults), Optional.empty(), faults);
    } catch (JsonText.Malformed e) {
      throw new IllegalArgumentException(text, e);
    }
  }

  private static String faultsOf(String text) {
    return assertThrows(InvalidRequest.class, () -> decode(text)).faults().stream()
        .map(fault -> fault.pointer() + ' ' + LowerCase.of(fault.code()))
        .collect(Collectors.joining(", "));
  }

  private static Identifier name(String name) {
    return new Identifier(name);
  }

  private static List<Identifier> names(String... names) {
    return Arrays.stream(names).map(Identifier::new).toList();
  }

  private static Column column(String name, String type, boolean nullable)
      throws ColumnType.Refused {
    return new Column(
        name(name), ColumnType.forNewColumn(type), nullable, Optional.empty(), OptionalInt.empty());
  }

  private static Column literal(String name, String type, Value value) throws ColumnType.Refused {
    return new Column(
        name(name),
        ColumnType.forNewColumn(type),
        true,
        Optional.of(new Column.Default.Literal(value)),
        OptionalInt.empty());
  }
}
