package dsql.evidence;

import dsql.Tables;
import dsql.TestClock;
import dsql.action.MemberType;
import dsql.lambda.LocalFunction;
import dsql.local.LocalDsql;
import dsql.local.fault.Unproven;
import dsql.local.wire.Refusal;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Requests of all kinds, which have the function send all that it can send: once to an endpoint
/// that takes everything, once to one that refuses what is unproven.
public final class Everything {

  private static final String SCHEMA = "evidence";

  private static final List<String> TYPES =
      List.of(
          "smallint",
          "integer",
          "bigint",
          "real",
          "double precision",
          "numeric(30,8)",
          "char",
          "char(4)",
          "varchar(9)",
          "bpchar",
          "text",
          "date",
          "time",
          "time(3)",
          "timetz",
          "timetz(3)",
          "timestamp",
          "timestamp(3)",
          "timestamptz",
          "timestamptz(3)",
          "interval",
          "boolean",
          "bytea",
          "uuid",
          "json",
          "jsonb");

  private static final List<String> VALUES =
      List.of(
          "1",
          "2",
          "3",
          "0.5",
          "0.25",
          "\"1.5\"",
          "\"a\"",
          "\"ab\"",
          "\"b\"",
          "\"c\"",
          "\"d\"",
          "\"2024-02-29\"",
          "\"12:00:00\"",
          "\"12:00:00\"",
          "\"12:00:00+01:00\"",
          "\"12:00:00+01:00\"",
          "\"2024-02-29T12:00:00\"",
          "\"2024-02-29T12:00:00\"",
          "\"2024-02-29T12:00:00Z\"",
          "\"2024-02-29T12:00:00Z\"",
          "\"P1D\"",
          "true",
          "\"XA==\"",
          "\"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\"",
          "{\"k\":1}",
          "{\"k\":2}");

  private final LocalDsql dsql;

  public Everything(LocalDsql dsql) {
    this.dsql = dsql;
  }

  /// Sends it all.
  public void send() throws SQLException {
    session();
    for (Unproven construct : Unproven.values()) {
      dsql.faults().answers().refuse(construct, Refusal.error("0A000", "no such thing here"));
    }
    try {
      session();
    } finally {
      dsql.faults().clear();
    }
    Tables.run(dsql, "DROP SCHEMA evidence CASCADE");
  }

  private void session() throws SQLException {
    Tables.awaitNoSessions(dsql);
    Tables.freshSchema(dsql, "evidence");
    TestClock clock = new TestClock();
    try (LocalFunction function = function(clock)) {
      creates(function);
      types(function);
      inserts(function);
      chunks(function);
      upserts(function);
      queries(function);
      documents(function);
      wideRows(function);
      // So long unused, a connection is asked whether it still lives.
      clock.advance(Duration.ofMinutes(10));
      tick(function);
    }
    Tables.awaitNoSessions(dsql);
  }

  private LocalFunction function(TestClock clock) {
    return new LocalFunction(dsql, Map.of("CLUSTER_SCHEMA", SCHEMA), clock);
  }

