package dsql.lambda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import dsql.db.retry.Work;
import dsql.json.JsonWriter;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.AbstractMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// That `template.yaml` and the function agree. What the template says of itself is checked by
/// `.ci/check_template.py`.
final class TemplateTest {

  private static final Path TEMPLATE = Path.of("template.yaml");

  /// The block of the function's variables: every line that is indented further than its head.
  private static final Pattern VARIABLES =
      Pattern.compile("^( +)Variables:\\n((?:\\1 .*\\n)+)", Pattern.MULTILINE);

  private static final Pattern NAME = Pattern.compile("^ +([A-Z][A-Z_]*):", Pattern.MULTILINE);

  @Test
  void setsTheVariablesThatTheFunctionReads() throws IOException {
    Matcher block = VARIABLES.matcher(Files.readString(TEMPLATE));
    assertTrue(block.find());
    Set<String> set =
        NAME.matcher(block.group(2)).results().map(r -> r.group(1)).collect(Collectors.toSet());

    assertEquals(new TreeSet<>(read()), new TreeSet<>(set));
  }

  /// The block of an alarm, or a line of the dashboard.
  private static final Pattern METRIC =
      Pattern.compile("(?:Namespace: DsqlFunction\\s+MetricName: |\"DsqlFunction\", \")(\\w+)");

  @Test
  void watchesTheMetricsThatTheFunctionWrites() throws IOException {
    JsonWriter line = new JsonWriter().beginObject();
    new Metrics("f")
        .write(
            line, new Tally(() -> 0, Duration.ZERO), Work.NONE, true, Instant.EPOCH, Duration.ZERO);
    Set<String> written =
        JsonAssert.object(line.endObject().toString())
            .getAsJsonObject("_aws")
            .getAsJsonArray("CloudWatchMetrics")
            .get(0)
            .getAsJsonObject()
            .getAsJsonArray("Metrics")
            .asList()
            .stream()
            .map(metric -> metric.getAsJsonObject().get("Name").getAsString())
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> watched =
        METRIC
            .matcher(Files.readString(TEMPLATE))
            .results()
            .map(r -> r.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    // Lambda has a metric of its own for these.
    watched.add("Invocations");
    assertEquals(written, watched);
  }

  @Test
  void namesTheHandler() throws Exception {
    MatchResult name =
        Pattern.compile("^ +Handler: (\\S+)::(\\S+)$", Pattern.MULTILINE)
            .matcher(Files.readString(TEMPLATE))
            .results()
            .findFirst()
            .orElseThrow();

    Class<?> handler = Class.forName(name.group(1));
    assertTrue(RequestHandler.class.isAssignableFrom(handler));
    assertTrue(Modifier.isPublic(handler.getConstructor().getModifiers()));
    assertEquals(
        Reply.class,
        handler.getMethod(name.group(2), Received.class, Context.class).getReturnType());
  }

  /// What a configuration asks its environment for, less what Lambda itself sets.
  private static Set<String> read() {
    Set<String> asked = new TreeSet<>();
    Map<String, String> given = Map.of("CLUSTER_ENDPOINT", "example", "CLUSTER_USER", "admin");
    Map<String, String> environment =
        new AbstractMap<>() {
          @Override
          public @Nullable String get(Object name) {
            asked.add((String) name);
            return name.equals("AWS_REGION") ? "us-east-1" : given.get(name);
          }

          @Override
          public Set<Entry<String, String>> entrySet() {
            return given.entrySet();
          }
        };
    Config.from(environment);
    asked.removeIf(name -> name.startsWith("AWS_"));
    return asked;
  }
}
