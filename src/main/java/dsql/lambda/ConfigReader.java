package dsql.lambda;

import com.amazonaws.services.lambda.runtime.logging.LogLevel;
import dsql.action.ActionName;
import dsql.action.Faults;
import dsql.action.IdempotencyKey;
import dsql.action.Identifier;
import dsql.action.InvalidRequest;
import dsql.codec.RequestDecoder;
import dsql.codec.RequestText;
import dsql.db.pool.ConnectionPool;
import dsql.json.Json;
import dsql.json.JsonText;
import dsql.lambda.Config.Cluster;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import software.amazon.awssdk.regions.Region;

/// Reads a configuration and collects its faults. Confined to one thread.

final class ConfigReader {

  private static final Pattern ENDPOINT = Pattern.compile("([A-Za-z0-9.-]+)(?::(\\d{1,5}))?");

  /// The label before `on.aws` is the region. The labels before it vary: a PrivateLink host has
  /// none that is just `dsql`.
  private static final Pattern PUBLIC_HOST = Pattern.compile(".+\\.([a-z0-9-]+)\\.on\\.aws");

  private static final Pattern REGION = Pattern.compile("[a-z]{2,}(-[a-z0-9]+)+");

  /// The server cuts a connection at 60 minutes; a connection lent just before its lifetime ends
  /// must still last for an invocation.
  private static final Duration MAX_LIFETIME = Duration.ofMinutes(55);

  /// A key must be kept for as long as anybody may send its request again.
  private static final Duration MIN_LEDGER_TTL = Duration.ofHours(1);

  private static final Duration MAX_LEDGER_TTL = Duration.ofDays(365);

  private static final int POSTGRESQL_PORT = 5432;

  private final Map<String, String> environment;
  private final List<String> faults = new ArrayList<>();

  ConfigReader(Map<String, String> environment) {
    this.environment = environment;
  }

  Config read() {
    Optional<Matcher> endpoint = endpoint();
    String host = endpoint.isPresent() ? endpoint.get().group(1) : "";
    int port = endpoint.isPresent() ? port(endpoint.get()) : POSTGRESQL_PORT;
    String user = required("CLUSTER_USER");
    Identifier schema = schema(user);
    Region region = region(host);
    Optional<Integer> poolMax = integer("POOL_MAX", 1000);
    if (poolMax.isEmpty()) {
      poolMax = integer("AWS_LAMBDA_MAX_CONCURRENCY", Integer.MAX_VALUE);
    }
    Duration lifetime = duration("POOL_MAX_LIFETIME", Duration.ofMinutes(50));
    if (lifetime.compareTo(MAX_LIFETIME) > 0) {
      fault("POOL_MAX_LIFETIME", "at most PT55M: the server cuts a connection at PT60M");
    }
    Duration maxIdle = duration("POOL_MAX_IDLE", Duration.ofSeconds(10));
    Duration connectTimeout = duration("CONNECT_TIMEOUT", Duration.ofSeconds(5));
    int attempts = integer("RETRY_MAX_ATTEMPTS", 100).orElse(5);
    Duration ledgerTtl = duration("LEDGER_TTL", Duration.ofDays(7));
    if (ledgerTtl.compareTo(MIN_LEDGER_TTL) < 0 || ledgerTtl.compareTo(MAX_LEDGER_TTL) > 0) {
      fault("LEDGER_TTL", "from PT1H to PT8760H");
    }
    Map<Door, Set<ActionName>> actions = new EnumMap<>(Door.class);
    for (Door door : Door.values()) {
      actions.put(door, actions(door.actionsVariable()));
    }
    Optional<Json> scheduled = scheduledAction();
    LogLevel logLevel = logLevel();
    if (!faults.isEmpty()) {
      throw new InvalidConfiguration(faults);
    }
    return new Config(
        new Cluster(host, port, user, schema, region),
        new ConnectionPool.Limits(poolMax.orElse(1), lifetime, maxIdle),
        connectTimeout,
        attempts,
        ledgerTtl,
        actions,
        scheduled,
        get("AWS_LAMBDA_FUNCTION_NAME").orElse("local"),
        logLevel);
  }

  private Optional<String> get(String name) {
    String value = environment.get(name);
    return value == null || value.isBlank() ? Optional.empty() : Optional.of(value);
  }

  private String required(String name) {
    Optional<String> value = get(name);
    if (value.isEmpty()) {
      faults.add(name + " is not set");
    }
    return value.orElse("");
  }

  private void fault(String name, String expected) {
    faults.add(name + " is " + expected + ", not '" + get(name).orElse("") + "'");
  }

