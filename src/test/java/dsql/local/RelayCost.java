package dsql.local;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Locale;

/// What the endpoint costs per round trip over PostgreSQL itself, as a table.
///
/// Interleaved, so that both see the same machine. TLS is part of the endpoint and of its cost.
public final class RelayCost {
  private static final int WARM_UP = 3000;
  private static final int ROUNDS = 5000;

  private RelayCost() {}

  /// One thing to time: a round trip on a connection.
  private interface Trip {
    void on(Connection connection) throws SQLException;
  }

  public static void main(String[] args) throws SQLException {
    try (LocalDsql dsql = LocalDsql.start();
        Connection through = Endpoints.connect(dsql);
        Connection direct = dsql.superuser().getConnection()) {
      try (Statement statement = through.createStatement()) {
        statement.execute("create table relay_cost (id int primary key, v int)");
        statement.execute("insert into relay_cost values (1, 0), (2, 0)");
      }
      System.out.printf("%-40s %10s %10s %10s%n", "median ms", "endpoint", "direct", "cost");
      report("autocommit SELECT", through, direct, RelayCost::select);
      report("autocommit UPDATE", through, direct, RelayCost::update);
      report("BEGIN, UPDATE, COMMIT (2 round trips)", through, direct, RelayCost::transaction);
    }
  }

  private static void report(String name, Connection through, Connection direct, Trip trip)
      throws SQLException {
    for (int i = 0; i < WARM_UP; i++) {
      trip.on(through);
      trip.on(direct);
    }
    long[] endpoint = new long[ROUNDS];
    long[] postgres = new long[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      endpoint[i] = time(trip, through);
      postgres[i] = time(trip, direct);
    }
    double with = median(endpoint);
    double without = median(postgres);
    System.out.printf(
        Locale.ROOT, "%-40s %10.3f %10.3f %10.3f%n", name, with, without, with - without);
  }

  private static long time(Trip trip, Connection connection) throws SQLException {
    long start = System.nanoTime();
    trip.on(connection);
    return System.nanoTime() - start;
  }

  private static double median(long[] nanos) {
    Arrays.sort(nanos);
    return nanos[nanos.length / 2] / 1e6;
  }

  private static void select(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("select v from public.relay_cost where id = ?")) {
      statement.setInt(1, 1);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
      }
    }
  }

  private static void update(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("update public.relay_cost set v = v + 1 where id = ?")) {
      statement.setInt(1, 1);
      statement.executeUpdate();
    }
  }

  private static void transaction(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    update(connection);
    connection.commit();
    connection.setAutoCommit(true);
  }
}
