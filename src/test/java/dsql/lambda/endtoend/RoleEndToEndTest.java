package dsql.lambda.endtoend;

import static dsql.JsonAssert.at;
import static dsql.JsonAssert.problem;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import dsql.SharedDsql;
import dsql.lambda.LocalFunction;
import dsql.lambda.RequestRejected;
import dsql.local.LocalDsql;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// A user that is not admin: another token, another schema, fewer rights.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class RoleEndToEndTest {

  private static final String TABLE =
      "\"table\":\"confined\",\"columns\":[{\"name\":\"a\",\"type\":\"text\"}]}";

  @Test
  void aRoleWorksInItsSchemaAndNowhereElse(LocalDsql dsql) {
    dsql.createRole("confined", "confined_schema");
    Map<String, String> own =
        Map.of("CLUSTER_USER", "confined", "CLUSTER_SCHEMA", "confined_schema");
    Map<String, String> others = Map.of("CLUSTER_USER", "confined", "CLUSTER_SCHEMA", "public");
    try (LocalFunction inside = new LocalFunction(dsql, own);
        LocalFunction outside = new LocalFunction(dsql, others);
        LocalFunction admin = new LocalFunction(dsql, Map.of())) {
      assertEquals("created", at(inside.invoke("{\"action\":\"create\"," + TABLE), "outcome"));
      inside.invoke("{\"action\":\"insert\",\"table\":\"confined\",\"rows\":[{\"a\":\"x\"}]}");

      assertEquals("created", at(admin.invoke("{\"action\":\"create\"," + TABLE), "outcome"));
      JsonObject problem =
          problem(
              RequestRejected.class,
              () -> outside.invoke("{\"action\":\"query\",\"table\":\"confined\"}"));
      assertEquals("permission_denied 403", at(problem, "code") + " " + at(problem, "status"));
      assertEquals("42501", at(problem, "sqlstate"));
    }
  }
}