  private Optional<Matcher> endpoint() {
    String text = required("CLUSTER_ENDPOINT");
    Matcher matcher = ENDPOINT.matcher(text);
    if (matcher.matches()) {
      return Optional.of(matcher);
    }
    if (!text.isEmpty()) {
      fault("CLUSTER_ENDPOINT", "a host or host:port");
    }
    if (get("AWS_SAM_LOCAL").isPresent()) {
      faults.add(
          "sam local creates no cluster, so name one: --parameter-overrides ClusterEndpoint=HOST"
              + " ClusterArn=ARN, or run the commands that exec:exec@dsql -Dsam=true prints");
    }
    return Optional.empty();
  }

  private int port(Matcher endpoint) {
    if (endpoint.group(2) == null) {
      return POSTGRESQL_PORT;
    }
    int port = Integer.parseInt(endpoint.group(2));
    if (port < 1 || port > 65_535) {
      fault("CLUSTER_ENDPOINT", "a host or host:port with a port from 1 to 65535");
    }
    return port;
  }

  private Identifier schema(String user) {
    String name = get("CLUSTER_SCHEMA").orElse(user.equals(Cluster.ADMIN) ? "public" : "myschema");
    Optional<String> wrong = Identifier.fault(name);
    if (wrong.isPresent()) {
      fault("CLUSTER_SCHEMA", "a schema's name (" + wrong.get() + ")");
      return new Identifier("public");
    }
    return new Identifier(name);
  }

  private Region region(String host) {
    Optional<String> given = get("CLUSTER_REGION");
    if (given.isPresent() && !REGION.matcher(given.get()).matches()) {
      fault("CLUSTER_REGION", "a region such as eu-central-1");
    }
    Matcher matcher = PUBLIC_HOST.matcher(host);
    Optional<String> region = given;
    if (region.isEmpty()) {
      region = matcher.matches() ? Optional.of(matcher.group(1)) : get("AWS_REGION");
    }
    if (region.isEmpty()) {
      faults.add(
          "CLUSTER_REGION is not set, and neither the endpoint nor AWS_REGION gives the region");
    }
    return Region.of(region.orElse("unknown"));
  }

  private Optional<Integer> integer(String name, int max) {
    Optional<String> text = get(name);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    if (text.get().matches("\\d{1,9}")) {
      int value = Integer.parseInt(text.get());
      if (value >= 1 && value <= max) {
        return Optional.of(value);
      }
    }
    fault(name, "a whole number from 1 to " + max);
    return Optional.of(1);
  }

  private Duration duration(String name, Duration absent) {
    Optional<String> text = get(name);
    if (text.isEmpty()) {
      return absent;
    }
    try {
      Duration duration = Duration.parse(text.get());
      if (duration.isPositive()) {
        return duration;
      }
    } catch (DateTimeParseException e) {
      // Reported below, with the value.
    }
    fault(name, "an ISO 8601 duration above zero, such as " + absent);
    return absent;
  }

  private Set<ActionName> actions(String name) {
    Optional<String> text = get(name);
    if (text.isEmpty()) {
      return EnumSet.allOf(ActionName.class);
    }
    Set<ActionName> actions = EnumSet.noneOf(ActionName.class);
    for (String word : text.get().split(",", -1)) {
      Optional<ActionName> action = ActionName.of(word.strip());
      if (action.isEmpty()) {
        fault(name, "a comma-separated list of create, insert, query");
        return actions;
      }
      actions.add(action.get());
    }
    return actions;
  }

  /// The level that Lambda sets if the log format is JSON.
  private LogLevel logLevel() {
    Optional<String> text = get("AWS_LAMBDA_LOG_LEVEL");
    if (text.isEmpty()) {
      return LogLevel.INFO;
    }
    for (LogLevel level : EnumSet.range(LogLevel.TRACE, LogLevel.FATAL)) {
      if (level.name().equalsIgnoreCase(text.get())) {
        return level;
      }
    }
    fault("AWS_LAMBDA_LOG_LEVEL", "one of TRACE, DEBUG, INFO, WARN, ERROR, FATAL");
    return LogLevel.INFO;
  }

  /// Checks the action now; it is decoded again for each event, whose id then is its key.
  private Optional<Json> scheduledAction() {
    Optional<String> text = get("SCHEDULED_ACTION");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Faults found = new Faults();
    try {
      Json action = RequestText.parse(text.get(), found);
      RequestDecoder.decode(action, Optional.of(new IdempotencyKey("an event's id")), found);
      return Optional.of(action);
    } catch (JsonText.Malformed e) {
      fault("SCHEDULED_ACTION", "an action object (" + e.getMessage() + ")");
    } catch (InvalidRequest e) {
      fault(
          "SCHEDULED_ACTION",
          "an action object ("
              + e.faults().stream()
                  .map(fault -> fault.pointer() + ": " + fault.detail())
                  .collect(Collectors.joining(", "))
              + ")");
    }
    return Optional.empty();
  }
}
