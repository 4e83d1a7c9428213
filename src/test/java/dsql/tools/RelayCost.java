package dsql.tools;

import dsql.local.Endpoints;
import dsql.local.LocalDsql;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What the endpoint costs per round trip over PostgreSQL itself.
///
/// Interleaved, so that both see the same machine. TLS is part of the endpoint and of its cost.
public final class RelayCost {
  private RelayCost() {}

  /// Milliseconds of one kind of round trip, in the median.
  public record Cost(String what, double endpoint, double direct) {}

  /// One thing to time: a round trip on a connection.
  private interface Trip {
    void on(Connection connection) throws SQLException;
  }

  /// Measures all kinds, against an endpoint of its own.
  ///
  /// @param warmUp round trips before anything counts
  /// @param rounds those that count
  public static List<Cost> measure(int warmUp, int rounds) throws SQLException {
    try (LocalDsql dsql = LocalDsql.start();
        Connection through = Endpoints.connect(dsql);
        Connection direct = dsql.superuser().getConnection()) {
      try (Statement statement = through.createStatement()) {
        statement.execute("create table relay_cost (id int primary key, v int)");
        statement.execute("insert into relay_cost values (1, 0), (2, 0)");
      }
      Map<String, Trip> trips = new LinkedHashMap<>();
      trips.put("SELECT", RelayCost::select);
      trips.put("UPDATE", RelayCost::update);
      trips.put("BEGIN, UPDATE, COMMIT (2 round trips)", RelayCost::transaction);
      List<Cost> costs = new ArrayList<>();
      for (Map.Entry<String, Trip> trip : trips.entrySet()) {
        costs.add(cost(trip.getKey(), through, direct, trip.getValue(), warmUp, rounds));
      }
      return costs;
    }
  }

  private static Cost cost(
      String what, Connection through, Connection direct, Trip trip, int warmUp, int rounds)
      throws SQLException {
    for (int i = 0; i < warmUp; i++) {
      trip.on(through);
      trip.on(direct);
    }
    long[] endpoint = new long[rounds];
    long[] postgres = new long[rounds];
    for (int i = 0; i < rounds; i++) {
      endpoint[i] = time(trip, through);
      postgres[i] = time(trip, direct);
    }
    return new Cost(what, median(endpoint), median(postgres));
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
