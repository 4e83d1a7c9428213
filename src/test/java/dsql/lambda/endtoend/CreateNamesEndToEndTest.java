package dsql.lambda.endtoend;

import static dsql.JsonAssert.at;
import static dsql.JsonAssert.faults;
import static dsql.JsonAssert.problem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import dsql.SharedDsql;
import dsql.Tables;
import dsql.lambda.LocalFunction;
import dsql.lambda.RequestRejected;
import dsql.local.LocalDsql;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What `create` does about names that something else has, and about indexes and tables that are
/// not what they seem.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class CreateNamesEndToEndTest {

  private static final String COLUMNS =
      """
      "columns":[{"name":"id","type":"bigint","identity":{"cache":1}},{"name":"name","type":"text"},
       {"name":"code","type":"text"}],"primaryKey":["id"],"unique":[["name","code"]]\
      """;
  private static final String PLAIN =
      "\"columns\":[{\"name\":\"id\",\"type\":\"uuid\"},{\"name\":\"name\",\"type\":\"text\"}],"
          + "\"primaryKey\":[\"id\"]";
  private static final String TABLE = "CREATE TABLE names.item (id uuid PRIMARY KEY, name text)";

  private final LocalDsql dsql;
  private final LocalFunction function;

  CreateNamesEndToEndTest(LocalDsql dsql) {
    this.dsql = dsql;
    this.function = new LocalFunction(dsql, Map.of("CLUSTER_SCHEMA", "names"));
  }

  @BeforeEach
  void freshSchema() throws SQLException {
    Tables.freshSchema(dsql, "names");
    run("CREATE TABLE names.other (id uuid PRIMARY KEY, name text, UNIQUE (name))");
  }

  @AfterEach
  void dropSchema() throws SQLException {
    function.close();
    Tables.awaitNoSessions(dsql);
    Tables.dropSchema(dsql, "names");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          CREATE VIEW names.item AS SELECT id, name FROM names.other | a view
          CREATE MATERIALIZED VIEW names.item AS SELECT id, name FROM names.other | a materialized view
          CREATE INDEX item ON names.other (name) | an index of the table other
          ALTER INDEX names.other_pkey RENAME TO item | an index of the table other
          CREATE SEQUENCE names.item | a sequence
          CREATE DOMAIN names.item AS text | a type or domain
          CREATE TYPE names.item AS (id uuid, name text) | a type or domain
          """)
  void aTableWhoseNameIsTakenIsRefused(String ddl, String holder) throws SQLException {
    run(ddl);
    for (String ifExists : List.of("verify", "error")) {
      JsonObject problem =
          problem(
              RequestRejected.class, () -> create(PLAIN + ",\"ifExists\":\"" + ifExists + "\""));
      assertTaken(problem, holder);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          CREATE VIEW names.taken AS SELECT id FROM names.other | taken | a view
          CREATE TABLE names.taken (id int) | taken | a table
          CREATE SEQUENCE names.taken | taken | a sequence
          CREATE INDEX taken ON names.other (name) | taken | an index of the table other
          SELECT 1 | other_pkey | an index of the table other
          SELECT 1 | other_name_key | an index of the table other
          SELECT 1 | item | the table itself
          SELECT 1 | item_pkey | the table's own primary key
          SELECT 1 | item_name_code_key | the table's own unique constraint [name, code]
          SELECT 1 | item_id_seq | the table's own identity
          """)
  void anIndexWhoseNameIsTakenIsRefusedBeforeAnythingIsDone(String ddl, String name, String holder)
      throws SQLException {
    run(ddl);
    String create =
        COLUMNS
            + ",\"wait\":true,\"indexes\":[{\"name\":\"first\",\"columns\":[\"code\"]},"
            + "{\"name\":\""
            + name
            + "\",\"columns\":[\"name\"]}]";
    assertTaken(problem(RequestRejected.class, () -> create(create)), holder);
    assertEquals("0", count("relname IN ('item', 'first') AND relkind <> 'v'"), "nothing was done");

    create(COLUMNS);
    String standing = name.equals("item_id_seq") ? "a sequence" : holder;
    assertTaken(problem(RequestRejected.class, () -> create(create)), standing);
    assertTaken(problem(RequestRejected.class, () -> create(create)), standing);
    assertEquals("0", count("relname = 'first'"), "nothing was done");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          CREATE INDEX x ON names.item (code) | requested [name], found [code]
          CREATE INDEX x ON names.item (name, code) | requested [name], found [name, code]
          CREATE INDEX x ON names.item (name) INCLUDE (code) | requested to include [], found [code]
          CREATE INDEX x ON names.item (name) WHERE code = '' | covers only some of the rows
          CREATE INDEX x ON names.item (lower(name)) | requested [name], found [lower name]
          CREATE UNIQUE INDEX x ON names.item (name) | is unique
          """)
  void anIndexOfTheNameThatDiffersIsASchemaMismatch(String ddl, String difference)
      throws SQLException {
    create(COLUMNS);
    run(ddl);
    JsonObject problem =
        problem(
            RequestRejected.class,
            () -> create(COLUMNS + ",\"indexes\":[{\"name\":\"x\",\"columns\":[\"name\"]}]"));
    assertEquals("schema_mismatch 409", at(problem, "code") + " " + at(problem, "status"));
    assertEquals("[\"index x: " + difference + "\"]", at(problem, "differences"));
  }

  @Test
  void anIndexWithMoreColumnsThanItsKeyIsReadByItsKey() throws SQLException {
    run(
        TABLE.replace(
            "PRIMARY KEY, name text", "not null, name text, PRIMARY KEY (id) INCLUDE (name)"));
    run("CREATE UNIQUE INDEX ON names.item (name) INCLUDE (id)");
    String create = PLAIN + ",\"unique\":[[\"name\"]]";
    assertEquals("unchanged []", outcome(create(create)));
    run("INSERT INTO names.item SELECT gen_random_uuid(), 'n' || n FROM generate_series(1, 9) n");
    run("ALTER TABLE names.item OWNER TO admin");
    String query = "{\"action\":\"query\",\"table\":\"item\",\"limit\":5";
    String cursor = at(function.invoke(query + "}"), "page/nextCursor");
    assertEquals("4", at(function.invoke(query + ",\"cursor\":\"" + cursor + "\"}"), "page/count"));
  }

  @Test
  void aUniqueConstraintOfThePrimaryKeyIsThePrimaryKey() {
    String create = PLAIN + ",\"unique\":[[\"id\"]]";
    assertTrue(outcome(create(create)).startsWith("created"));
    assertEquals("unchanged []", outcome(create(create)));
  }

  @Test
  void aUniqueIndexThatIsNotValidKeepsNothingUnique() throws SQLException {
    run(TABLE);
    run("CREATE UNIQUE INDEX u ON names.item (name)");
    run("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'names.u'::regclass");
    JsonObject problem =
        problem(RequestRejected.class, () -> create(PLAIN + ",\"unique\":[[\"name\"]]"));
    assertEquals("[\"unique [name]: its index is not valid\"]", at(problem, "differences"));
  }

  @Test
  void theDefaultOfACharOfNoLengthIsCompared() {
    String create = PLAIN.replace("\"text\"}", "\"char\",\"default\":{\"value\":\"a\"}}");
    create(create);
    assertEquals("unchanged []", outcome(create(create)));
    JsonObject problem =
        problem(RequestRejected.class, () -> create(create.replace("\"a\"", "\"b\"")));
    assertEquals("[\"column name: has another default\"]", at(problem, "differences"));
  }

  @ParameterizedTest
  @CsvSource({
    "processing,false,building",
    "submitted,false,building",
    "completed,false,failed",
    "failed,false,failed",
    "vanished,false,failed"
  })
  void anIndexThatIsNotValidIsBeingBuiltOrFailed(String job, boolean valid, String outcome)
      throws SQLException {
    String create = PLAIN + ",\"indexes\":[{\"name\":\"x\",\"columns\":[\"name\"]}]";
    String id = at(create(create), "steps/1/jobId");
    setIndex(job, valid);
    String again = create(create);
    assertEquals("unchanged " + outcome, at(again, "outcome") + " " + at(again, "steps/0/outcome"));
    assertEquals(!job.equals("vanished"), again.contains(id), again);
    setIndex("completed", true);
    assertEquals("unchanged []", outcome(create(create)));
  }

  /// A job may end well and leave no valid index, or be forgotten while it is waited for.
  @ParameterizedTest
  @CsvSource({
    "completed,true,completed",
    "completed,false,failed",
    "failed,false,failed",
    "vanished,false,failed",
    "vanished,true,completed"
  })
  void afterAWaitTheIndexIsLookedAt(String job, boolean valid, String outcome) throws Exception {
    String create = PLAIN + ",\"indexes\":[{\"name\":\"x\",\"columns\":[\"name\"]}]";
    create(create);
    setIndex("processing", false);
    Thread builder = Thread.ofPlatform().start(() -> endWhenWaitedFor(job, valid));
    String reply = create(create + ",\"wait\":true");
    builder.join();
    assertEquals(outcome, at(reply, "steps/0/outcome"), reply);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytea", "interval", "timetz", "json", "jsonb"})
  void aTypeThatCannotBeInAKeyIsRefusedBeforeTheDatabaseIsTouched(String type) {
    String create =
        """
        "columns":[{"name":"id","type":"uuid"},{"name":"x","type":"%s"}],"primaryKey":["id","x"],
        "unique":[["x"]],"indexes":[{"name":"item_x","columns":["id","x"]},
         {"name":"item_x","columns":["id"]},{"name":"dsql_ledger","columns":["id"]}]\
        """
            .formatted(type);
    int logins = dsql.logins().size();
    assertEquals(
        List.of(
            "/primaryKey/1 invalid_value",
            "/unique/0/0 invalid_value",
            "/indexes/0/columns/1 invalid_value",
            "/indexes/1/name invalid_value",
            "/indexes/2/name invalid_value"),
        faults(problem(RequestRejected.class, () -> create(create))));
    assertEquals(logins, dsql.logins().size());
  }

  private void setIndex(String job, boolean valid) throws SQLException {
    run("UPDATE pg_index SET indisvalid = " + valid + " WHERE indexrelid = 'names.x'::regclass");
    run(
        (job.equals("vanished")
                ? "DELETE FROM sys.jobs"
                : "UPDATE sys.jobs SET status = '" + job + "'")
            + " WHERE object_id = 'names.x'::regclass");
  }

  private void endWhenWaitedFor(String job, boolean valid) {
    try {
      long limit = System.nanoTime() + 10_000_000_000L;
      while (Tables.value(
              dsql,
              "SELECT count(*) FROM pg_stat_activity WHERE usename = 'admin' AND state = 'active'"
                  + " AND query LIKE '%wait_for_job%'")
          .equals("0")) {
        assertTrue(System.nanoTime() < limit, "nobody waits");
        Thread.onSpinWait();
      }
      setIndex(job, valid);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void assertTaken(JsonObject problem, String holder) {
    assertEquals(
        "already_exists 409 not_committed false",
        at(problem, "code")
            + " "
            + at(problem, "status")
            + " "
            + at(problem, "outcome")
            + " "
            + at(problem, "retryable"));
    String detail = at(problem, "detail");
    assertTrue(detail.contains("its name is that of " + holder), detail);
    assertFalse(detail.contains("SELECT"), detail);
  }

  private static String outcome(String reply) {
    return at(reply, "outcome") + " " + at(reply, "steps");
  }

  private String count(String where) throws SQLException {
    return Tables.value(
        dsql,
        "SELECT count(*) FROM pg_class WHERE relnamespace = 'names'::regnamespace AND " + where);
  }

  private void run(String sql) throws SQLException {
    Tables.run(dsql, sql);
  }

  private String create(String rest) {
    return function.invoke("{\"action\":\"create\",\"table\":\"item\"," + rest + "}");
  }
}