  private void creates(LocalFunction function) throws SQLException {
    String create =
        """
        {"action":"create","table":"item","primaryKey":["id"],"unique":[["code"]],\
        "indexes":[{"name":"item_name","columns":["name"]}],"wait":true,"columns":[\
        {"name":"id","type":"uuid","default":"gen_random_uuid()"},\
        {"name":"code","type":"bigint","identity":{"cache":1}},\
        {"name":"name","type":"text","default":{"value":"a"}},\
        {"name":"n","type":"integer","default":{"value":7}},\
        {"name":"at","type":"timestamptz","default":"now()"},\
        {"name":"stamp","type":"timestamp","default":"current_timestamp"},\
        {"name":"day","type":"date","default":"current_date"},\
        {"name":"hour","type":"time","default":"current_time"}]}\
        """;
    function.invoke(create);
    // An index that is not valid is asked after.
    Tables.run(
        dsql,
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'evidence.item_name'::regclass");
    function.invoke(create.replace(",\"wait\":true", ""));
    String constraints =
        """
        {"action":"create","table":"part","comment":"a part","columns":[\
        {"name":"id","type":"integer"},{"name":"item","type":"uuid"},\
        {"name":"kind","type":"varchar(9)"},{"name":"weight","type":"numeric(6,2)"}],\
        "primaryKey":["id"],"foreignKeys":[{"columns":["item"],"table":"item",\
        "onDelete":"setNull","onUpdate":"cascade"}],\
        "checks":[{"name":"c","where":{"weight":{"gt":1},"kind":{"in":["a","b"]}}}],\
        "indexes":[{"name":"l","columns":[{"lower":"kind"}],"include":["weight"]},\
        {"name":"u","columns":["kind"],"unique":true,"nullsNotDistinct":true,"where":{"id":1}}]}\
        """;
    function.invoke(constraints);
    function.invoke(constraints);
    String twin =
        """
        {"action":"create","table":"twin","columns":[{"name":"id","type":"integer"}],\
        "primaryKey":["id"]%s}\
        """;
    function.invoke(twin.formatted(""));
    function.invoke(
        twin.formatted(
            ",\"wait\":true,\"foreignKeys\":[{\"name\":\"k\",\"columns\":[\"id\"],"
                + "\"table\":\"part\",\"ifMissing\":\"add\"}]"));
  }

  /// A table of all types, with a literal default of each, looked at again, and filled.
  private static void types(LocalFunction function) {
    List<String> columns = new ArrayList<>();
    List<String> members = new ArrayList<>();
    for (int i = 0; i < TYPES.size(); i++) {
      String value = VALUES.get(i);
      columns.add(
          "{\"name\":\"c%d\",\"type\":\"%s\",\"default\":{\"value\":%s}}"
              .formatted(i, TYPES.get(i), value));
      members.add("\"c%d\":%s".formatted(i, value));
    }
    String create =
        "{\"action\":\"create\",\"table\":\"types\",\"primaryKey\":[\"c1\"],\"columns\":["
            + String.join(",", columns)
            + "]}";
    function.invoke(create);
    function.invoke(create);
    String rows =
        IntStream.range(0, 120)
            .mapToObj(i -> "{" + String.join(",", members).replace("\"c1\":2", "\"c1\":" + i) + "}")
            .collect(Collectors.joining(","));
    insert(function, "types", rows, "");
    for (int i = 0; i < TYPES.size(); i++) {
      if (!TYPES.get(i).equals("json")) {
        query(function, "types", ",\"where\":{\"c%d\":{\"eq\":%s}}".formatted(i, VALUES.get(i)));
      }
    }
  }

  private void inserts(LocalFunction function) throws SQLException {
    String one = "{\"name\":\"x\"}";
    String mixed = one + ",{\"n\":3}";
    for (String rows : List.of(one, mixed, same(120))) {
      for (String more : List.of("", ",\"returning\":[\"id\",\"name\"]")) {
        insert(function, "item", rows, more);
        insert(function, "item", rows, more + key(rows.length() + more.length()));
        insert(function, "item", rows, more + key(rows.length() + more.length()));
      }
    }
    // A key that has expired makes room.
    insert(function, "item", one, key(0));
    Tables.run(dsql, "UPDATE evidence.dsql_ledger SET expires_at = now() - interval '1 s'");
    insert(function, "item", one, key(0));
  }

  /// More than one transaction takes.
  private static void chunks(LocalFunction function) {
    insert(function, "item", same(3_100), key(1) + ",\"atomicity\":\"chunk\"");
  }

  /// Rows so wide that they are asked for a few at a time.
  private static void wideRows(LocalFunction function) {
    String columns =
        IntStream.range(0, 100)
            .mapToObj(i -> "{\"name\":\"c%d\",\"type\":\"text\"}".formatted(i))
            .collect(Collectors.joining(","));
    function.invoke(
        "{\"action\":\"create\",\"table\":\"wide\",\"primaryKey\":[\"c1\"],\"columns\":["
            + columns
            + "]}");
    String rows =
        IntStream.range(0, 100)
            .mapToObj("{\"c1\":\"%d\"}"::formatted)
            .collect(Collectors.joining(","));
    insert(function, "wide", rows, "");
    query(function, "wide", ",\"limit\":100");
    query(function, "wide", ",\"limit\":10000");
  }

  private static void tick(LocalFunction function) {
    function.invoke(
        """
        {"version":"0","id":"53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa","detail-type":"Scheduled Event",\
        "source":"aws.events","account":"123456789012","time":"2026-11-23T09:00:00Z",\
        "region":"us-east-1","resources":[],"detail":{}}\
        """);
  }

  private static void upserts(LocalFunction function) {
    for (String does : List.of("nothing", "update")) {
      String conflict = ",\"onConflict\":{\"columns\":[\"c1\"],\"do\":\"" + does + "\"}";
      for (String rows : List.of("{\"c1\":1}", "{\"c1\":2},{\"c10\":\"x\"}", numbered(30))) {
        insert(function, "types", rows, conflict);
        insert(function, "types", rows, conflict + ",\"returning\":[\"c10\"]");
        insert(function, "types", rows, conflict + key(does.length() + rows.length()));
      }
      insert(function, "types", "{}", conflict);
    }
  }

  private static void queries(LocalFunction function) {
    // From its fifth run on a statement is a prepared one, and what a uuid is is known.
    for (int run = 0; run < 7; run++) {
      query(function, "item", "");
    }
    query(
        function,
        "item",
        """
        ,"where":{"or":[{"name":{"like":"a%"}},{"name":{"ilike":"B%"}},{"n":{"in":[1,2]}},\
        {"n":{"notIn":[3]}},{"n":{"in":[]}},{"n":{"notIn":[]}},{"n":{"between":[1,2]}},\
        {"n":{"isNull":true}},{"not":{"n":{"isNull":false}}},\
        {"and":[{"n":{"gt":1}},{"n":{"lt":9}},{"n":{"gte":1}},{"n":{"lte":9}},{"n":{"ne":4}}]}]}\
        """);
    query(
        function,
        "types",
        """
        ,"select":[{"count":"*","as":"n"},{"count":"c10"},{"sum":"c1"},{"min":"c11"},\
        {"max":"c8"},{"avg":"c2"}]\
        """);
    for (String nulls : List.of("first", "last")) {
      for (String direction : List.of("asc", "desc")) {
        pages(
            function,
            ",\"select\":[\"c1\"],\"orderBy\":[{\"column\":\"c10\",\"direction\":\"%s\",\"nulls\":\"%s\"}]"
                .formatted(direction, nulls));
      }
    }
    pages(
        function,
        """
        ,"select":["c10",{"count":"*","as":"n"}],"groupBy":["c10"],"orderBy":[{"column":"n"}]\
        """);
  }

  private static void documents(LocalFunction function) {
    for (MemberType type : MemberType.values()) {
      pages(
          function,
          ",\"orderBy\":[{\"column\":\"c25\",\"at\":\"/none\",\"type\":\"%s\"}]"
              .formatted(type.name().toLowerCase(Locale.ROOT)));
    }
    query(
        function,
        "types",
        """
        ,"total":true,"where":{"or":[{"c25":{"contains":{"k":1}}},{"c25":{"has":"k"}},\
        {"c24":{"at":"/a/-1/b","eq":"x"}},{"in":{"columns":["c1","c2"],"values":[[1,2],[3,4]]}}]}\
        """);
    query(
        function,
        "types",
        """
        ,"total":true,"select":["c10",{"count":"c25","at":"/k","distinct":true,"as":"n"}],\
        "groupBy":["c10"],"having":{"n":{"gt":0}}\
        """);
  }

  /// The first pages of a query.
  private static void pages(LocalFunction function, String query) {
    String cursor = "null";
    for (int page = 0; page < 4; page++) {
      String reply = query(function, "types", query + ",\"limit\":1,\"cursor\":" + cursor);
      int at = reply.indexOf("\"nextCursor\":") + "\"nextCursor\":".length();
      cursor = reply.substring(at, reply.indexOf(",\"truncatedBy", at));
    }
  }

  private static String same(int count) {
    return String.join(",", Collections.nCopies(count, "{\"name\":\"x\",\"n\":1}"));
  }

  private static String numbered(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "{\"c1\":" + i + ",\"c10\":\"t\"}")
        .collect(Collectors.joining(","));
  }

  private static String key(int number) {
    return ",\"idempotencyKey\":\"k" + number + "\"";
  }

  private static void insert(LocalFunction function, String table, String rows, String more) {
    function.invoke(
        "{\"action\":\"insert\",\"table\":\"%s\",\"rows\":[%s]%s}".formatted(table, rows, more));
  }

  private static String query(LocalFunction function, String table, String more) {
    return function.invoke("{\"action\":\"query\",\"table\":\"%s\"%s}".formatted(table, more));
  }
}
