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

/// The configuration in the environment's variables.
///
/// @param connectTimeout limits opening a connection, from the look-up of the name to the login
/// @param retryMaxAttempts limit on the attempts at one transaction
/// @param ledgerTtl how long an idempotency key is kept
/// @param actions the actions that each door may run
/// @param scheduledAction the action of scheduled events that carry none; if it is an insert, the
///   event's id is its key
/// @param functionName `local` outside of Lambda
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

  /// The cluster, and the user and schema by which the function uses it.
  ///
  /// @param host of the cluster's endpoint, without the port
  /// @param user `admin` or a database role
  /// @param schema the schema of all tables
  record Cluster(String host, int port, String user, Identifier schema, Region region) {

    /// The user who needs a DbConnectAdmin token.
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
