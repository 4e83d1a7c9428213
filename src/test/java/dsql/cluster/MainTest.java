package dsql.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dsql.local.LocalDsql;
import dsql.local.auth.Credentials;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The check as a program of its own, against a local endpoint.
@Tag("slow")
class MainTest {

  /// Cases that meet each kind of thing that a check makes.
  private static final String SOME =
      "^(one database|roles|views, schemas, functions|a failing unique build|domain|ten schemas"
          + "|ddl against an idle session|catalogs said to be unusable|one key inserted twice)$";

  @TempDir private Path directory;

  private record Ended(int status, String output, String errors) {}

  @Test
  void theWholeOfItDiffersInNothingAndLeavesNothing()
      throws IOException, InterruptedException, SQLException {
    try (LocalDsql dsql =
        LocalDsql.builder().weighs(true).jobDelay(Duration.ofMillis(700)).start()) {
      String before = content(dsql);
      Ended ended = end(start(dsql, "-Dcluster.exclusive=true"));
      assertEquals(Check.SAME, ended.status(), ended::toString);
      assertFalse(ended.output().contains("Skipped"), ended::toString);
      assertEquals(before, content(dsql));
      String text = Files.readString(report());
      JsonObject report = new Gson().fromJson(text, JsonObject.class);
      assertTrue(report.get("same").getAsBoolean());
      assertEquals("16.15", report.getAsJsonObject("server").get("server_version").getAsString());
      assertHoldsNoSecret(dsql, text);
      assertPageTells(report.get("statements").getAsLong());
    }
  }

  @Test
  void tellsWhereAnEndpointDiffers() throws IOException, InterruptedException, SQLException {
    try (LocalDsql dsql = LocalDsql.builder().staleCatalogs(false).start()) {
      String before = content(dsql);
      Ended ended = end(start(dsql, "-Dcluster.only=" + SOME));
      assertEquals(Check.DIFFERENT, ended.status(), ended::toString);
      assertTrue(
          ended
              .output()
              .contains(
                  "| ddl against an idle session | skill:troubleshooting; lint:cluster tests | simple"
                      + " | SELECT count(*) FROM t | ! 40001 schema has been updated by another"
                      + " transaction (OC001) | = 0 |"),
          ended::toString);
      assertTrue(ended.output().contains("| ten schemas |"), "skipped, for others use the cluster");
      assertEquals(before, content(dsql));
      JsonObject report = new Gson().fromJson(Files.readString(report()), JsonObject.class);
      assertFalse(report.get("same").getAsBoolean());
      List<String> differing = new ArrayList<>();
      for (JsonElement c : report.getAsJsonArray("cases")) {
        JsonObject one = c.getAsJsonObject();
        if (one.has("holds") && !one.get("holds").getAsBoolean() && !one.has("gap")) {
          differing.add(one.get("case").getAsString());
        }
      }
      assertEquals(
          List.of("ddl against an idle session", "ddl against an idle session"), differing);
    }
  }

  @Test
  void aRoleRunsInItsOwnSchemaAndLeavesItEmpty()
      throws IOException, InterruptedException, SQLException {
    try (LocalDsql dsql = LocalDsql.builder().role("app", "myschema").start()) {
      String before = content(dsql);
      String[] options = {
        "-Dcluster.user=app", "-Dcluster.schema=myschema", "-Dcluster.only=" + SOME
      };
      Ended ended = end(start(dsql, options));
      assertEquals(Check.SAME, ended.status(), ended::toString);
      assertTrue(ended.output().contains("takes the rights of admin"), ended::toString);
      assertEquals(before, content(dsql));

      run(dsql, "CREATE TABLE myschema.precious (id int)");
      ended = end(start(dsql, options));
      assertEquals(Check.NOT_RUN, ended.status(), ended::toString);
      assertTrue(
          ended.errors().contains("Schema myschema holds 1 objects: give an empty one"),
          ended::toString);
      run(dsql, "SELECT * FROM myschema.precious");
    }
  }

