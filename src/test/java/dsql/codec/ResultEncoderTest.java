package dsql.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dsql.action.ActionName;
import dsql.action.ColumnType;
import dsql.action.Fault;
import dsql.action.Identifier;
import dsql.action.Problem;
import dsql.action.Problem.Code;
import dsql.action.Result;
import dsql.action.Result.Chunk;
import dsql.action.Result.ChunkOutcome;
import dsql.action.Result.ColumnHead;
import dsql.action.Result.Step;
import dsql.action.Result.StepOutcome;
import dsql.action.Result.Truncation;
import dsql.action.Rows;
import dsql.json.LowerCase;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The exact text of every reply.
@Tag("unit")
class ResultEncoderTest {

  private static final Identifier OWNER = new Identifier("owner");

  @Test
  void encodesACreatedTableWithItsSteps() {
    Result created =
        new Result.Created(
            OWNER,
            true,
            List.of(
                new Step(
                    "CREATE TABLE \"a\"",
                    StepOutcome.COMMITTED,
                    Optional.empty(),
                    Optional.empty()),
                new Step(
                    "CREATE INDEX ASYNC",
                    StepOutcome.BUILDING,
                    Optional.of("job1"),
                    Optional.empty())));
    assertEncoded(
        """
        {"action":"create","table":"owner","outcome":"created",\
        "steps":[{"statement":"CREATE TABLE \\"a\\"","outcome":"committed"},\
        {"statement":"CREATE INDEX ASYNC","outcome":"building","jobId":"job1"}]}\
        """,
        created);
  }

  @Test
  void encodesAnUnchangedTable() {
    assertEncoded(
        "{\"action\":\"create\",\"table\":\"owner\",\"outcome\":\"unchanged\",\"steps\":[]}",
        new Result.Created(OWNER, false, List.of()));
  }

  @Test
  void encodesAnInsertWithItsReturnedRows() {
    assertEncoded(
        """
        {"action":"insert","table":"owner","outcome":"committed","replayed":false,"attempts":1,\
        "counts":{"received":2,"written":1,"skipped":1},"rows":[{"id":"0b7e"},null]}\
        """,
        new Result.Inserted(
            OWNER, false, 1, 0, 2, 2, 1, rows("[{\"id\":\"0b7e\"},null]", 2), List.of()));
  }

  @Test
  void encodesAnInsertThatReturnsNoRows() {
    assertEncoded(
        """
        {"action":"insert","table":"owner","outcome":"committed","replayed":false,"attempts":3,\
        "waitedMillis":812,\
        "counts":{"received":1,"written":1,"skipped":0}}\
        """,
        new Result.Inserted(OWNER, false, 3, 812, 1, 1, 1, Optional.empty(), List.of()));
  }

  @Test
  void encodesAPartialInsertWithItsChunks() {
    assertEncoded(
        """
        {"action":"insert","table":"owner","outcome":"partial","replayed":false,"attempts":2,\
        "waitedMillis":31,\
        "counts":{"received":5,"written":2,"skipped":1},"chunks":[\
        {"rows":[0,2],"outcome":"committed"},\
        {"rows":[3,4],"outcome":"not_committed","code":"unique_violation","sqlstate":"23505",\
        "detail":"Taken."}]}\
        """,
        new Result.Inserted(
            OWNER,
            false,
            2,
            31,
            5,
            3,
            2,
            Optional.empty(),
            List.of(
                new Chunk(0, 2, ChunkOutcome.COMMITTED, Optional.empty()),
                new Chunk(
                    3,
                    4,
                    ChunkOutcome.NOT_COMMITTED,
                    Optional.of(
                        Problem.of(Code.UNIQUE_VIOLATION, "Taken.")
                            .withSqlState(Optional.of("23505")))))));
  }

  @Test
  void encodesAPageOfAQuery() throws ColumnType.Refused {
    Result queried =
        new Result.Queried(
            new Identifier("o\"w"),
            List.of(
                new ColumnHead("id", ColumnType.forNewColumn("uuid")),
                new ColumnHead("name", ColumnType.forNewColumn("character varying(30)"))),
            rows("[{\"id\":\"0b7e\",\"name\":\"Zoë\"}]", 1).orElseThrow(),
            false,
            Optional.empty(),
            Optional.empty(),
            OptionalLong.empty());
    assertEncoded(
        """
        {"action":"query","table":"o\\"w","columns":[{"name":"id","type":"uuid"},\
        {"name":"name","type":"varchar(30)"}],"rows":[{"id":"0b7e","name":"Zoë"}],\
        "page":{"count":1,"hasMore":false,"nextCursor":null,"truncatedBy":null}}\
        """,
        queried);
  }

  @Test
  void encodesAPageThatTheSizeLimitCutShort() {
    assertEncoded(
        """
        {"action":"query","table":"owner","columns":[],"rows":[],\
        "page":{"count":0,"hasMore":true,"nextCursor":"c","truncatedBy":"bytes"}}\
        """,
        new Result.Queried(
            OWNER,
            List.of(),
            rows("[]", 0).orElseThrow(),
            true,
            Optional.of("c"),
            Optional.of(Truncation.BYTES),
            OptionalLong.empty()));
  }

