package dsql.lambda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import dsql.JsonAssert;
import dsql.SharedDsql;
import dsql.Tables;
import dsql.docs.MarkdownPage;
import dsql.lambda.telemetry.Metric;
import dsql.local.LocalDsql;
import dsql.local.sam.SamLocal;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// That `template.yaml` and the function agree. What the template says of itself is checked by
/// `.ci/check_template.py`.
@Tag("endToEnd")
final class TemplateTest {

  private static final Path TEMPLATE = Path.of("template.yaml");

  /// The block of the function's variables: every line that is indented further than its head.
  private static final Pattern VARIABLES =
      Pattern.compile("^( +)Variables:\\n((?:\\1 .*\\n)+)", Pattern.MULTILINE);

  private static final Pattern NAME = Pattern.compile("^ +([A-Z][A-Z_]*):", Pattern.MULTILINE);

  @Test
  void setsTheVariablesThatTheFunctionReads() throws IOException {
    Set<String> set = names(Files.readString(TEMPLATE));
    Set<String> read = read();
    // By which another revision is another function.
    read.add("REVISION");
    assertEquals(read, set);
  }

  /// What stands for the template that is deployed under `sam local`.
  @Test
  @ExtendWith(SharedDsql.class)
  void theTemplateForSamLocalAgreesWithTheDeployedOne(LocalDsql dsql, @TempDir Path directory)
      throws IOException {
    try (SamLocal local = SamLocal.in(directory.resolve("sam"))) {
      local.write(dsql);
    }
    String deployed = Files.readString(TEMPLATE);
    String local = Files.readString(directory.resolve("sam/template.yaml"));
    for (String property :
        List.of("Handler", "Runtime", "Timeout", "LogFormat", "Method", "PayloadFormatVersion")) {
      assertEquals(property(deployed, property), property(local, property), property);
    }
    assertEquals(
        property(deployed.substring(deployed.indexOf("  MemorySize:")), "Default"),
        property(local, "MemorySize"));
    Set<String> more = names(local);
    more.removeAll(names(deployed));
    assertEquals(
        Set.of(
            "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "JAVA_TOOL_OPTIONS"),
        more);
    assertTrue(names(local).containsAll(names(deployed)));
  }

  private static String property(String template, String name) {
    return Pattern.compile("^ +" + name + ": (\\S+)$", Pattern.MULTILINE)
        .matcher(template)
        .results()
        .findFirst()
        .orElseThrow()
        .group(1);
  }

  private static Set<String> names(String template) {
    Matcher block = VARIABLES.matcher(template);
    assertTrue(block.find());
    return NAME.matcher(block.group(2))
        .results()
        .map(r -> r.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /// The input of the template's own schedule, as EventBridge Scheduler delivers it.
  @Test
  @ExtendWith(SharedDsql.class)
  void theScheduledActionRunsOnceForEachTime(LocalDsql dsql) throws IOException, SQLException {
    Tables.fresh(dsql, "visit", "at timestamptz PRIMARY KEY DEFAULT now(), note text");
    String input =
        Pattern.compile("^ +- !Sub >-\\n +(\\{\"source\".*)\\n +(.*\\}\\})$", Pattern.MULTILINE)
            .matcher(Files.readString(TEMPLATE))
            .results()
            .map(r -> r.group(1) + " " + r.group(2))
            .findFirst()
            .orElseThrow();
    String event =
        input
            .replace(
                "${ScheduledAction}",
                "{\"action\":\"insert\",\"table\":\"visit\","
                    + "\"rows\":[{\"note\":\"at <aws.scheduler.scheduled-time>\"}]}")
            .replace(
                "<aws.scheduler.schedule-arn>",
                "arn:aws:scheduler:us-east-1:123456789012:schedule/default/dsql-lambda-Schedule")
            .replace("<aws.scheduler.scheduled-time>", "2026-11-25T06:00:00Z");
    try (LocalFunction function = new LocalFunction(dsql, Map.of("CLUSTER_USER", "admin"))) {
      assertEquals("false", JsonAssert.at(function.invoke(event), "replayed"));
      assertEquals("true", JsonAssert.at(function.invoke(event), "replayed"));
      String later = event.replace("25T06", "26T06");
      assertEquals("false", JsonAssert.at(function.invoke(later), "replayed"));
    }
    assertEquals("2", Tables.value(dsql, "SELECT count(*) FROM public.visit"));
    Tables.drop(dsql, "visit");
  }

  /// The block of an alarm, or a line of the dashboard.
  private static final Pattern METRIC =
      Pattern.compile("(?:Namespace: DsqlFunction\\s+MetricName: |\"DsqlFunction\", \")(\\w+)");

  @Test
  void watchesTheMetricsThatTheFunctionWrites() throws IOException {
    Set<String> watched =
        METRIC
            .matcher(Files.readString(TEMPLATE))
            .results()
            .map(r -> r.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    // Lambda has a metric of its own for these.
    watched.add("Invocations");
    assertEquals(units().keySet(), watched);
  }

  @Test
  void thePageDefinesEachMetric() throws IOException {
    Map<String, String> told = new TreeMap<>();
    MarkdownPage.read("docs/reference/telemetry.md")
        .table("Metrics", 0)
        .forEach((name, cells) -> told.put(name, cells.get(1)));
    assertEquals(units(), told);
  }

  private static Map<String, String> units() {
    Map<String, String> units = new TreeMap<>();
    for (Metric metric : Metric.values()) {
      units.put(metric.text(), metric.unit());
    }
    return units;
  }

  @Test
  void namesAHandlerThatExists() throws Exception {
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
        Reply.class, handler.getMethod(name.group(2), Event.class, Context.class).getReturnType());
  }

  /// What a configuration asks its environment for, less what the platform sets.
  private static Set<String> read() {
    Set<String> asked = ConfigurationPageTest.asked();
    asked.removeIf(name -> name.startsWith("AWS_"));
    return asked;
  }
}
