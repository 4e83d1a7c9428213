package dsql.lambda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import dsql.action.Failure;
import dsql.action.Fault;
import dsql.action.InvalidRequest;
import dsql.action.Problem;
import dsql.action.Problem.Category;
import dsql.action.Problem.Code;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("unit")
class ProblemsTest {

  private static final Fault FAULT = new Fault("/limit", Fault.Code.INVALID_VALUE, "1 to 10000");

  @Test
  void aFailureHasItsProblem() {
    Problem problem = Problem.of(Code.UNIQUE_VIOLATION, "taken");
    assertSame(problem, Problems.of(new Failure(problem)));
    assertSame(problem, Problems.of(new Failure(problem, new SQLException("secret"))));
  }

  @Test
  void anInvalidRequestListsItsFaults() {
    Problem one = Problems.of(new InvalidRequest(List.of(FAULT)));
    assertEquals(Code.INVALID_REQUEST, one.code());
    assertEquals("The request has a fault; nothing was done. /limit: 1 to 10000", one.detail());
    Problem two =
        Problems.of(
            new InvalidRequest(List.of(FAULT, new Fault("/x", Fault.Code.UNKNOWN_FIELD, "no"))));
    assertEquals("The request has 2 faults; nothing was done. /limit: 1 to 10000", two.detail());
    assertEquals(2, two.errors().size());
  }

  @Test
  void anythingElseTellsNothing() {
    Problem problem =
        Problems.of(new IllegalStateException("host.example secret", new SQLException("SELECT")));
    assertEquals(
        Problem.of(Code.INTERNAL, "Internal error; see the function's log for this requestId."),
        problem);
    assertFalse(problem.detail().contains("secret"));
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          REJECTED,dsql.lambda.RequestRejected
          CONFLICT,dsql.lambda.Conflict
          UNAVAILABLE,dsql.lambda.Unavailable
          OUTCOME_UNKNOWN,dsql.lambda.OutcomeUnknown
          """)
  void eachCategoryIsAClassThatTellsTheProblemOnly(Category category, String name) {
    FunctionError error = FunctionError.of(category, "{\"code\":\"x\"}");
    assertEquals(name, error.getClass().getName());
    assertEquals("{\"code\":\"x\"}", error.getMessage());
    assertNull(error.getCause());
    assertEquals(0, error.getStackTrace().length);
    assertInstanceOf(RuntimeException.class, error);
  }
}