  @Test
  void anInterruptRemovesWhatWasMade() throws IOException, InterruptedException, SQLException {
    try (LocalDsql dsql = LocalDsql.start()) {
      String before = content(dsql);
      Process process = start(dsql);
      try (BufferedReader output = process.inputReader(UTF_8)) {
        assertTrue(output.readLine().startsWith("Running in schema dsql_check_"));
        process.toHandle().destroy();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
      } finally {
        process.destroyForcibly();
      }
      assertEquals(before, content(dsql));
    }
  }

  @Test
  void aLogInThatFailsIsTold() throws IOException, InterruptedException {
    try (LocalDsql dsql = LocalDsql.start()) {
      Ended ended = end(start(dsql, "-Dcluster.user=nobody", "-Dcluster.schema=s"));
      assertEquals(Check.NOT_RUN, ended.status());
      assertTrue(
          ended
              .errors()
              .startsWith("Could not run: FATAL: unable to accept connection, access denied"),
          ended::toString);
      assertHoldsNoSecret(dsql, ended.errors());
      ended = end(start(dsql, "-Dcluster.endpoint="));
      assertEquals(Check.NOT_RUN, ended.status());
      assertTrue(ended.errors().startsWith("Give -Dcluster.endpoint="), ended::toString);
    }
  }

  /// Conflicts make it a few more or less.
  private static void assertPageTells(long statements) throws IOException {
    Matcher told =
        Pattern.compile("some ([\\d,]+) statements")
            .matcher(Files.readString(Path.of("docs", "cluster.md")));
    assertTrue(told.find());
    double number = Double.parseDouble(told.group(1).replace(",", ""));
    assertEquals(1, statements / number, 0.15, () -> "docs/cluster.md; sent were " + statements);
  }

  private Path report() {
    return directory.resolve("cluster.json");
  }

  private Process start(LocalDsql dsql, String... options) throws IOException {
    Credentials credentials = dsql.credentials();
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djavax.net.ssl.trustStore=" + dsql.trustStore(),
                "-Djavax.net.ssl.trustStorePassword=" + dsql.trustStorePassword(),
                "-Daws.accessKeyId=" + credentials.accessKeyId(),
                "-Daws.secretAccessKey=" + credentials.secretAccessKey(),
                "-Daws.sessionToken=" + credentials.sessionToken(),
                "-Dcluster.endpoint=" + dsql.endpoint(),
                "-Dcluster.region=" + dsql.region(),
                "-Dcluster.report=" + report()));
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    return new ProcessBuilder(command).redirectError(directory.resolve("errors").toFile()).start();
  }

  private Ended end(Process process) throws IOException, InterruptedException {
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    return new Ended(process.waitFor(), output, Files.readString(directory.resolve("errors")));
  }

  private static void assertHoldsNoSecret(LocalDsql dsql, String text) {
    Credentials credentials = dsql.credentials();
    for (String secret :
        List.of(
            credentials.accessKeyId(),
            credentials.secretAccessKey(),
            credentials.sessionToken(),
            "X-Amz-",
            dsql.host() + ":",
            ":123456789012:")) {
      assertFalse(text.contains(secret), secret);
    }
  }

  /// Schemas, roles, mappings and the content of every schema.
  private static String content(LocalDsql dsql) throws SQLException {
    try (Connection connection = dsql.superuser().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                SELECT (SELECT string_agg(nspname, ' ' ORDER BY nspname) FROM pg_namespace
                    WHERE nspname NOT LIKE 'pg_t%'),
                  (SELECT string_agg(rolname, ' ' ORDER BY rolname) FROM pg_roles),
                  (SELECT count(*) FROM pg_class WHERE relnamespace::regnamespace::text NOT LIKE 'pg_t%'),
                  (SELECT count(*) FROM pg_proc), (SELECT count(*) FROM pg_type WHERE typtype = 'd'),
                  (SELECT count(*) FROM sys.iam_pg_role_mappings)\
                """)) {
      row.next();
      List<String> found = new ArrayList<>();
      for (int i = 1; i <= 6; i++) {
        found.add(row.getString(i));
      }
      return String.join(", ", found);
    }
  }

  private static void run(LocalDsql dsql, String sql) throws SQLException {
    try (Connection connection = dsql.superuser().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
