package dsql.fleet;

import dsql.db.pool.ConnectionOpener;
import dsql.db.pool.Deadline;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/// What a fleet connects to, and the count of its attempts.
abstract class Cluster implements ConnectionOpener {

  final VirtualTime time;
  private final List<Integer> attemptsBySecond = new ArrayList<>();
  int attempts;
  int opened;
  int refusedByRate;
  int refusedByTotal;
  int failed;

  Cluster(VirtualTime time) {
    this.time = time;
  }

  @Override
  public final Connection open(Deadline deadline) throws SQLException {
    attempts++;
    int second = (int) time.seconds();
    while (attemptsBySecond.size() <= second) {
      attemptsBySecond.add(0);
    }
    attemptsBySecond.set(second, attemptsBySecond.get(second) + 1);
    Connection connection = connect(deadline);
    opened++;
    return connection;
  }

  /// Opens a connection, or counts why it does not.
  abstract Connection connect(Deadline deadline) throws SQLException;

  /// A write of a row that nobody else writes.
  abstract void write(Connection connection) throws SQLException;

  /// The connection attempts in each second.
  List<Integer> attemptsBySecond() {
    return attemptsBySecond;
  }
}
