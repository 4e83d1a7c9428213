package dsql.lambda;

import com.amazonaws.services.lambda.runtime.logging.LogLevel;
import dsql.action.ActionName;
import dsql.action.Identifier;
import dsql.db.pool.ConnectionPool;
import dsql.json.Json;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import software.amazon.awssdk.regions.Region;

/// What the environment's variables say.
///
/// @param connectTimeout limits a connection's start, from the look-up of the name to the log-in
/// @param retryMaxAttempts limits the attempts at one transaction
/// @param ledgerTtl how long an idempotency key is kept
/// @param actions what each door may do
/// @param scheduledAction what a schedule without an action of its own runs; each event's id is the
///   key of an insert
/// @param functionName the function's own, `local` outside of Lambda
/// @param logLevel Lambda's application log level; lines below it are not written
record Config(
    Cluster cluster,
    ConnectionPool.Limits pool,
    Duration connectTimeout,
    int retryMaxAttempts,
    Duration ledgerTtl,
    Map<Door, Set<ActionName>> actions,
    Optional<Json> scheduledAction,
    String functionName,
    LogLevel logLevel) {

  /// The cluster, and as whom the function uses it.
  ///
  /// @param host of the cluster's endpoint, without the port
  /// @param user `admin` or a role
  /// @param schema of every table
  record Cluster(String host, int port, String user, Identifier schema, Region region) {

    /// The user whose token is a DbConnectAdmin one.
    static final String ADMIN = "admin";

    boolean isAdmin() {
      return user.equals(ADMIN);
    }
  }

  Config {
    actions = Map.copyOf(actions);
  }

  /// Reads the variables; an empty one counts as absent.
  ///
  /// @throws InvalidConfiguration with every fault
  static Config from(Map<String, String> environment) {
    return new ConfigReader(environment).read();
  }
}