  @Test
  void encodesATick() {
    assertEncoded(
        """
        {"action":"tick","outcome":"alive",\
        "pool":{"total":2,"idle":1,"opened":5,"closed":3},"ledger":{"pruned":7}}\
        """,
        new Result.Ticked(2, 1, 5, 3, 7, false));
    assertEncoded(
        """
        {"action":"tick","outcome":"alive",\
        "pool":{"total":1,"idle":1,"opened":1,"closed":0},"ledger":{"pruned":500,"more":true}}\
        """,
        new Result.Ticked(1, 1, 1, 0, 500, true));
  }

  @Test
  void encodesAProblemWithEveryField() {
    Problem problem =
        new Problem(
            Code.SCHEMA_MISMATCH,
            "It \"differs\".",
            Optional.of("42P07"),
            List.of(new Fault("/rows/17/total", Fault.Code.INVALID_VALUE, "not a number")),
            List.of("column a: missing", "column b: missing"),
            true,
            Problem.Outcome.PARTIAL);
    assertEquals(
        """
        {"type":"urn:dsql:problem:schema_mismatch","title":"Table differs","status":409,\
        "detail":"It \\"differs\\".","code":"schema_mismatch","sqlstate":"42P07",\
        "action":"create","outcome":"partial","retryable":true,"attempts":4,\
        "requestId":"r-1","errors":[{"pointer":"/rows/17/total","code":"invalid_value","detail":"not a number"}],\
        "differences":["column a: missing","column b: missing"]}\
        """,
        encoded(problem, ActionName.CREATE, 4));
  }

  @Test
  void encodesAProblemWithRequiredFieldsOnly() {
    assertEquals(
        """
        {"type":"urn:dsql:problem:conflict_exhausted","title":"Transaction conflict","status":503,\
        "detail":"Gave up.","code":"conflict_exhausted","outcome":"not_committed",\
        "retryable":true,"requestId":"r-1"}\
        """,
        encoded(Problem.of(Code.CONFLICT_EXHAUSTED, "Gave up."), null, 0));
  }

  /// Every code of the contract, its status, the class that Lambda reports, and whether to retry.
  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          malformed_json,400,REJECTED,false
          unknown_event,400,REJECTED,false
          invalid_request,400,REJECTED,false
          cursor_mismatch,400,REJECTED,false
          action_not_allowed,403,REJECTED,false
          permission_denied,403,REJECTED,false
          table_not_found,404,REJECTED,false
          method_not_allowed,405,REJECTED,false
          request_too_large,413,REJECTED,false
          row_too_large,413,REJECTED,false
          unsupported_media_type,415,REJECTED,false
          unique_violation,409,REJECTED,false
          foreign_key_violation,409,REJECTED,false
          already_exists,409,REJECTED,false
          schema_mismatch,409,REJECTED,false
          check_violation,422,REJECTED,false
          not_null_violation,422,REJECTED,false
          invalid_value,422,REJECTED,false
          transaction_too_large,422,REJECTED,false
          idempotency_key_reused,422,REJECTED,false
          too_many_connections,429,UNAVAILABLE,true
          connection_rate_exceeded,429,UNAVAILABLE,true
          internal,500,UNAVAILABLE,false
          conflict_exhausted,503,CONFLICT,true
          database_unavailable,503,UNAVAILABLE,true
          access_denied,503,UNAVAILABLE,false
          certificate_untrusted,503,UNAVAILABLE,false
          outcome_unknown,503,OUTCOME_UNKNOWN,false
          deadline_exceeded,504,UNAVAILABLE,true
          """)
  void eachCodeHasItsStatusCategoryAndRetryability(
      String word, int status, Problem.Category category, boolean retryable) {
    Code code = Code.valueOf(word.toUpperCase(Locale.ROOT));
    assertEquals(word, LowerCase.of(code));
    assertEquals(status, code.status());
    assertEquals(category, code.category());
    assertEquals(retryable, code.retryable());
    assertEquals(word.equals("outcome_unknown"), code.outcome() == Problem.Outcome.UNKNOWN);
  }

  @Test
  void everyCodeIsListedAbove() {
    assertEquals(29, Code.values().length);
  }

  private static Optional<Rows> rows(String json, int count) {
    return Optional.of(new Rows(json.getBytes(StandardCharsets.UTF_8), count));
  }

  private static void assertEncoded(String expected, Result result) {
    assertEquals(expected, new String(ResultEncoder.encode(result), StandardCharsets.UTF_8));
  }

  private static String encoded(Problem problem, @Nullable ActionName action, int attempts) {
    return new String(
        ResultEncoder.encode(problem, action, attempts, "r-1"), StandardCharsets.UTF_8);
  }
}
