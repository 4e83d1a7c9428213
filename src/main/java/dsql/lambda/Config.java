package dsql.lambda;

import com.amazonaws.services.lambda.runtime.logging.LogLevel;
import dsql.action.ActionName;
import dsql.action.Identifier;
import dsql.json.Json;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import software.amazon.awssdk.regions.Region;

/// What the environment's variables say.
///
/// @param host of the cluster's endpoint, without the port
/// @param user `admin` or a role
/// @param schema of every table
/// @param poolMax connections at most
/// @param poolMaxLifetime age at which a connection is not used again, less a jitter
/// @param poolMaxIdle idle time after which a connection is validated
/// @param connectTimeout from the look-up of the name to the end of the log-in
/// @param retryMaxAttempts attempts at one transaction
/// @param ledgerTtl how long an idempotency key is kept
/// @param actions what each door may do
/// @param scheduledAction what a schedule without an action of its own runs, each event's id being
///   the key of an insert
/// @param functionName the function's own, `local` outside of Lambda
/// @param logLevel Lambda's application log level; lines below it are not written
record Config(
    String host,
    int port,
    String user,
    Identifier schema,
    Region region,
    int poolMax,
    Duration poolMaxLifetime,
    Duration poolMaxIdle,
    Duration connectTimeout,
    int retryMaxAttempts,
    Duration ledgerTtl,
    Map<Door, Set<ActionName>> actions,
    Optional<Json> scheduledAction,
    String functionName,
    LogLevel logLevel) {

  /// The user whose token is a DbConnectAdmin one.
  static final String ADMIN = "admin";

  Config {
    actions = Map.copyOf(actions);
  }

  /// Reads the variables; an empty one counts as absent.
  ///
  /// @throws InvalidConfiguration with every fault
  static Config from(Map<String, String> environment) {
    return new ConfigReader(environment).read();
  }

  /// The same, but keys are kept for so long: tests cannot wait for what the variable allows.
  Config keepingKeysFor(Duration ttl) {
    return new Config(
        host,
        port,
        user,
        schema,
        region,
        poolMax,
        poolMaxLifetime,
        poolMaxIdle,
        connectTimeout,
        retryMaxAttempts,
        ttl,
        actions,
        scheduledAction,
        functionName,
        logLevel);
  }

  boolean isAdmin() {
    return user.equals(ADMIN);
  }
}
