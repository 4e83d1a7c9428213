package dsql.lambda.endtoend;

import static dsql.JsonAssert.at;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.SharedDsql;
import dsql.lambda.LocalFunction;
import dsql.local.LocalDsql;
import dsql.local.auth.Login;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Eight workers through one handler over one pool, as admin and as a role.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class ConcurrencyTest {

  private static final int WORKERS = 8;
  private static final int ROUNDS = 25;

  private final LocalDsql dsql;

  ConcurrencyTest(LocalDsql dsql) {
    this.dsql = dsql;
  }

  @Test
  void eightWorkersAsAdminInsertEveryRowOnce() throws Exception {
    exercise("admin", Map.of("AWS_LAMBDA_MAX_CONCURRENCY", "8"), WORKERS);
  }

  @Test
  void eightWorkersAsARoleInItsOwnSchemaShareThreeConnections() throws Exception {
    dsql.createRole("worker", "myschema");
    exercise("worker", Map.of("CLUSTER_USER", "worker", "POOL_MAX", "3"), 3);
  }

  private void exercise(String user, Map<String, String> environment, int connections)
      throws Exception {
    int before = dsql.logins().size();
    try (LocalFunction function = new LocalFunction(dsql, environment);
        ExecutorService threads = Executors.newFixedThreadPool(WORKERS)) {
      function.invoke(
          """
          {"action":"create","table":"worker","primaryKey":["id"],"columns":[
           {"name":"id","type":"integer"},{"name":"name","type":"text"}]}\
          """);
      CyclicBarrier together = new CyclicBarrier(WORKERS);
      List<Future<?>> workers = new ArrayList<>();
      for (int id = 0; id < WORKERS; id++) {
        int mine = id;
        workers.add(
            threads.submit(() -> {
              together.await();
              selectsItsId(function, mine);
              return mine;
            }));
      }
      for (Future<?> worker : workers) {
        worker.get();
      }
      String pool =
          at(
              function.invoke(
                  "{\"detail-type\":\"Scheduled Event\",\"source\":\"aws.events\",\"detail\":{}}"),
              "pool");
      int total = Integer.parseInt(at(pool, "total"));
      assertTrue(total <= connections, pool);
      assertEquals(Integer.toString(total), at(pool, "idle"));
      assertEquals("0", at(pool, "closed"));
    }
    List<Login> logins = dsql.logins().subList(before, dsql.logins().size());
    assertTrue(logins.size() <= connections, logins::toString);
    for (Login login : logins) {
      assertEquals(user, login.user());
      assertTrue(login.accepted(), login::toString);
      assertTrue(login.directTls(), login::toString);
      assertEquals("dsql-lambda", login.applicationName());
    }
    assertEquals(0, dsql.openSessions());
  }

  private static void selectsItsId(LocalFunction function, int id) {
    function.invoke(
        "{\"action\":\"insert\",\"table\":\"worker\",\"rows\":[{\"id\":%d,\"name\":\"worker %d\"}]}"
            .formatted(id, id));
    Set<String> seen = new HashSet<>();
    for (int round = 0; round < ROUNDS; round++) {
      seen.add(
          at(
              function.invoke(
                  "{\"action\":\"query\",\"table\":\"worker\",\"where\":{\"id\":%d}}"
                      .formatted(id)),
              "rows"));
    }
    assertEquals(Set.of("[{\"id\":%d,\"name\":\"worker %d\"}]".formatted(id, id)), seen);
  }
}
