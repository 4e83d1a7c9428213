package dsql.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Under real concurrency nothing is lost, nothing doubled, and somebody always gets through.
@Tag("endToEnd")
class ContentionTest {
  private static final int WORKERS = 6;
  private static final int ROUNDS = 25;
  private static final int ACCOUNTS = 4;

  private final LocalDsql dsql = Endpoints.shared();

  @Test
  void incrementsAreNeverLost() throws Exception {
    prepare();
    int committed =
        concurrently(connection -> {
          try (PreparedStatement update =
              connection.prepareStatement("update contention set v = v + 1 where id = 1")) {
            assertEquals(1, update.executeUpdate());
          }
        });
    assertTrue(committed >= ROUNDS, () -> "only " + committed + " got through");
    assertEquals(committed, sum());
  }

  @Test
  void transfersKeepTheSum() throws Exception {
    prepare();
    int committed =
        concurrently(connection -> {
          int from = ThreadLocalRandom.current().nextInt(ACCOUNTS);
          int to = (from + 1 + ThreadLocalRandom.current().nextInt(ACCOUNTS - 1)) % ACCOUNTS;
          try (Statement statement = connection.createStatement()) {
            statement.execute("select v from contention where id = " + from + " for update");
            assertEquals(
                1, statement.executeUpdate("update contention set v = v - 5 where id = " + from));
            assertEquals(
                1, statement.executeUpdate("update contention set v = v + 5 where id = " + to));
          }
        });
    assertTrue(committed >= ROUNDS, () -> "only " + committed + " got through");
    assertEquals(0, sum());
  }

  @Test
  void generatedValuesAreThoseTheClientSaw() throws Exception {
    try (Connection connection = Endpoints.connect(dsql);
        Statement statement = connection.createStatement()) {
      statement.execute("drop table if exists contention_ids");
      statement.execute(
          "create table contention_ids (id uuid primary key default gen_random_uuid(), n int unique)");
      try (Connection rival = Endpoints.connect(dsql);
          Statement other = rival.createStatement()) {
        connection.setAutoCommit(false);
        rival.setAutoCommit(false);
        statement.execute("insert into contention_ids (n) values (1)");
        String seen;
        try (ResultSet row =
            other.executeQuery("insert into contention_ids (n) values (1) returning id")) {
          row.next();
          seen = row.getString(1);
        }
        boolean committed = commits(rival);
        connection.rollback();
        rival.rollback();
        connection.setAutoCommit(true);
        try (ResultSet row = statement.executeQuery("select id from contention_ids")) {
          assertEquals(committed, row.next());
          if (committed) {
            assertEquals(seen, row.getString(1));
          }
        }
      }
    }
  }

  @Test
  void ofSendersOfOneKeyExactlyOneGetsThrough() throws Exception {
    try (Connection connection = Endpoints.connect(dsql);
        Statement statement = connection.createStatement()) {
      statement.execute("drop table if exists contention_ledger");
      statement.execute("drop table if exists contention_rows");
      statement.execute("create table contention_ledger (k int primary key)");
      statement.execute(
          "create table contention_rows (id uuid primary key default gen_random_uuid(), k int)");
      CyclicBarrier start = new CyclicBarrier(WORKERS);
      try (ExecutorService pool = Executors.newFixedThreadPool(WORKERS)) {
        List<Future<Integer>> results = new ArrayList<>();
        for (int i = 0; i < WORKERS; i++) {
          Callable<Integer> sender = () -> send(start);
          results.add(pool.submit(sender));
        }
        int committed = 0;
        for (Future<Integer> result : results) {
          committed += result.get();
        }
        assertEquals(ROUNDS, committed);
      }
      try (ResultSet row =
          statement.executeQuery("select count(*), count(distinct k) from contention_rows")) {
        row.next();
        assertEquals(ROUNDS, row.getInt(1));
        assertEquals(ROUNDS, row.getInt(2));
      }
    }
  }

  // Round by round: the same key as all the others, and a row with a generated id.
  private int send(CyclicBarrier start) throws Exception {
    int committed = 0;
    try (Connection connection =
            Endpoints.connect(dsql, "admin", dsql.token("admin"), "direct", "socketTimeout", "10");
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      for (int round = 0; round < ROUNDS; round++) {
        start.await();
        try {
          statement.execute("insert into contention_ledger values (" + round + ")");
          statement.execute("insert into contention_rows (k) values (" + round + ") returning id");
          committed += commits(connection) ? 1 : 0;
        } catch (SQLException e) {
          assertEquals("23505", e.getSQLState(), e.getMessage());
        }
        connection.rollback();
      }
    }
    return committed;
  }

  private interface Work {
    void in(Connection connection) throws SQLException;
  }

  // Each worker tries its rounds; a conflict counts as not committed.
  private int concurrently(Work work) throws InterruptedException, ExecutionException {
    try (ExecutorService pool = Executors.newFixedThreadPool(WORKERS)) {
      List<Future<Integer>> results = new ArrayList<>();
      for (int i = 0; i < WORKERS; i++) {
        Callable<Integer> worker = () -> rounds(work);
        results.add(pool.submit(worker));
      }
      int committed = 0;
      for (Future<Integer> result : results) {
        committed += result.get();
      }
      return committed;
    }
  }

  private int rounds(Work work) throws SQLException {
    int committed = 0;
    try (Connection connection =
        Endpoints.connect(dsql, "admin", dsql.token("admin"), "direct", "socketTimeout", "10")) {
      connection.setAutoCommit(false);
      for (int i = 0; i < ROUNDS; i++) {
        work.in(connection);
        if (commits(connection)) {
          committed++;
        } else {
          connection.rollback();
        }
      }
    }
    return committed;
  }

  private static boolean commits(Connection connection) throws SQLException {
    try {
      connection.commit();
      return true;
    } catch (SQLException e) {
      assertEquals("40001", e.getSQLState(), e.getMessage());
      return false;
    }
  }

  private void prepare() throws SQLException {
    try (Connection connection = Endpoints.connect(dsql);
        Statement statement = connection.createStatement()) {
      statement.execute("drop table if exists contention");
      statement.execute("create table contention (id int primary key, v int not null)");
      statement.execute("insert into contention select g, 0 from generate_series(0, 3) g");
    }
  }

  private int sum() throws SQLException {
    try (Connection connection = Endpoints.connect(dsql);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select sum(v) from contention")) {
      row.next();
      return row.getInt(1);
    }
  }
}
