package dsql.fleet;

import dsql.db.connect.DsqlConnectionOpener;
import dsql.db.fault.SqlFailure;
import dsql.db.pool.ConnectionOpener;
import dsql.db.pool.Deadline;
import dsql.local.LocalDsql;
import dsql.local.fault.ConnectionQuota;
import dsql.local.fault.Rejection;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.random.RandomGenerator;

/// The local endpoint in the place of the model: real connections, real refusals, and real
/// statements, which take the model's times.
final class EndpointCluster extends ModelCluster {

  private final LocalDsql dsql;
  private final ConnectionOpener opener;

  EndpointCluster(LocalDsql dsql, Rules rules, VirtualTime time, RandomGenerator random) {
    super(rules, time, random);
    this.dsql = dsql;
    this.opener =
        new DsqlConnectionOpener(
            dsql.host(), dsql.port(), "admin", Duration.ofSeconds(5), _ -> dsql.token("admin"));
    dsql.faults()
        .limitConnections(
            new ConnectionQuota(time, rules.perSecond(), rules.burst(), rules.total()));
  }

  @Override
  void asleepFor(Duration wakeUp) {
    dsql.faults().refuseConnections(1_000_000, Rejection.WAKING_UP);
    time.in(wakeUp, () -> dsql.faults().acceptConnections());
  }

  @Override
  Connection grant(Deadline deadline) throws SQLException {
    try {
      return opener.open(deadline);
    } catch (SQLException e) {
      switch (SqlFailure.of(e)) {
        case CONNECTION_RATE_EXCEEDED -> refusedByRate++;
        case TOO_MANY_CONNECTIONS -> refusedByTotal++;
        default -> failed++;
      }
      throw e;
    }
  }

  @Override
  void write(Connection connection) throws SQLException {
    super.write(connection);
    try (Statement statement = connection.createStatement()) {
      statement.execute("SELECT 1");
    }
  }
}
