package dsql.lambda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.amazonaws.services.lambda.runtime.logging.LogLevel;
import dsql.action.ActionName;
import dsql.action.Identifier;
import dsql.db.pool.ConnectionPool.Limits;
import dsql.json.Json.Member;
import dsql.json.Json.Obj;
import dsql.json.Json.Str;
import dsql.lambda.Config.Cluster;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.regions.Region;

@Tag("unit")
class ConfigTest {

  private static final String HOST = "abcdefghijklmnopqrstuvwxyz.dsql.eu-central-1.on.aws";
  private static final Set<ActionName> ALL = Set.of(ActionName.values());

  @Test
  void hasDefaultsForAllButEndpointAndUser() {
    assertEquals(
        new Config(
            new Cluster(HOST, 5432, "admin", new Identifier("public"), Region.EU_CENTRAL_1),
            new Limits(1, Duration.ofMinutes(50), Duration.ofSeconds(10)),
            Duration.ofSeconds(5),
            5,
            Duration.ofDays(7),
            Map.of(Door.DIRECT, ALL, Door.HTTP, ALL, Door.SCHEDULE, ALL),
            Optional.empty(),
            "local",
            LogLevel.INFO),
        Config.from(Map.of("CLUSTER_ENDPOINT", HOST, "CLUSTER_USER", "admin")));
  }

  @Test
  void readsEveryVariable() {
    Map<String, String> environment = new HashMap<>();
    environment.put("CLUSTER_ENDPOINT", "localhost:6543");
    environment.put("CLUSTER_USER", "app");
    environment.put("CLUSTER_SCHEMA", "My Schema");
    environment.put("CLUSTER_REGION", "us-west-2");
    environment.put("AWS_REGION", "us-east-1");
    environment.put("POOL_MAX", "7");
    environment.put("AWS_LAMBDA_MAX_CONCURRENCY", "9");
    environment.put("POOL_MAX_LIFETIME", "PT55M");
    environment.put("POOL_MAX_IDLE", "PT0.5S");
    environment.put("CONNECT_TIMEOUT", "PT2S");
    environment.put("RETRY_MAX_ATTEMPTS", "1");
    environment.put("LEDGER_TTL", "P1DT12H");
    environment.put("HTTP_ACTIONS", "query");
    environment.put("DIRECT_ACTIONS", " insert , query,query");
    environment.put("SCHEDULE_ACTIONS", "create,insert,query");
    environment.put("SCHEDULED_ACTION", "{\"action\":\"query\",\"table\":\"owner\"}");
    environment.put("AWS_LAMBDA_FUNCTION_NAME", "writer");
    environment.put("AWS_LAMBDA_LOG_LEVEL", "warn");
    assertEquals(
        new Config(
            new Cluster("localhost", 6543, "app", new Identifier("My Schema"), Region.US_WEST_2),
            new Limits(7, Duration.ofMinutes(55), Duration.ofMillis(500)),
            Duration.ofSeconds(2),
            1,
            Duration.ofHours(36),
            Map.of(
                Door.HTTP,
                Set.of(ActionName.QUERY),
                Door.DIRECT,
                Set.of(ActionName.INSERT, ActionName.QUERY),
                Door.SCHEDULE,
                ALL),
            Optional.of(
                new Obj(
                    List.of(
                        new Member("action", new Str("query")),
                        new Member("table", new Str("owner"))))),
            "writer",
            LogLevel.WARN),
        Config.from(environment));
  }

  @Test
  void emptyCountsAsUnset() {
    Map<String, String> environment = new HashMap<>();
    for (String name :
        List.of(
            "CLUSTER_SCHEMA",
            "CLUSTER_REGION",
            "POOL_MAX",
            "AWS_LAMBDA_MAX_CONCURRENCY",
            "POOL_MAX_LIFETIME",
            "POOL_MAX_IDLE",
            "CONNECT_TIMEOUT",
            "RETRY_MAX_ATTEMPTS",
            "LEDGER_TTL",
            "HTTP_ACTIONS",
            "DIRECT_ACTIONS",
            "SCHEDULE_ACTIONS",
            "SCHEDULED_ACTION",
            "AWS_LAMBDA_FUNCTION_NAME",
            "AWS_LAMBDA_LOG_LEVEL")) {
      environment.put(name, name.length() % 2 == 0 ? "" : " ");
    }
    environment.put("CLUSTER_ENDPOINT", HOST);
    environment.put("CLUSTER_USER", "admin");
    assertEquals(
        Config.from(Map.of("CLUSTER_ENDPOINT", HOST, "CLUSTER_USER", "admin")),
        Config.from(environment));
  }

