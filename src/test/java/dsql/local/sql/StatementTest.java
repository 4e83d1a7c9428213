package dsql.local.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.local.sql.Command.Job;
import dsql.local.sql.Command.Kind;
import dsql.local.sql.Command.Pass;
import dsql.local.sql.Command.Refused;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Text that looks like something else.
@Tag("unit")
class StatementTest {
  @Test
  void cutsIntoTokens() {
    tokens("select 'a''b'", "select|a'b");
    tokens("SELECT E'it\\'s'", "select|it\\'s");
    tokens("select $$a;b$$, $x$ $$ $x$", "select|a;b|,| $$ ");
    tokens("select \"A \"\"b\"\"\".c", "select|A \"b\"|.|c");
    tokens("select U&\"x\", u&'y', b'1'", "select|x|,|y|,|1");
    tokens("a /* b /* c */ d */ e -- f", "a|e");
    tokens("$1+$2", "$1|+|$2");
    tokens("a$1", "a$1");
    tokens("1.5e-3*x::int", "1.5e-3|*|x|::|int");
    tokens("1..2", "1|..|2");
    tokens("a<=b--c", "a|<=|b");
    tokens("'{\"a\":1}'::jsonb->>'a'", "{\"a\":1}|::|jsonb|->>|a");
  }

  private static void tokens(String sql, String expected) {
    assertEquals(
        expected,
        Statement.of(sql).tokens().stream().map(Token::text).collect(Collectors.joining("|")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select ';'",
        "select $a$;$a$",
        "select 1 /* ; */ -- ;",
        "select \";\"",
        "create rule r as on insert to t do also (select 1; select 2)",
        "create function f() returns int begin atomic select 1; select 2; end",
        "select 'open ;",
        "select $$ open ;",
        "select 1 /* open ;"
      })
  void isOneStatement(String sql) {
    assertEquals(1, Statement.split(sql).size());
  }

  @Test
  void splitsAndKeepsPositions() {
    List<Statement> script = Statement.split("select 1; ;select x;\n-- the end\n");
    assertEquals(2, script.size());
    assertEquals("select 1", script.getFirst().text());
    assertEquals(11, script.getLast().text().indexOf("select x"));
    assertEquals(List.of(), Statement.split(" ; -- nothing\n;"));
  }

  @Test
  void neverFailsOnNoise() {
    Random random = new Random(11);
    String alphabet = "aE'\"$/*-;().,: \n\\1u&x";
    for (int i = 0; i < 20_000; i++) {
      StringBuilder noise = new StringBuilder("create table ");
      for (int j = random.nextInt(30); j > 0; j--) {
        noise.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      for (Statement statement : Statement.split(noise.toString())) {
        Dialect.read(statement);
      }
      Dialect.read(Statement.of(noise.substring(7)));
      Dialect.read(Statement.of("alter " + noise.substring(7)));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      textBlock =
          """
          select 1                                                   ~ READ
          (select 1)                                                 ~ READ
          values (1)                                                 ~ READ
          table t                                                    ~ READ
          select "delete" from t where x = $$for update$$             ~ READ
          select * from t for update                                 ~ LOCK
          select * from t for key share                              ~ LOCK
          insert into t values (1) on conflict (a) do update set b=1 ~ WRITE
          with x as (delete from t returning *) select * from x      ~ WRITE
          with x as (select 1) update t set a = 1                    ~ WRITE
          explain insert into t values (1)                           ~ READ
          explain analyze insert into t values (1)                   ~ WRITE
          explain (analyze, verbose) delete from t                   ~ WRITE
          Create View v As Select 1                                  ~ DDL
          /* c */ grant select on t to r                             ~ DDL
          set search_path = x                                        ~ SESSION
          """)
  void knowsWhatAStatementDoes(String sql, Kind kind) {
    Command command = Dialect.read(Statement.of(sql));
    assertInstanceOf(Pass.class, command, sql);
    assertEquals(kind, command.kind());
  }

  @Test
  void takesNamesForNames() {
    for (String sql :
        List.of(
            "create table path (line int, \"box\" text)",
            "insert into path (line) values (1)",
            "with path (a) as (select 1) select a from path",
            "select share, tablesample_x from (select 1 as share, 2 as tablesample_x) x",
            "create table t (truncate int, inherits text)",
            "create table t (id int primary key, note text default 'COLLATE x, y inet')",
            "alter table t add column c text storage external",
            "comment on table t is 'create index on x'")) {
      Command command = Dialect.read(Statement.of(sql));
      assertTrue(!(command instanceof Refused), () -> sql + ": " + command);
    }
  }

  @Test
  void readsAsynchronousIndexes() {
    Job job =
        assertInstanceOf(
            Job.class,
            Dialect.read(
                Statement.of(
                    "create unique index async \"On\" on s.\"T\" USING btree_index (lower(a), b)")));
    assertEquals("s.\"T\"", job.table());
    assertEquals(
        "create unique index       \"On\" on s.\"T\"                   (lower(a), b)", job.sql());
    assertEquals(
        "create        index       \"On\" on s.\"T\"                   (lower(a), b)",
        job.otherwise());
  }

  @Test
  void redirectsQualifiedNames() {
    assertEquals(
        "update pg_temp.t set a = pg_temp.t.a from other.t u, 's.t' where s.x = 1",
        Relations.redirect(
            Statement.of("update s.t set a = \"s\".t.a from other.t u, 's.t' where s.x = 1"),
            Map.of("t", "s")));
  }
}
