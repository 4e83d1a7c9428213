package dsql.lambda.endtoend;

import static dsql.JsonAssert.at;
import static dsql.JsonAssert.object;
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

/// Foreign keys, checks, comments and all forms of indexes: created, compared and enforced.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class CreateConstraintsEndToEndTest {

  private static final String OWNER =
      """
      {"action":"create","table":"owner","columns":[{"name":"id","type":"bigint"},
       {"name":"email","type":"varchar(80)"},{"name":"code","type":"char(4)"}],
       "primaryKey":["id"],"unique":[["email","code"]]}
      """;

  private static final String PET =
      """
      {"action":"create","table":"pet","columns":[{"name":"id","type":"integer"},
       {"name":"owner","type":"bigint"},{"name":"parent","type":"integer"},
       {"name":"email","type":"varchar(80)"},{"name":"code","type":"char(4)"},
       {"name":"kind","type":"varchar(10)"},{"name":"weight","type":"numeric(6,2)"},
       {"name":"ratio","type":"double precision"},{"name":"born","type":"date"},
       {"name":"seen","type":"timestamptz"},{"name":"awake","type":"interval"},
       {"name":"blob","type":"bytea"},{"name":"tag","type":"uuid"},{"name":"ok","type":"boolean"},
       {"name":"note","type":"text"},{"name":"small","type":"smallint"},
       {"name":"doc","type":"jsonb"}],
       "primaryKey":["id"]%s}
      """;

  private final LocalDsql dsql;
  private final LocalFunction function;

  CreateConstraintsEndToEndTest(LocalDsql dsql) {
    this.dsql = dsql;
    this.function = new LocalFunction(dsql, Map.of("CLUSTER_SCHEMA", "names"));
  }

  @BeforeEach
  void freshSchema() throws SQLException {
    Tables.freshSchema(dsql, "names");
    function.invoke(OWNER);
  }

  @AfterEach
  void dropSchema() throws SQLException {
    function.close();
    Tables.awaitNoSessions(dsql);
    Tables.dropSchema(dsql, "names");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"foreignKeys\":[{\"columns\":[\"owner\"],\"table\":\"owner\"}]",
        "\"foreignKeys\":[{\"name\":\"pet's \\\"?\\\" key\",\"columns\":[\"owner\"],\"table\":\"owner\",\"references\":[\"id\"],\"onDelete\":\"cascade\",\"onUpdate\":\"restrict\"}]",
        "\"foreignKeys\":[{\"columns\":[\"email\",\"code\"],\"table\":\"owner\",\"references\":[\"email\",\"code\"],\"onDelete\":\"setNull\"},{\"columns\":[\"parent\"],\"table\":\"pet\",\"onUpdate\":\"setDefault\"}]",
        "\"comment\":\"A pet's \\\\ ? \\\"note\\\"\"",
        "\"checks\":[{\"name\":\"positive\",\"where\":{\"weight\":{\"gte\":\"0.50\"},\"small\":{\"ne\":-3}}}]",
        "\"checks\":[{\"name\":\"c\",\"where\":{\"weight\":{\"between\":[-1.5,1000]},\"id\":{\"lt\":1.5},\"ratio\":{\"gt\":0.1}}}]",
        "\"checks\":[{\"name\":\"c\",\"where\":{\"kind\":{\"in\":[\"dog\",\"cat's\",\"a\\\\b\"]}}},{\"name\":\"d\",\"where\":{\"kind\":\"dog\"}}]",
        "\"checks\":[{\"name\":\"c\",\"where\":{\"kind\":{\"notIn\":[\"dog\",\"cat\"]},\"small\":{\"in\":[1,2,-3]},\"weight\":{\"in\":[\"1.50\",2]}}}]",
        "\"checks\":[{\"name\":\"c\",\"where\":{\"kind\":{\"like\":\"d%\\\\_\"},\"note\":{\"ilike\":\"%x'\"},\"code\":{\"like\":\"a__ \"}}}]",
        "\"checks\":[{\"name\":\"c\",\"where\":{\"or\":[{\"kind\":null},{\"and\":[{\"ok\":true},{\"weight\":{\"gt\":1}}]},{\"not\":{\"or\":[{\"born\":{\"gte\":\"2020-01-01\"}},{\"seen\":{\"lt\":\"2026-01-01T10:00:00+02:00\"}}]}}],\"note\":{\"isNull\":false}}}]",
        "\"checks\":[{\"name\":\"c\",\"where\":{\"awake\":{\"lte\":\"PT36H\"},\"blob\":{\"ne\":\"AQID\"},\"tag\":{\"ne\":\"00000000-0000-0000-0000-00000000000A\"},\"code\":{\"ne\":\"ab\"},\"ok\":{\"ne\":false}}}]",
        "\"checks\":[{\"name\":\"c\",\"where\":{\"doc\":{\"at\":\"/a b/0/it's\",\"type\":\"numeric\",\"gt\":5,\"lte\":7.5}}},{\"name\":\"d\",\"where\":{\"doc\":{\"at\":\"/01\",\"in\":[\"x\",\"y\"]}}}]",
        "\"checks\":[{\"name\":\"c\",\"where\":{\"doc\":{\"contains\":{\"a\":[1,\"?\"]}}}},{\"name\":\"d\",\"where\":{\"doc\":{\"has\":\"k?'\"}}},{\"name\":\"e\",\"where\":{\"doc\":{\"at\":\"/back\\\\slash/null\",\"isNull\":false}}}]",
        "\"checks\":[{\"name\":\"c\",\"where\":{\"in\":{\"columns\":[\"kind\",\"small\"],\"values\":[[\"a\",1],[\"b\",2]]}}},{\"name\":\"d\",\"where\":{\"doc\":{\"at\":\"/when\",\"type\":\"timestamptz\",\"gt\":\"2026-01-01T00:00:00Z\"}}}]",
        "\"indexes\":[{\"name\":\"d\",\"columns\":[{\"column\":\"doc\",\"at\":\"/customer/id\"},\"kind\",{\"column\":\"doc\",\"at\":\"/n\",\"type\":\"bigint\"}],\"unique\":true,\"where\":{\"doc\":{\"at\":\"/open\",\"type\":\"boolean\",\"eq\":true}}}]",
        "\"indexes\":[{\"name\":\"u\",\"columns\":[\"kind\",\"born\"],\"unique\":true,\"nullsNotDistinct\":true}]",
        "\"indexes\":[{\"name\":\"i\",\"columns\":[\"kind\"],\"include\":[\"note\",\"weight\"]},{\"name\":\"p\",\"columns\":[\"born\"],\"unique\":true,\"where\":{\"kind\":\"dog\",\"weight\":{\"gt\":5}}}]",
        "\"indexes\":[{\"name\":\"l\",\"columns\":[{\"lower\":\"email\"},\"id\"]},{\"name\":\"m\",\"columns\":[{\"lower\":\"note\"}],\"unique\":true},{\"name\":\"n\",\"columns\":[{\"lower\":\"code\"}]}]",
      })
  void aSecondCreateIsUnchanged(String more) {
    String event = PET.formatted("," + more + ",\"wait\":true");
    String first = function.invoke(event);
    assertEquals("created", at(first, "outcome"), first);
    String second = function.invoke(event);
    assertEquals("unchanged []", at(second, "outcome") + " " + at(second, "steps"), second);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "foreignKeys":[{"columns":["owner"],"table":"owner"}] | "foreignKeys":[{"columns":["owner"],"table":"owner","onDelete":"cascade"}] | foreign key [owner] to owner [id], on delete cascade
          "foreignKeys":[{"columns":["owner"],"table":"owner"}] | "comment":"x" | was not requested
          "checks":[{"name":"c","where":{"weight":{"gt":1}}}] | "checks":[{"name":"c","where":{"weight":{"gte":1}}}] | check c: has another condition
          "checks":[{"name":"c","where":{"weight":{"gt":1}}}] | "checks":[{"name":"c","where":{"weight":{"gt":10}}}] | check c: has another condition
          "checks":[{"name":"c","where":{"kind":{"in":["a","b"]}}}] | "checks":[{"name":"c","where":{"kind":{"in":["a","c"]}}}] | check c: has another condition
          "checks":[{"name":"c","where":{"or":[{"kind":"a","note":"b"},{"note":"c"}]}}] | "checks":[{"name":"c","where":{"kind":"a","or":[{"note":"b"},{"note":"c"}]}}] | check c: has another condition
          "checks":[{"name":"c","where":{"kind":"1"}}] | "checks":[{"name":"c","where":{"note":"1"}}] | check c: has another condition
          "checks":[{"name":"c","where":{"weight":1}}] | "comment":"y" | check c: exists but was not requested
          "comment":"y" | "checks":[{"name":"c","where":{"weight":1}}] | check c: missing
          "comment":"y" | "comment":"z" | comment: has another text
          "indexes":[{"name":"i","columns":["kind"]}] | "indexes":[{"name":"i","columns":["kind"],"unique":true}] | is not unique
          "indexes":[{"name":"i","columns":["kind"],"unique":true}] | "indexes":[{"name":"i","columns":["kind"],"unique":true,"nullsNotDistinct":true}] | takes NULL as distinct from NULL
          "indexes":[{"name":"i","columns":["kind"],"where":{"small":1}}] | "indexes":[{"name":"i","columns":["kind"],"where":{"small":2}}] | has another condition
          "indexes":[{"name":"i","columns":["kind"],"where":{"small":1}}] | "indexes":[{"name":"i","columns":["kind"]}] | covers only some of the rows
          "indexes":[{"name":"i","columns":["kind"]}] | "indexes":[{"name":"i","columns":["kind"],"where":{"small":1}}] | covers all rows
          "indexes":[{"name":"i","columns":[{"lower":"kind"}]}] | "indexes":[{"name":"i","columns":[{"lower":"note"}]}] | requested [lower note], found [lower kind]
          "checks":[{"name":"c","where":{"doc":{"at":"/a","type":"numeric","eq":1}}}] | "checks":[{"name":"c","where":{"doc":{"at":"/a","type":"integer","eq":1}}}] | check c: has another condition
          "checks":[{"name":"c","where":{"doc":{"at":"/a","eq":"1"}}}] | "checks":[{"name":"c","where":{"doc":{"at":"/b","eq":"1"}}}] | check c: has another condition
          "indexes":[{"name":"i","columns":["kind"],"include":["note"]}] | "indexes":[{"name":"i","columns":["kind"],"include":["code"]}] | requested to include [code], found [note]
          """)
  void anotherFormIsASchemaMismatch(String existing, String requested, String difference) {
    function.invoke(PET.formatted("," + existing + ",\"wait\":true"));
    JsonObject problem =
        problem(RequestRejected.class, () -> function.invoke(PET.formatted("," + requested)));
    assertEquals("schema_mismatch", at(problem, "code"));
    assertTrue(at(problem, "differences").contains(difference), problem.toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "foreignKeys":[{"columns":["owner"],"table":"nobody"}] | table_not_found | /foreignKeys/0
          "foreignKeys":[{"columns":["email"],"table":"everyone"}] | invalid_request | /foreignKeys/0
          "foreignKeys":[{"columns":["owner","id"],"table":"owner"}] | invalid_request | /foreignKeys/0
          "foreignKeys":[{"columns":["owner"],"table":"keyless"}] | invalid_request | /foreignKeys/0
          "foreignKeys":[{"columns":["id"],"table":"owner","onDelete":"setDefault"}] | invalid_request | /foreignKeys/0/onDelete
          "foreignKeys":[{"columns":["owner"],"table":"owner","ifMissing":"add"}] | invalid_request | /foreignKeys/0/ifMissing
          "foreignKeys":[{"name":"n","columns":["owner"],"table":"owner","ifMissing":"drop"}] | invalid_request | /foreignKeys/0/ifMissing
          "foreignKeys":[{"columns":["owner"],"table":"owner","references":["code"]}] | invalid_request | /foreignKeys/0
          "foreignKeys":[{"columns":["owner"],"table":"owner","references":["missing"]}] | invalid_request | /foreignKeys/0
          "foreignKeys":[{"columns":["kind"],"table":"owner"}] | invalid_request | /foreignKeys/0
          "foreignKeys":[{"columns":["owner"],"table":"owner"},{"columns":["id"],"table":"gone"}] | table_not_found | /foreignKeys/1
          "foreignKeys":[{"columns":["owner","id"],"table":"owner","references":["id"]}] | invalid_request | /foreignKeys/0/references
          "foreignKeys":[{"columns":["id"],"table":"owner","onDelete":"setNull"}] | invalid_request | /foreignKeys/0/onDelete
          "foreignKeys":[{"columns":["x"],"table":"owner","onDelete":"drop"}] | invalid_request | /foreignKeys/0/columns/0
          "foreignKeys":[{"columns":["id"],"table":"dsql_ledger"}] | invalid_request | /foreignKeys/0/table
          "checks":[{"name":"c","where":{"weight":{"gt":"heavy"}}}] | invalid_request | /checks/0/where/weight/gt
          "checks":[{"name":"c","where":{"height":1}}] | invalid_request | /checks/0/where/height
          "checks":[{"name":"c","where":{}}] | invalid_request | /checks/0/where
          "checks":[{"name":"c","where":{"id":1}},{"name":"c","where":{"id":2}}] | invalid_request | /checks/1/name
          "checks":[{"name":"c","where":{"small":{"like":"1"}}}] | invalid_request | /checks/0/where/small/like
          "indexes":[{"name":"i","columns":["kind"],"nullsNotDistinct":true}] | invalid_request | /indexes/0/nullsNotDistinct
          "indexes":[{"name":"i","columns":["kind"],"include":["kind"]}] | invalid_request | /indexes/0/include/0
          "indexes":[{"name":"i","columns":["kind"],"where":{"small":"x"}}] | invalid_request | /indexes/0/where/small
          "indexes":[{"name":"i","columns":[{"lower":"small"}]}] | invalid_request | /indexes/0/columns/0/lower
          "indexes":[{"name":"i","columns":[{"lower":"kind","direction":"desc"}]}] | invalid_request | /indexes/0/columns/0/direction
          "indexes":[{"name":"i","columns":[{"column":"kind","at":"/a"}]}] | invalid_request | /indexes/0/columns/0/column
          "indexes":[{"name":"i","columns":[{"column":"doc","at":"/a","type":"date"}]}] | invalid_request | /indexes/0/columns/0/type
          "checks":[{"name":"c","where":{"note":{"at":"/a","eq":"1"}}}] | invalid_request | /checks/0/where/note/eq
          "indexes":[{"name":"i","columns":["kind","kind"]}] | invalid_request | /indexes/0/columns/1
          """)
  void aFaultyConstraintIsRefusedAtItsPlace(String more, String code, String pointer)
      throws SQLException {
    Tables.run(
        dsql,
        "CREATE VIEW names.everyone AS SELECT email FROM names.owner;"
            + " CREATE TABLE names.keyless (id bigint);"
            + " ALTER TABLE names.keyless OWNER TO admin; ALTER VIEW names.everyone OWNER TO admin");
    JsonObject problem =
        problem(RequestRejected.class, () -> function.invoke(PET.formatted("," + more)));
    assertEquals(code, at(problem, "code"), problem.toString());
    assertEquals(pointer, at(problem, "errors/0/pointer"), problem.toString());
  }

  @Test
  void aMissingCommentIsAdded() throws SQLException {
    function.invoke(PET.formatted(""));
    String reply = function.invoke(PET.formatted(",\"comment\":\"It's a pet.\""));
    assertEquals("unchanged", at(reply, "outcome"));
    assertEquals(
        "COMMENT ON TABLE \"names\".\"pet\" IS 'It''s a pet.'", at(reply, "steps/0/statement"));
    assertEquals("committed", at(reply, "steps/0/outcome"));
    assertEquals(
        "It's a pet.", Tables.value(dsql, "SELECT obj_description('names.pet'::regclass)"));
  }

  @Test
  void constraintsOthersMadeAreComparedByTheirMeaning() throws SQLException {
    Tables.run(
        dsql,
        "CREATE TABLE names.person (id bigint PRIMARY KEY, kind varchar(9) CONSTRAINT k CHECK (kind"
            + " IN ('a', 'b')), age integer CONSTRAINT a CHECK (age BETWEEN 0 AND 150 AND age <>"
            + " 13), cast_age text CONSTRAINT t CHECK (cast_age::integer > 5));"
            + " ALTER TABLE names.person OWNER TO admin");
    String event =
        """
        {"action":"create","table":"person","columns":[{"name":"id","type":"bigint"},
         {"name":"kind","type":"varchar(9)"},{"name":"age","type":"integer"},
         {"name":"cast_age","type":"text"}],"primaryKey":["id"],
         "checks":[{"name":"k","where":{"kind":{"in":["a","b"]}}},
          {"name":"a","where":{"age":{"between":[0,150],"ne":13}}},
          {"name":"t","where":{"cast_age":{"gt":"5"}}}]}
        """;
    JsonObject problem = problem(RequestRejected.class, () -> function.invoke(event));
    // The comparison of a cast column is another one than that of its text.
    assertEquals("[\"check t: has another condition\"]", at(problem, "differences"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          ADD CONSTRAINT c CHECK (small > 1) NOT VALID | "checks":[{"name":"c","where":{"small":{"gt":1}}}] | check c: is not validated, so that existing rows may violate it
          ADD CONSTRAINT k FOREIGN KEY (owner) REFERENCES names.owner NOT VALID | "foreignKeys":[{"columns":["owner"],"table":"owner"}] | foreign key k [owner] to owner [id], on delete noAction, on update noAction: is not validated, so that existing rows may violate it
          ADD CONSTRAINT k FOREIGN KEY (owner) REFERENCES names.owner DEFERRABLE INITIALLY DEFERRED | "foreignKeys":[{"name":"k","columns":["owner"],"table":"owner"}] | : is deferrable
          ADD CONSTRAINT k FOREIGN KEY (owner) REFERENCES names.owner MATCH FULL | "foreignKeys":[{"name":"k","columns":["owner"],"table":"owner"}] | : is MATCH FULL
          ADD CONSTRAINT k FOREIGN KEY (email, code) REFERENCES names.owner (email, code) ON DELETE SET NULL (email) | "foreignKeys":[{"columns":["email","code"],"table":"owner","references":["email","code"],"onDelete":"setNull"}] | : sets only some of its columns on delete
          ADD CONSTRAINT u UNIQUE (kind) DEFERRABLE | "unique":[["kind"]] | unique [kind]: is deferrable
          ADD CONSTRAINT u UNIQUE NULLS NOT DISTINCT (kind) | "unique":[["kind"]] | unique [kind]: takes NULL as equal to NULL
          DROP CONSTRAINT pet_pkey, ADD PRIMARY KEY (id) DEFERRABLE | "comment":"x" | primary key: is deferrable
          ALTER weight DROP DEFAULT, DROP small, ADD small smallint GENERATED ALWAYS AS (5) STORED | "comment":"x" | column small: has a default
          ADD CONSTRAINT k FOREIGN KEY (owner) REFERENCES far.away_from_all_the_others_in_a_schema_with_a_name | "foreignKeys":[{"columns":["owner"],"table":"away_from_all_the_others_in_a_schema_with_a_name"}] | to far.away_from_all_the_others_in_a_schema_with_a_name [id], on delete noAction, on update noAction: exists but was not requested
          """)
  void whatNoRequestCanAskForIsADifference(String change, String requested, String difference)
      throws SQLException {
    function.invoke(PET.formatted(""));
    String far = "far.away_from_all_the_others_in_a_schema_with_a_name";
    Tables.run(dsql, "CREATE SCHEMA far; CREATE TABLE " + far + " (id bigint PRIMARY KEY)");
    try {
      Tables.run(dsql, "ALTER TABLE names.pet " + change);
      JsonObject problem =
          problem(RequestRejected.class, () -> function.invoke(PET.formatted("," + requested)));
      assertTrue(at(problem, "differences").contains(difference), problem.toString());
    } finally {
      Tables.run(dsql, "DROP SCHEMA far CASCADE");
    }
  }

  @Test
  void anIdentityOfAnotherKindIsADifference() throws SQLException {
    String event =
        """
        {"action":"create","table":"coded","columns":[
         {"name":"id","type":"bigint","identity":{"cache":%s}}],"primaryKey":["id"]}
        """;
    function.invoke(event.formatted(1));
    assertEquals("unchanged", at(function.invoke(event.formatted(1)), "outcome"));
    JsonObject cache =
        problem(RequestRejected.class, () -> function.invoke(event.formatted(65536)));
    assertEquals(
        "[\"column id: requested an identity with the cache 65536, found 1\"]",
        at(cache, "differences"));
    Tables.run(dsql, "ALTER TABLE names.coded ALTER id SET GENERATED ALWAYS");
    JsonObject always = problem(RequestRejected.class, () -> function.invoke(event.formatted(1)));
    assertEquals(
        "[\"column id: its identity is always generated, so that no value can be inserted\"]",
        at(always, "differences"));
  }

  @Test
  void equalForeignKeysAreToldApartByTheirNames() {
    String event =
        PET.formatted(
            ",\"foreignKeys\":[{\"columns\":[\"owner\"],\"table\":\"owner\"},"
                + "{\"name\":\"a\",\"columns\":[\"owner\"],\"table\":\"owner\"}]");
    function.invoke(event);
    assertEquals("unchanged", at(function.invoke(event), "outcome"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"pet_pkey", "pet_kind_key"})
  void aForeignKeyCannotHaveTheNameOfAnotherKey(String name) {
    String rest = ",\"unique\":[[\"kind\"]]";
    String key =
        ",\"foreignKeys\":[{\"name\":\"%s\",\"columns\":[\"owner\"],\"table\":\"owner\",\"ifMissing\":\"add\"}]"
            .formatted(name);
    for (int i = 0; i < 2; i++) {
      JsonObject problem =
          problem(RequestRejected.class, () -> function.invoke(PET.formatted(rest + key)));
      assertEquals("already_exists", at(problem, "code"), problem.toString());
      function.invoke(PET.formatted(rest));
    }
  }

  @Test
  void aForeignKeyCannotBeAddedWithANameThatIsTaken() throws SQLException {
    String check = ",\"checks\":[{\"name\":\"c\",\"where\":{\"small\":1}}]";
    function.invoke(PET.formatted(check));
    Tables.run(dsql, "ALTER TABLE names.pet RENAME CONSTRAINT pet_pkey TO k");
    JsonObject problem =
        problem(
            RequestRejected.class,
            () ->
                function.invoke(
                    PET.formatted(
                        check
                            + ",\"foreignKeys\":[{\"name\":\"k\",\"columns\":[\"owner\"],\"table\":\"owner\",\"ifMissing\":\"add\"}]")));
    assertEquals("already_exists", at(problem, "code"), problem.toString());
    assertTrue(at(problem, "detail").contains("another constraint"), problem.toString());
  }

  @Test
  void anEmptyCommentIsNone() {
    String event = PET.formatted(",\"comment\":\"\"");
    assertFalse(function.invoke(event).contains("COMMENT"));
    assertEquals("[]", at(function.invoke(event), "steps"));
  }

  @Test
  void tablesThatReferenceEachOtherGetTheirKeysInTheEnd() {
    function.invoke(
        PET.formatted(",\"foreignKeys\":[{\"columns\":[\"owner\"],\"table\":\"owner\"}]"));
    String rows = "{\"action\":\"insert\",\"table\":\"%s\",\"rows\":[%s]}";
    function.invoke(rows.formatted("owner", "{\"id\":1,\"code\":\"b\"}"));
    String owner = OWNER.strip();
    String add =
        owner.substring(0, owner.length() - 1)
            + ",\"foreignKeys\":[{\"name\":\"k\",\"columns\":[\"id\"],\"table\":\"pet\","
            + "\"ifMissing\":\"add\"}],\"wait\":true}";
    JsonObject without =
        problem(
            RequestRejected.class,
            () -> function.invoke(add.replace(",\"ifMissing\":\"add\"", "")));
    assertTrue(at(without, "differences/0").endsWith(": missing"), without.toString());
    String reply = function.invoke(add);
    assertEquals("unchanged", at(reply, "outcome"));
    assertEquals(
        "ALTER TABLE \"names\".\"owner\" ADD CONSTRAINT \"k\" FOREIGN KEY (\"id\")"
            + " REFERENCES \"names\".\"pet\" (\"id\") NOT VALID committed",
        at(reply, "steps/0/statement") + " " + at(reply, "steps/0/outcome"));
    assertEquals("failed", at(reply, "steps/1/outcome"), reply);
    assertTrue(at(reply, "steps/1/detail").contains("k is in force for new rows"), reply);
    JsonObject violating =
        problem(
            RequestRejected.class, () -> function.invoke(rows.formatted("owner", "{\"id\":2}")));
    assertEquals("foreign_key_violation 23503", told(violating));

    function.invoke(rows.formatted("pet", "{\"id\":1,\"owner\":1}"));
    assertEquals("completed", at(function.invoke(add), "steps/0/outcome"));
    assertEquals("[]", at(function.invoke(add), "steps"));
  }

  @Test
  void aKeyThatIsStillReferencedIsToldAsSuch() {
    function.invoke(
        PET.formatted(",\"foreignKeys\":[{\"columns\":[\"owner\"],\"table\":\"owner\"}]"));
    String owner =
        "{\"action\":\"insert\",\"table\":\"owner\",\"rows\":[{\"id\":%d,\"email\":\"a\",\"code\":\"b\"}]"
            + ",\"onConflict\":{\"columns\":[\"email\",\"code\"],\"do\":\"update\",\"set\":[\"id\"]}}";
    function.invoke(owner.formatted(1));
    function.invoke("{\"action\":\"insert\",\"table\":\"pet\",\"rows\":[{\"id\":1,\"owner\":1}]}");
    JsonObject problem = problem(RequestRejected.class, () -> function.invoke(owner.formatted(2)));
    assertEquals("foreign_key_violation 23503", told(problem));
    assertTrue(at(problem, "detail").contains("other rows still reference it"));
    assertTrue(at(problem, "errors/0/detail").contains("leave the key as it is"));
  }

  @Test
  void aBuildThatMeetsDuplicatesSaysSo() {
    function.invoke(PET.formatted(""));
    function.invoke(
        "{\"action\":\"insert\",\"table\":\"pet\",\"rows\":[{\"id\":1,\"kind\":\"a\"},{\"id\":2,\"kind\":\"a\"}]}");
    String index =
        ",\"indexes\":[{\"name\":\"u\",\"columns\":[\"kind\"],\"unique\":true}],\"wait\":true";
    for (int i = 0; i < 2; i++) {
      String reply = function.invoke(PET.formatted(index));
      assertEquals("failed", at(reply, "steps/0/outcome"), reply);
      assertTrue(at(reply, "steps/0/detail").contains("remove the duplicates"), reply);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"columns\":[\"kind\"],\"where\":{\"small\":{\"gt\":5}}",
        "\"columns\":[\"kind\",\"born\"]"
      })
  void anUpsertMayNameAUniqueIndex(String target) {
    function.invoke(
        PET.formatted(
            ",\"wait\":true,\"indexes\":[{\"name\":\"u\",\"columns\":[\"kind\"],\"unique\":true,"
                + "\"where\":{\"small\":{\"gt\":5}}},{\"name\":\"v\",\"columns\":[\"kind\",\"born\"],"
                + "\"unique\":true,\"nullsNotDistinct\":true}]"));
    String upsert =
        "{\"action\":\"insert\",\"table\":\"pet\",\"rows\":[{\"id\":%d,\"kind\":\"a\",\"small\":6,\"note\":\"%s\"}],"
            + "\"returning\":[\"id\",\"note\"],\"idempotencyKey\":\"%s\",\"onConflict\":{\"do\":\"update\",\"set\":[\"note\"],"
            + target
            + "}}";
    function.invoke(upsert.formatted(1, "first", "k1"));
    String reply = function.invoke(upsert.formatted(2, "second", "k2"));
    assertEquals("[{\"id\":1,\"note\":\"second\"}]", at(reply, "rows"));
    assertEquals("true", at(function.invoke(upsert.formatted(2, "second", "k2")), "replayed"));
    JsonObject other =
        problem(
            RequestRejected.class,
            () ->
                function.invoke(
                    upsert
                        .formatted(3, "x", "k3")
                        .replace("\"columns\":[\"kind\"", "\"columns\":[\"note\"")));
    assertEquals("42P10", at(other, "sqlstate"));
  }

  @Test
  void anUpsertMayNameAnIndexOfDocumentsWithAMember() {
    String where = "\"where\":{\"doc\":{\"has\":\"k?\"}}";
    function.invoke(
        PET.formatted(
            ",\"wait\":true,\"indexes\":[{\"name\":\"u\",\"columns\":[\"kind\"],\"unique\":true,"
                + where
                + "}]"));
    String upsert =
        "{\"action\":\"insert\",\"table\":\"pet\",\"rows\":[{\"id\":%d,\"kind\":\"a\",\"doc\":{\"k?\":1}}],"
            + "\"onConflict\":{\"columns\":[\"kind\"],\"do\":\"nothing\","
            + where
            + "}}";
    assertEquals("1", at(function.invoke(upsert.formatted(1)), "counts/written"));
    assertEquals("1", at(function.invoke(upsert.formatted(2)), "counts/skipped"));
  }

  @Test
  void aViolatedConstraintIsNamedAtItsRow() {
    function.invoke(
        PET.formatted(
            ",\"foreignKeys\":[{\"name\":\"of_owner\",\"columns\":[\"owner\"],\"table\":\"owner\"}],"
                + "\"checks\":[{\"name\":\"heavy\",\"where\":{\"weight\":{\"gt\":1}}}]"));
    JsonObject foreign = rejected("{\"id\":1,\"owner\":7}");
    assertEquals("foreign_key_violation 23503", told(foreign));
    assertTrue(at(foreign, "detail").contains("of_owner"), foreign.toString());
    assertEquals("/rows/0/owner", at(foreign, "errors/0/pointer"));
    JsonObject check = rejected("{\"id\":1,\"weight\":1}");
    assertEquals("check_violation 23514", told(check));
    assertTrue(at(check, "detail").contains("heavy"), check.toString());
    assertEquals("/rows/0", at(check, "errors/0/pointer"));
    JsonObject several = rejected("{\"id\":1,\"owner\":7},{\"id\":2,\"owner\":8}");
    assertEquals("foreign_key_violation 23503", told(several));
    assertEquals(List.of(), List.copyOf(several.has("errors") ? several.keySet() : List.of()));
  }

  private JsonObject rejected(String rows) {
    return problem(
        RequestRejected.class,
        () -> function.invoke("{\"action\":\"insert\",\"table\":\"pet\",\"rows\":[" + rows + "]}"));
  }

  private static String told(JsonObject problem) {
    return object(problem.toString()).get("code").getAsString() + " " + at(problem, "sqlstate");
  }
}