  @Test
  void rolesHaveASchemaOfTheirOwnAndNoAdminToken() {
    Cluster role = Config.from(Map.of("CLUSTER_ENDPOINT", HOST, "CLUSTER_USER", "Admin")).cluster();
    assertEquals(new Identifier("myschema"), role.schema());
    assertFalse(role.isAdmin());
    assertTrue(
        Config.from(Map.of("CLUSTER_ENDPOINT", HOST, "CLUSTER_USER", "admin")).cluster().isAdmin());
  }

  @Test
  void thePoolHoldsAsManyConnectionsAsLambdaRunsAtOnce() {
    assertEquals(
        16,
        Config.from(
                Map.of(
                    "CLUSTER_ENDPOINT",
                    HOST,
                    "CLUSTER_USER",
                    "app",
                    "AWS_LAMBDA_MAX_CONCURRENCY",
                    "16"))
            .pool()
            .max());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          abc.dsql.us-east-1.on.aws | us-east-1
          abc.dsql-fnh4.eu-west-3.on.aws | eu-west-3
          abc.dsql.ap-southeast-4.on.aws:5432 | ap-southeast-4
          abc.dsql.us-gov-west-1.on.aws | us-gov-west-1
          localhost:5432 | eu-north-1
          127.0.0.1 | eu-north-1
          on.aws | eu-north-1
          us-east-1.on.aws | eu-north-1
          abc.dsql.us-east-1.on.aws.example.com | eu-north-1
          """)
  void theEndpointTellsTheRegion(String endpoint, String region) {
    assertEquals(
        region,
        Config.from(
                Map.of(
                    "CLUSTER_ENDPOINT",
                    endpoint,
                    "CLUSTER_USER",
                    "admin",
                    "AWS_REGION",
                    "eu-north-1"))
            .cluster()
            .region()
            .id());
  }

  @Test
  void theGivenRegionWins() {
    assertEquals(
        "us-west-2",
        Config.from(
                Map.of(
                    "CLUSTER_ENDPOINT",
                    HOST,
                    "CLUSTER_USER",
                    "admin",
                    "CLUSTER_REGION",
                    "us-west-2"))
            .cluster()
            .region()
            .id());
  }

  @Test
  void namesWhatIsMissing() {
    assertEquals(
        "The function is not configured: CLUSTER_ENDPOINT is not set; CLUSTER_USER is not set;"
            + " CLUSTER_REGION is not set, and neither the endpoint nor AWS_REGION gives the region.",
        refused(Map.of("CLUSTER_USER", " ")));
  }

  /// What SAM CLI makes of the endpoint of a cluster that the template would make.
  @Test
  void saysHowToNameAClusterUnderSamLocal() {
    String message =
        refused(
            Map.of(
                "CLUSTER_ENDPOINT",
                "$Cluster.Endpoint",
                "CLUSTER_USER",
                "admin",
                "AWS_REGION",
                "us-east-1",
                "AWS_SAM_LOCAL",
                "true"));
    assertEquals(
        "The function is not configured: CLUSTER_ENDPOINT is a host or host:port, not"
            + " '$Cluster.Endpoint'; sam local creates no cluster, so name one:"
            + " --parameter-overrides ClusterEndpoint=HOST ClusterArn=ARN, or run the commands that"
            + " exec:exec@dsql -Dsam=true prints.",
        message);
  }

  @Test
  void namesEveryFaultWithTheValueGiven() {
    Map<String, String> environment = new HashMap<>();
    environment.put("CLUSTER_ENDPOINT", "https://" + HOST);
    environment.put("CLUSTER_USER", "admin");
    environment.put("CLUSTER_SCHEMA", "x".repeat(64));
    environment.put("CLUSTER_REGION", "Europe");
    environment.put("POOL_MAX", "0");
    environment.put("AWS_LAMBDA_MAX_CONCURRENCY", "many");
    environment.put("POOL_MAX_LIFETIME", "PT55M0.001S");
    environment.put("POOL_MAX_IDLE", "10s");
    environment.put("CONNECT_TIMEOUT", "PT0S");
    environment.put("RETRY_MAX_ATTEMPTS", "1.5");
    environment.put("LEDGER_TTL", "-P1D");
    environment.put("AWS_LAMBDA_LOG_LEVEL", "UNDEFINED");
    environment.put("HTTP_ACTIONS", "query,drop");
    environment.put("DIRECT_ACTIONS", "query,");
    environment.put("SCHEDULE_ACTIONS", "QUERY");
    environment.put("SCHEDULED_ACTION", "{\"action\":\"query\",\"limit\":0}");
    String message = refused(environment);
    for (String fault :
        List.of(
            "CLUSTER_ENDPOINT is a host or host:port, not 'https://" + HOST + "'",
            "not '" + "x".repeat(64) + "'",
            "CLUSTER_REGION is a region such as eu-central-1, not 'Europe'",
            "POOL_MAX is a whole number from 1 to 1000, not '0'",
            "POOL_MAX_LIFETIME is at most PT55M: the server cuts a connection at PT60M, not 'PT55M0.001S'",
            "POOL_MAX_IDLE is an ISO 8601 duration above zero, such as PT10S, not '10s'",
            "CONNECT_TIMEOUT is an ISO 8601 duration above zero, such as PT5S, not 'PT0S'",
            "RETRY_MAX_ATTEMPTS is a whole number from 1 to 100, not '1.5'",
            "LEDGER_TTL is an ISO 8601 duration above zero, such as PT168H, not '-P1D'",
            "AWS_LAMBDA_LOG_LEVEL is one of TRACE, DEBUG, INFO, WARN, ERROR, FATAL, not 'UNDEFINED'",
            "HTTP_ACTIONS is a comma-separated list of create, insert, query, not 'query,drop'",
            "DIRECT_ACTIONS is a comma-separated list of create, insert, query, not 'query,'",
            "SCHEDULE_ACTIONS is a comma-separated list of create, insert, query, not 'QUERY'",
            "SCHEDULED_ACTION is an action object (/table: this field is required, /limit: give a"
                + " whole number from 1 to 10000), not '{\"action\":\"query\",\"limit\":0}'")) {
      assertTrue(message.contains(fault), () -> fault + " in " + message);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "host:0",
        "host:65536",
        "host:99999",
        "host:port",
        "host:",
        ":5432",
        "a host",
        "host/path",
        "user@host",
        "[::1]:5432",
        "host?sslmode=disable"
      })
  void refusesOtherEndpoints(String endpoint) {
    String message =
        refused(
            Map.of("CLUSTER_ENDPOINT", endpoint, "CLUSTER_USER", "u", "AWS_REGION", "us-east-1"));
    assertTrue(message.contains("CLUSTER_ENDPOINT is a host or host:port"), message);
    assertTrue(message.endsWith("not '" + endpoint + "'."), message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "1001", "99999999999", "+1", "1 ", "x"})
  void refusesOtherPoolSizes(String size) {
    assertEquals(
        "The function is not configured: POOL_MAX is a whole number from 1 to 1000, not '"
            + size
            + "'.",
        refused(Map.of("CLUSTER_ENDPOINT", HOST, "CLUSTER_USER", "admin", "POOL_MAX", size)));
  }

  @Test
  void refusesAScheduledActionThatIsNoJson() {
    String message =
        refused(
            Map.of(
                "CLUSTER_ENDPOINT", HOST, "CLUSTER_USER", "admin", "SCHEDULED_ACTION", "{query}"));
    assertTrue(message.contains("SCHEDULED_ACTION is an action object (not JSON"), message);
    assertTrue(message.endsWith("not '{query}'."), message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT1S", "PT59M59.999S", "PT8760H0.001S", "P366D", "PT9999999H"})
  void refusesTimesForWhichAKeyMustNotBeKept(String ttl) {
    assertEquals(
        "The function is not configured: LEDGER_TTL is from PT1H to PT8760H, not '" + ttl + "'.",
        refused(Map.of("CLUSTER_ENDPOINT", HOST, "CLUSTER_USER", "admin", "LEDGER_TTL", ttl)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT1H", "PT8760H", "P365D"})
  void takesTimesForWhichAKeyMayBeKept(String ttl) {
    assertEquals(
        Duration.parse(ttl),
        Config.from(Map.of("CLUSTER_ENDPOINT", HOST, "CLUSTER_USER", "admin", "LEDGER_TTL", ttl))
            .ledgerTtl());
  }

  @Test
  void aScheduledInsertMayGoInChunksForEachEventIsItsKey() {
    String action =
        "{\"action\":\"insert\",\"table\":\"t\",\"rows\":[{\"a\":1}],\"atomicity\":\"chunk\"}";
    assertTrue(
        Config.from(
                Map.of(
                    "CLUSTER_ENDPOINT", HOST, "CLUSTER_USER", "admin", "SCHEDULED_ACTION", action))
            .scheduledAction()
            .isPresent());
  }

  private static String refused(Map<String, String> environment) {
    return String.valueOf(
        assertThrows(InvalidConfiguration.class, () -> Config.from(environment)).getMessage());
  }
}
