package dsql.cluster;

import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What to check and how.
///
/// @param host the endpoint without its port
/// @param schema a user's own; empty for admin, who makes one
/// @param exclusive whether nobody else uses the cluster
/// @param only what the titles of the cases to run have in them, as a regular expression; empty for
///   all of them
/// @param report where the answers go
record Target(
    String host,
    int port,
    String user,
    String region,
    String schema,
    boolean exclusive,
    String only,
    String report) {

  private static final Pattern ENDPOINT = Pattern.compile("([A-Za-z0-9.-]+)(?::(\\d{1,5}))?");
  private static final Pattern PUBLIC_HOST = Pattern.compile(".+\\.([a-z0-9-]+)\\.on\\.aws");

  /// Reads the properties `cluster.endpoint` and so on.
  ///
  /// @throws IllegalArgumentException where one is missing or none that it can be
  static Target of(Function<String, @Nullable String> properties) {
    Matcher endpoint = ENDPOINT.matcher(get(properties, "cluster.endpoint").orElse(""));
    if (!endpoint.matches()) {
      throw new IllegalArgumentException(
          "Give -Dcluster.endpoint=<id>.dsql.<region>.on.aws, the cluster's endpoint.");
    }
    String user = get(properties, "cluster.user").orElse("admin");
    String schema = get(properties, "cluster.schema").orElse("");
    if (user.equals("admin") != schema.isEmpty()) {
      throw new IllegalArgumentException(
          "Give -Dcluster.schema, an empty schema of its own, with any -Dcluster.user but admin,"
              + " and with no other: admin makes one.");
    }
    Matcher named = PUBLIC_HOST.matcher(endpoint.group(1));
    Optional<String> region = get(properties, "cluster.region");
    if (region.isEmpty() && !named.matches()) {
      throw new IllegalArgumentException(
          "Give -Dcluster.region: the endpoint's name does not tell it.");
    }
    return new Target(
        endpoint.group(1),
        endpoint.group(2) == null ? 5432 : Integer.parseInt(endpoint.group(2)),
        user,
        region.orElseGet(() -> named.group(1)),
        schema,
        get(properties, "cluster.exclusive").orElse("false").equals("true"),
        get(properties, "cluster.only").orElse(""),
        get(properties, "cluster.report").orElse("target/cluster.json"));
  }

  private static Optional<String> get(Function<String, @Nullable String> properties, String name) {
    return Optional.ofNullable(properties.apply(name)).filter(text -> !text.isBlank());
  }

  boolean isAdmin() {
    return user.equals("admin");
  }
}
